"""Find the evidence score from which on an index's answers are worth giving.

The scores of questions that the docs answer and of questions that they don't overlap; where to cut
is chosen by what each mistake costs, with few right answers lost.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

# A right answer withheld is worse than a wrong one that is quoted with its source, up to here.
_MOST_REFUSED = 0.1


@dataclass(frozen=True, slots=True)
class Calibration:
    """A threshold, and the shares of questions that it gets wrong.

    `refused` of those that the docs answer, `answered` of the others, None when there are none.
    """

    threshold: float
    refused: float
    answered: float | None


def calibrate(answerable: Sequence[float], others: Sequence[float]) -> Calibration:
    """Return the threshold that makes the two shares of mistakes smallest together.

    Without other questions it is the one that refuses at most one in ten that the docs answer.
    `answerable` must not be empty.
    """
    scores = sorted({*answerable, *others})
    between = [(low + high) / 2 for low, high in pairwise(scores)]
    options = [_judged(threshold, answerable, others) for threshold in [scores[0], *between]]
    if not others:
        return max(
            (option for option in options if option.refused <= _MOST_REFUSED),
            key=lambda option: option.threshold,
        )
    return min(
        options, key=lambda option: (option.refused + (option.answered or 0), option.refused)
    )


def _judged(threshold: float, answerable: Sequence[float], others: Sequence[float]) -> Calibration:
    refused = sum(score < threshold for score in answerable) / len(answerable)
    answered = sum(score >= threshold for score in others) / len(others) if others else None
    return Calibration(threshold, refused, answered)

"""Fit the weights by which evidence is judged, and judge the fit on docs that it has not seen.

Each corpus counts alike, and so do in each the questions that it answers and those that it doesn't,
whatever their numbers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from server.search.abstention import EvidenceMeasures, EvidenceWeights

_Floats = NDArray[np.float64]

# Keeps the weights finite where a line parts all questions; on measures of unit variance.
_RIDGE = 0.006
_STEPS = 50
_ENOUGH = 1e-9


@dataclass(frozen=True, slots=True)
class Observation:
    """What a question found in a corpus; `asked_of` names the docs that it is a question about."""

    corpus: str
    asked_of: str
    answerable: bool
    measures: EvidenceMeasures


@dataclass(frozen=True, slots=True)
class HeldOut:
    """What the weights of the other corpora do on one corpus, as counts and probabilities."""

    corpus: str
    own: tuple[float, ...]
    others: tuple[float, ...]

    def refused(self, threshold: float) -> float:
        """Return the share of the corpus's own questions that a threshold refuses."""
        return _share(score < threshold for score in self.own)

    def answered(self, threshold: float) -> float:
        """Return the share of the questions it has no answer to that a threshold lets pass."""
        return _share(score >= threshold for score in self.others)


def without_vectors(seen: Observation) -> Observation:
    """Return what the question would have found in an index without vectors."""
    return replace(seen, measures=replace(seen.measures, near=None))


def fit_weights(observations: Sequence[Observation]) -> EvidenceWeights:
    """Fit the logistic model; observations without a similarity are fitted to words alone."""
    measures = np.array([[seen.measures.near or 0.0, seen.measures.words] for seen in observations])
    answers = np.array([float(seen.answerable) for seen in observations])
    shares = _shares(observations)
    means = shares @ measures
    scales = np.sqrt(shares @ (measures - means) ** 2)
    scales[scales == 0] = 1.0
    columns = np.column_stack([np.ones(len(answers)), (measures - means) / scales])
    fitted = _newton(columns, answers, shares)
    slopes = fitted[1:] / scales
    bias = fitted[0] - slopes @ means
    return EvidenceWeights(bias=float(bias), near=float(slopes[0]), words=float(slopes[1]))


def held_out(observations: Sequence[Observation]) -> list[HeldOut]:
    """Judge each corpus by weights that were fitted to the others."""
    judged = []
    for corpus in dict.fromkeys(seen.corpus for seen in observations):
        weights = fit_weights([seen for seen in observations if seen.corpus != corpus])
        scores = [
            (seen.answerable, weights.probability(seen.measures))
            for seen in observations
            if seen.corpus == corpus
        ]
        own = tuple(score for answerable, score in scores if answerable)
        others = tuple(score for answerable, score in scores if not answerable)
        judged.append(HeldOut(corpus, own, others))
    return judged


def _newton(columns: _Floats, answers: _Floats, shares: _Floats) -> _Floats:
    penalty = np.diag([0.0] + [_RIDGE] * (columns.shape[1] - 1))
    found = np.zeros(columns.shape[1])
    for _ in range(_STEPS):
        likely = 1 / (1 + np.exp(-(columns @ found)))
        slope = columns.T @ (shares * (likely - answers)) + penalty @ found
        bend = (columns.T * (shares * likely * (1 - likely))) @ columns + penalty
        step = np.linalg.solve(bend, slope)
        found = found - step
        if np.abs(step).max() < _ENOUGH:
            break
    return found


def _shares(observations: Sequence[Observation]) -> _Floats:
    """Share the weight out: among corpora, then answers and none, then the docs asked about."""
    groups = [(seen.corpus, seen.answerable, seen.asked_of) for seen in observations]
    sets = {group: groups.count(group) for group in set(groups)}
    sides: dict[tuple[str, bool], int] = {}
    for corpus, answerable, _ in sets:
        sides[corpus, answerable] = sides.get((corpus, answerable), 0) + 1
    weights: _Floats = np.array([1 / sets[group] / sides[group[:2]] for group in groups])
    weights /= weights.sum()
    return weights


def _share(found: Iterable[bool]) -> float:
    values = list(found)
    return sum(values) / len(values) if values else 0.0

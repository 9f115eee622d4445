"""Confidence intervals of means by the percentile bootstrap."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_RESAMPLES = 10_000
# Resamples are drawn in blocks, so that a large set doesn't take all memory.
_BLOCK_CELLS = 1_000_000
# Fixed, so that the same results always give the same verdict.
_SEED = 20_240_229


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a mean lies with a given confidence."""

    low: float
    high: float


def mean_interval(
    values: Sequence[float], weights: Sequence[float], *, confidence: float
) -> Interval:
    """Return the interval of a weighted mean.

    Of paired differences it is the paired bootstrap: whole questions are drawn, so what makes a
    question hard for both runs cancels out. With one value the interval is that value.
    """
    data, weight = np.asarray(values, dtype=float), np.asarray(weights, dtype=float)
    generator = np.random.default_rng(_SEED)
    rows = max(1, _BLOCK_CELLS // len(data))
    means = []
    for start in range(0, _RESAMPLES, rows):
        shape = (min(rows, _RESAMPLES - start), len(data))
        drawn = generator.integers(0, len(data), size=shape)
        means.append((data[drawn] * weight[drawn]).sum(axis=1) / weight[drawn].sum(axis=1))
    tail = (1 - confidence) / 2
    low, high = np.quantile(np.concatenate(means), [tail, 1 - tail])
    return Interval(float(low), float(high))

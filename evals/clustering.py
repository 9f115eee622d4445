"""Group texts that ask for the same."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from store.ports import Vector

_ROUNDS = 3
_Matrix = NDArray[np.float64]


def cluster(vectors: Sequence[Vector], *, similarity: float) -> list[list[int]]:
    """Return groups of indexes; vectors have unit length, `similarity` is a cosine.

    Each vector joins the group whose mean is nearest, or begins one when none is as near as
    `similarity`; then all are assigned anew, so that the order matters little. In a group the most
    typical comes first, the nearest to the mean. Groups are in the order of their oldest vectors.
    """
    if not vectors:
        return []
    data = np.asarray(vectors, dtype=np.float64)
    labels = _first_labels(data, similarity)
    for _ in range(_ROUNDS):
        again = np.argmax(data @ _means(data, labels).T, axis=1)
        # A group that nobody is left in has no mean, so labels are counted from 0 again.
        again = np.unique(again, return_inverse=True)[1]
        if np.array_equal(again, labels):
            break
        labels = again
    means = _means(data, labels)
    groups = [np.flatnonzero(labels == label) for label in range(len(means))]
    groups.sort(key=lambda group: int(group[0]))
    return [
        [int(index) for index in group[np.argsort(-(data[group] @ means[label]), kind="stable")]]
        for group, label in ((group, labels[group[0]]) for group in groups)
    ]


def _first_labels(data: _Matrix, similarity: float) -> NDArray[np.intp]:
    labels = np.zeros(len(data), dtype=np.intp)
    sums = np.zeros_like(data)
    means = np.zeros_like(data)
    count = 0
    for index, vector in enumerate(data):
        cosines = means[:count] @ vector
        label = int(np.argmax(cosines)) if count else 0
        if not count or cosines[label] < similarity:
            label, count = count, count + 1
        labels[index] = label
        sums[label] += vector
        means[label] = sums[label] / np.linalg.norm(sums[label])
    return labels


def _means(data: _Matrix, labels: NDArray[np.intp]) -> _Matrix:
    sums = np.zeros((int(labels.max()) + 1, data.shape[1]))
    np.add.at(sums, labels, data)
    means: _Matrix = sums / np.linalg.norm(sums, axis=1, keepdims=True)
    return means

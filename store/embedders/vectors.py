"""Arithmetic that embedders share."""

import numpy as np
from numpy.typing import NDArray

from store.ports import Vector


def unit_vectors(rows: NDArray[np.float32]) -> list[Vector]:
    """Scale each row to length 1; a row of zeros stays as it is."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    vectors: list[Vector] = (rows / np.where(lengths == 0, 1, lengths)).tolist()
    return vectors

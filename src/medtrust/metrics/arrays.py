"""The array types that all metrics share, and sums that every processor makes alike."""

from math import fsum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]


def by_code(codes: Ints, weights: Floats | Bools, many: int) -> Floats:
    """Sum of the weights of each code; shape (many,)."""
    return np.bincount(codes, weights=weights, minlength=many).astype(np.float64)


def exact_sum(values: Floats) -> float:
    """The exact sum, rounded once: the same in any order and on any processor (Shewchuk 1997)."""
    return fsum(values.tolist())

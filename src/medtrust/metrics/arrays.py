"""The array types that all metrics share."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]


def by_code(codes: Ints, weights: Floats | Bools, many: int) -> Floats:
    """Sum of the weights of each code; shape (many,)."""
    return np.bincount(codes, weights=weights, minlength=many).astype(np.float64)

"""Student's t distribution for any degrees of freedom, without a library of 100 MB."""

from functools import lru_cache
from math import atan, cos, exp, fsum, lgamma, pi, sqrt, tan

import numpy as np

_NODES, _WEIGHTS = (each.tolist() for each in np.polynomial.legendre.leggauss(64))
LARGE = 1e4
"""Degrees of freedom from which on t is normal to four digits."""


def within(t: float, df: float) -> float:
    """Probability that a t-distributed number lies in [-t, t].

    With t = sqrt(df) tan(a) the density is proportional to cos(a) ** (df - 1), whose integral
    64 nodes give to 1e-9 (Abramowitz and Stegun, 26.7.1 and 25.4.29). Sums are exact, so that
    every processor gives the same bytes.
    """
    df = min(df, LARGE)
    angle = atan(t / sqrt(df))
    constant = exp(lgamma((df + 1) / 2) - lgamma(df / 2)) / sqrt(pi)
    at = zip(_NODES, _WEIGHTS, strict=True)
    area = fsum(weight * cos(angle * (node + 1) / 2) ** (df - 1) for node, weight in at)
    return min(1.0, constant * angle * area)


@lru_cache(maxsize=1 << 12)
def quantile(df: float, level: float = 0.95) -> float:
    """The t with probability `level` between -t and t; by bisection on the angle."""
    low, high = 0.0, pi / 2
    df = min(df, LARGE)
    for _ in range(40):  # to 1e-12
        middle = (low + high) / 2
        if within(sqrt(df) * tan(middle), df) < level:
            low = middle
        else:
            high = middle
    return sqrt(df) * tan(high)

"""Answers drawn with a known rate and a known correlation, on the benchmarks' own clusters.

Two ways of drawing, so that no interval is right by construction: `beta` (each cluster has a rate
of its own, beta distributed) and `all-or-nothing` (some clusters answer as one, in others each
answer is for itself).
"""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Way = Literal["beta", "all-or-nothing"]

CLUSTERS: Mapping[str, Sequence[int]] = {
    # Components of MediConfusion's 176 pairs by shared image or article (mediconfusion.md 4).
    "mediconfusion": (
        *(26, 20, 18, 8, 6, 5, 5, 5, 5, 4, 4),
        *((3,) * 7),
        *((2,) * 9),
        *((1,) * 31),
    ),
    # Questions an image (cares.md 3.1 to 3.3).
    "cares/ham10000": (2,) * 1000,
    "cares/iu-xray": (2,) * 7 + (3,) * 75 + (4,) * 199 + (5,) * 300 + (6,) * 4 + (7,) * 2,
    "cares/ol3i": (1,) * 1000,
}
"""How many units of each cluster there are."""


def cluster_of(sizes: Sequence[int]) -> Ints:
    """The cluster of each unit; shape (units,)."""
    return np.repeat(np.arange(len(sizes)), sizes)


def rates(
    generator: np.random.Generator, clusters: int, rate: float, rho: float, way: Way
) -> Floats:
    """The rate of each cluster; its units then differ by chance alone. Shape (clusters,)."""
    if rho == 0 or rate in {0.0, 1.0}:
        return np.full(clusters, rate)
    if way == "beta":
        spread = (1 - rho) / rho
        return generator.beta(rate * spread, (1 - rate) * spread, clusters)
    as_one = generator.random(clusters) < rho
    return np.where(as_one, generator.random(clusters) < rate, rate)


def answers(
    generator: np.random.Generator, sizes: Sequence[int], rate: float, rho: float, way: Way
) -> Floats:
    """1 for each right answer, 0 for each wrong one; shape (units,)."""
    own = rates(generator, len(sizes), rate, rho, way)[cluster_of(sizes)]
    return (generator.random(len(own)) < own).astype(np.float64)


def paired(
    generator: np.random.Generator,
    sizes: Sequence[int],
    gained: float,
    lost: float,
    rho: float,
    way: Way,
) -> Floats:
    """1 for each unit that is right on the first side only, -1 on the second only, else 0."""
    moved = answers(generator, sizes, gained + lost, rho, way)
    share = gained / (gained + lost) if gained + lost else 0.0
    up = answers(generator, sizes, share, rho, way)
    return np.where(moved == 1, 2 * up - 1, 0.0)

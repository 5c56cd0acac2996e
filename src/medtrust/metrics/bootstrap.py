"""The cluster bootstrap: whole clusters are drawn with replacement.

Questions that share an image, a patient or an article are not independent, so it is
clusters that are drawn, as many as there are, and an interval is the middle 95 % of
what the replicates give (percentile method). Sources: Efron and Tibshirani, An
Introduction to the Bootstrap (1993), section 13.3; Field and Welsh 2007, J. R. Stat.
Soc. B 69(3), 369-390 for whole clusters.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from medtrust.metrics.metric import Resampling
from medtrust.metrics.wilson import wilson

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]

LEVEL = 0.95
CHUNK = 1 << 19
"""Multiplicities held in memory at once (4 MiB), whatever the number of replicates; but
at least `ROWS` replicates, without which a matrix product is slow."""
ROWS = 64

NS_PER_DRAW = 6.0
NS_PER_KIND = 100.0
NS_PER_PRODUCT = 0.13
"""Measured nanoseconds, to choose between two ways to the same distribution: to draw one
cluster, to draw how often one kind of cluster comes, and to multiply and add once."""


class Interval(NamedTuple):
    """A value and the bounds of its 95 % interval."""

    value: float | None
    low: float | None
    high: float | None


def multiplicities(clusters: int, resampling: Resampling) -> Iterator[Floats]:
    """How often each cluster is in each replicate, some replicates at a time.

    Yields arrays of shape (some replicates, clusters) whose rows sum to `clusters`.
    """
    generator = np.random.default_rng(resampling.seed)
    for size in _chunks(resampling.replicates, clusters):
        counts = np.empty((size, clusters))
        for row in counts:  # one at a time stays in the processor's cache: twice as fast
            draws = generator.integers(clusters, size=clusters)
            row[:] = np.bincount(draws, minlength=clusters)
        yield counts


def replicate_sums(sums: Floats, resampling: Resampling) -> Floats:
    """Sums over the clusters of each replicate; all columns see the same replicates.

    Args:
        sums: Shape (clusters, columns): one cluster's sum of each quantity.
        resampling: Number of replicates and seed.

    Returns:
        Shape (replicates, columns).
    """
    kinds = _kinds(sums)
    if kinds is None:
        chunks = multiplicities(len(sums), resampling)
        return np.concatenate([counts @ sums for counts in chunks])
    # Clusters with equal sums are interchangeable: how often each kind of cluster is
    # drawn is multinomial, which is the same distribution for a fraction of the work.
    rows, sizes = kinds
    generator = np.random.default_rng(resampling.seed)
    return np.concatenate(
        [
            generator.multinomial(len(sums), sizes / len(sums), size=size).astype(float) @ rows
            for size in _chunks(resampling.replicates, len(rows))
        ]
    )


def interval(value: float | None, replicates: Floats, clusters: int) -> Interval:
    """The percentile interval of a share from its bootstrap replicates.

    Replicates that are not a number (an empty denominator) are left out. There is no
    interval with fewer than two clusters. Where all replicates agree, resampling has
    nothing to say, and a width of zero would be a lie: ten clusters that are all
    right do not prove that every one is. The interval is then Wilson's, with each
    cluster as one trial.

    Args:
        value: The share itself, in [0, 1] (or a difference in [-1, 1] of which only
            the magnitude will be used), None where nothing could be counted.
        replicates: The same quantity in each replicate.
        clusters: Number of clusters with a unit in the denominator.
    """
    finite = replicates[np.isfinite(replicates)]
    if value is None or clusters < 2 or not len(finite):
        return Interval(value, None, None)
    if np.ptp(finite) < 1e-9:  # sums of graded answers differ by rounding alone
        return Interval(value, *wilson(min(1.0, abs(value)) * clusters, clusters, LEVEL))
    low, high = np.quantile(finite, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(value, float(low), float(high))


def _chunks(replicates: int, width: int) -> Iterator[int]:
    rows = max(ROWS, CHUNK // width)
    for start in range(0, replicates, rows):
        yield min(rows, replicates - start)


def _kinds(sums: Floats) -> tuple[Floats, Ints] | None:
    """The distinct rows and how many clusters have each; None if too many to gain by it."""
    clusters, columns = sums.shape
    product = NS_PER_PRODUCT * columns
    limit = clusters * (NS_PER_DRAW + product) / (NS_PER_KIND + product)
    counts: dict[bytes, int] = {}
    for row in np.ascontiguousarray(sums):
        key = row.tobytes()
        counts[key] = counts.get(key, 0) + 1
        if len(counts) > limit:
            return None
    rows = np.frombuffer(b"".join(counts), dtype=np.float64).reshape(len(counts), columns)
    return rows, np.array(list(counts.values()), dtype=np.intp)

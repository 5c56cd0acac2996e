"""The cluster bootstrap: whole clusters are drawn with replacement.

Questions that share an image, a patient or an article are not independent, so it is
clusters that are drawn, as many as there are, and an interval is the middle 95 % of
what the replicates give (percentile method). Sources: Efron and Tibshirani, An
Introduction to the Bootstrap (1993), section 13.3; Field and Welsh 2007, J. R. Stat.
Soc. B 69(3), 369-390 for whole clusters.
"""

from collections import OrderedDict
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from medtrust.metrics.metric import Resampling
from medtrust.metrics.products import bits_of, products
from medtrust.metrics.wilson import wilson

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]
Counts = NDArray[np.uint8]

LEVEL = 0.95
KEPT = 1 << 26
"""Multiplicities, of a byte each, that are kept for whatever has as many clusters next."""
CHUNK = 1 << 16
"""Multiplicities looked at at once, whatever the number of replicates; but at least `ROWS`
replicates, without which a matrix product is slow. With a dozen columns a product is then one
of a million, which OpenBLAS still takes for a small one and does twice as fast."""
ROWS = 64
SINGLE = 24
"""Bits of a whole number that single precision holds exactly."""
REMEMBERED = 512
"""Columns of whole sums whose replicates are kept. Many results count the same questions: how
many there are of each group is a column of most of their tables."""
TAIL = 1.6
"""Standard deviations from the mean: 5.5 % of a normal distribution lie beyond on each side."""

NS_PER_DRAW = 6.0
NS_PER_KIND = 100.0
NS_PER_PRODUCT = 0.03
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
    for counts in _counts(clusters, resampling):
        yield counts.astype(np.float64)


def replicate_sums(sums: Floats, resampling: Resampling) -> Floats:
    """Sums over the clusters of each replicate; all columns see the same replicates.

    Args:
        sums: Shape (clusters, columns): one cluster's sum of each quantity.
        resampling: Number of replicates and seed.

    Returns:
        Shape (replicates, columns).
    """
    bits = bits_of(sums, len(sums))
    if _is_kept(len(sums), resampling):
        return _remembered(sums, bits, resampling).T
    kinds = _kinds(sums)
    if kinds is None:
        return products(_draw(len(sums), resampling), sums, bits, resampling.replicates).T
    # Clusters with equal sums are interchangeable: how often each kind of cluster is
    # drawn is multinomial, which is the same distribution for a fraction of the work.
    rows, sizes = kinds
    generator = np.random.default_rng(resampling.seed)
    drawn = (
        generator.multinomial(len(sums), sizes / len(sums), size=size)
        for size in _chunks(resampling.replicates, len(rows))
    )
    return products(drawn, rows, bits, resampling.replicates).T


def _remembered(sums: Floats, bits: Ints, resampling: Resampling) -> Floats:
    """As `products` of kept multiplicities, where columns seen before cost nothing."""
    known = _columns(len(sums), resampling)
    names = [column.tobytes() for column in np.ascontiguousarray(sums.T)]
    new = [place for place, name in enumerate(names) if name not in known]
    found = np.empty((len(names), resampling.replicates))
    if new:
        counts = _counts(len(sums), resampling)
        found[new] = products(counts, sums[:, new], bits[new], resampling.replicates)
    for place, name in enumerate(names):
        if name in known:
            found[place] = known[name]
            known.move_to_end(name)
        elif bits[place] <= SINGLE:
            known[name] = found[place].astype(np.float32)
    while len(known) > REMEMBERED:
        known.popitem(last=False)
    return found


@lru_cache(maxsize=2)
def _columns(_clusters: int, _resampling: Resampling) -> OrderedDict[bytes, NDArray[np.float32]]:
    """Sums by cluster (as bytes) -> their replicates, which single precision holds exactly."""
    return OrderedDict()


def _counts(clusters: int, resampling: Resampling) -> Iterator[Counts]:
    """The multiplicities, some replicates at a time."""
    if not _is_kept(clusters, resampling):
        yield from _draw(clusters, resampling)
        return
    kept = _kept(clusters, resampling)
    start = 0
    for size in _chunks(resampling.replicates, clusters):
        yield kept[start : start + size]
        start += size


def _is_kept(clusters: int, resampling: Resampling) -> bool:
    return clusters * resampling.replicates <= KEPT


@lru_cache(maxsize=2)
def _kept(clusters: int, resampling: Resampling) -> Counts:
    """All multiplicities: every result with as many clusters sees the same replicates."""
    return np.concatenate(list(_draw(clusters, resampling)))


def _draw(clusters: int, resampling: Resampling) -> Iterator[Counts]:
    generator = np.random.default_rng(resampling.seed)
    for size in _chunks(resampling.replicates, clusters):
        draws = generator.integers(clusters, size=(size, clusters))
        draws += clusters * np.arange(size)[:, np.newaxis]
        counts = np.bincount(draws.ravel(), minlength=size * clusters)
        # One cluster 256 times in one replicate is less likely than 1 in 10 ** 500.
        yield counts.reshape(size, clusters).astype(np.uint8)


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
    known = np.isfinite(replicates)
    finite = replicates if known.all() else replicates[known]
    if value is None or clusters < 2 or not len(finite):
        return Interval(value, None, None)
    if np.ptp(finite) < 1e-9:  # sums of graded answers differ by rounding alone
        return Interval(value, *wilson(min(1.0, abs(value)) * clusters, clusters, LEVEL))
    return Interval(value, *_middle(finite))


def _middle(values: Floats) -> tuple[float, float]:
    """The 2.5 % and 97.5 % quantiles, between order statistics as `numpy.quantile` takes them.

    Only the values of the two tails are put in order, which takes a fifth of the time. Where
    a tail is much smaller than that of a normal distribution, all of them are.
    """
    place = (1 - LEVEL) / 2 * (len(values) - 1)
    away = values - values.mean()
    edge = TAIL * np.sqrt(away @ away / len(values))
    low, high = values[away < -edge], -values[away > edge]
    if min(len(low), len(high)) < place + 2:
        low, high = values, -values
    return _at(place, np.sort(low)), -_at(place, np.sort(high))


def _at(place: float, ordered: Floats) -> float:
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return float(ordered[below] + (place - below) * (ordered[above] - ordered[below]))


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

"""The difference between two means of the same units: its interval and its p-value.

Both take sums by cluster, shape (clusters, 4): sum of figures and number of units before,
then both after. Usually the numbers are equal, and the difference is the mean of the
units' own differences.
"""

import numpy as np

from medtrust.metrics.bootstrap import LEVEL, Floats, Interval, interval, replicate_sums
from medtrust.metrics.metric import Resampling
from medtrust.metrics.p_value import DRAWS, ROUNDING, p_value
from medtrust.metrics.wilson import wilson

KINDS = 64
"""Clusters, each of its own kind, whose swaps are drawn at once."""


def paired_interval(sums: Floats, resampling: Resampling) -> Interval:
    """The mean after minus the mean before, with both sides of whole clusters redrawn.

    The value is None where a side has no units; figures are taken to lie in [0, 1].
    """
    value = float(_difference(sums.sum(axis=0)))
    if not np.isfinite(value):
        return Interval(None, None, None)
    clusters = int(np.count_nonzero(sums.any(axis=1)))
    drawn = _difference(replicate_sums(sums, resampling)) if clusters > 1 else np.empty(0)
    finite = drawn[np.isfinite(drawn)]
    if len(finite) and np.ptp(finite) < ROUNDING:
        return _all_alike(value, clusters)
    return interval(value, finite, clusters)


def swap_test(sums: Floats, seed: int) -> Interval:
    """Two-sided p-value of no difference: in each draw the sides of some clusters swap.

    If before and after are alike, each cluster's two sides are exchangeable. Where all
    units count on both sides, a swap flips the sign of a cluster's difference; with one
    unit of 0 or 1 a cluster this is the exact McNemar test, up to the draws. Source: Good,
    Permutation, Parametric and Bootstrap Tests of Hypotheses (3rd ed., 2005), section 3.6.
    """
    moved = sums[:, 2:] - sums[:, :2]
    kinds, counts = np.unique(moved[moved.any(axis=1)], axis=0, return_counts=True)
    generator = np.random.default_rng(seed)
    swapped = np.zeros((DRAWS, 2))
    # Clusters that move alike are interchangeable: how many of them swap is binomial.
    for kind, count in zip(kinds[counts > 1], counts[counts > 1], strict=True):
        swapped += np.outer(generator.binomial(count, 0.5, DRAWS), kind)
    alone = kinds[counts == 1]
    for start in range(0, len(alone), KINDS):
        some = alone[start : start + KINDS]
        swaps = generator.integers(2, size=(DRAWS, len(some)), dtype=np.uint8)
        swapped += swaps.astype(np.float64) @ some
    total = sums.sum(axis=0)
    drawn = _difference(total + np.hstack([swapped, -swapped]))
    return p_value(abs(float(_difference(total))), np.abs(drawn))


def _difference(sums: Floats) -> Floats:
    """Mean after minus mean before; the last axis of `sums` is that of the module."""
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = sums[..., 2] / sums[..., 3] - sums[..., 0] / sums[..., 1]
    return found


def _all_alike(value: float, clusters: int) -> Interval:
    """The interval where every cluster changes by the same, so that resampling says nothing.

    With each cluster as one trial, none changed the other way, and a share `|value|` this
    way. Either share may lie anywhere in its Wilson interval, and the change between the
    ends of both. No change at all in 30 clusters is 0 within 0.114 either way.
    """
    size = min(1.0, abs(value))
    this_low, this_high = wilson(size * clusters, clusters, LEVEL)
    _, other_high = wilson(0, clusters, LEVEL)
    low, high = this_low - other_high, this_high
    if not size:
        low, high = -other_high, other_high
    return Interval(value, low, high) if value >= 0 else Interval(value, -high, -low)

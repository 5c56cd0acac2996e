"""The cluster bootstrap, for figures without a closed form: whole clusters are drawn again.

Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), section 13.3 (percentile
method); Field and Welsh 2007, J. R. Stat. Soc. B 69(3), 369-390, for whole clusters.
"""

from collections.abc import Iterator

import numpy as np

from medtrust.metrics.arrays import Floats
from medtrust.metrics.metric import Settings
from medtrust.metrics.verdict import LIKE_THESE, Interval
from medtrust.metrics.wilson import LEVEL, wilson

AT_ONCE = 1 << 20
"""Numbers that are looked at at once, which bounds the memory."""

ROUNDING = 1e-9
"""Sums of the same numbers in another order differ by less."""


def multiplicities(clusters: int, settings: Settings, units: int = 0) -> Iterator[Floats]:
    """How often each cluster is in each replicate, some replicates at a time.

    Args:
        clusters: How many there are.
        settings: How many replicates, and their seed.
        units: How many numbers are made of each replicate, where those are more.

    Yields:
        Shape (some replicates, clusters); each row sums to `clusters`.
    """
    generator = np.random.default_rng(settings.seed)
    rows = max(1, AT_ONCE // max(clusters, units))
    shares = np.full(clusters, 1 / clusters)
    for start in range(0, settings.replicates, rows):
        size = min(rows, settings.replicates - start)
        yield generator.multinomial(clusters, shares, size=size).astype(np.float64)


def percentile(value: float, replicates: Floats, clusters: int) -> Interval:
    """The middle 95 % of the replicates, with the value inside.

    Where all agree, resampling has nothing to say, and a width of zero would be a lie: ten clusters
    that are all right do not prove that every one is. The interval is then Wilson's, with each
    cluster as one trial.

    Args:
        value: The figure itself, in [0, 1] where all replicates may agree.
        replicates: The same in each replicate; those that are not a number are left out.
        clusters: Without two there is no interval.
    """
    finite = replicates[np.isfinite(replicates)]
    if clusters < 2 or not len(finite):
        return Interval(value, None, None)
    if np.ptp(finite) < ROUNDING:
        low, high = wilson(min(1.0, abs(value)), clusters)
    else:
        low, high = map(float, np.quantile(finite, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]))
    made = f"bootstrap ({len(replicates):,} draws of clusters); {LIKE_THESE}"
    return Interval(value, min(value, low), max(value, high), made)


def p_value(differences: Floats) -> float:
    """Two-sided p-value of no difference: below .05 where the percentile interval excludes 0.

    Source: Davison and Hinkley, Bootstrap Methods and their Application (1997), section 4.4.
    """
    beyond = min(int((differences < ROUNDING).sum()), int((differences > -ROUNDING).sum()))
    return min(1.0, 2 * (1 + beyond) / (1 + len(differences)))

"""What lies between groups: the largest difference, and the worst group.

Both pick an extreme, so chance alone moves them: noise makes some group the best and
another the worst, and resampling adds noise to noise. The bootstrap replicates of a
max-min gap therefore lie above the gap itself, and their middle 95 % never holds the
truth where all groups are alike. So the intervals are put together from quantities that
have no such bias.

- The upper bound of a gap is the largest upper bound of any signed difference between two
  groups: whichever two are the extreme ones in truth, theirs is among them.
- Its lower bound lies below the gap by the 95 % quantile of the largest error that a
  replicate makes in any difference, as in Tukey's simultaneous intervals (Hsu, Multiple
  Comparisons, 1996, chapter 5), and no higher than any difference's own; at least 0.
- The worst group is the same on one side: the lowest of the lower bounds, and above the
  value by the 97.5 % quantile of the largest error in any group.

With two groups, and where one difference stands out, this is the percentile interval of
that difference.
"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from medtrust.metrics.bootstrap import LEVEL, Bools, Floats, Interval, interval
from medtrust.metrics.fairness.breakdown import Breakdown
from medtrust.metrics.mover import difference
from medtrust.metrics.p_value import ROUNDING

NONE = Interval(None, None, None)


def spread(rates: Floats) -> Floats:
    """Largest minus smallest over the last axis; NaN counts for nothing.

    NaN where fewer than two rates are known.
    """
    known = np.isfinite(rates)
    largest = np.where(known, rates, -np.inf).max(axis=-1, initial=-np.inf)
    smallest = np.where(known, rates, np.inf).min(axis=-1, initial=np.inf)
    enough = known.sum(axis=-1) > 1
    found: Floats = np.subtract(largest, smallest, out=np.full(enough.shape, np.nan), where=enough)
    return found


def largest_spread(rates: Sequence[Floats]) -> Floats:
    """The largest spread over several rates, those without one left out; NaN if all are."""
    found: Floats = np.fmax.reduce([spread(one) for one in rates])
    return found


def gap(breakdowns: Sequence[Breakdown], kept: Bools) -> Interval:
    """The largest difference between two kept groups in any of the rates.

    Args:
        breakdowns: One for each rate, of the same grouping.
        kept: Which groups are compared; shape (groups,).

    Returns:
        The value is None where no rate is known in two kept groups.
    """
    value = float(largest_spread([one.values[kept] for one in breakdowns]))
    if np.isnan(value):
        return NONE
    errors = largest_spread([(one.replicates - one.values)[:, kept] for one in breakdowns])
    low, high = 0.0, value
    for one in breakdowns:
        for first, second in combinations(np.flatnonzero(kept & np.isfinite(one.values)), 2):
            signed = _difference(one, int(first), int(second))
            if signed.low is None or signed.high is None:
                return Interval(value, None, None)
            low = max(low, signed.low, -signed.high)
            high = max(high, signed.high, -signed.low)
    low = min(low, value - _quantile(errors, LEVEL))
    return Interval(value, max(0.0, low), high)


def worst(breakdown: Breakdown, kept: Bools) -> tuple[int | None, Interval]:
    """The kept group with the lowest rate (the first of equals), and that rate."""
    places = np.flatnonzero(kept & np.isfinite(breakdown.values))
    if not len(places):
        return None, NONE
    place = int(places[np.argmin(breakdown.values[places])])
    value = float(breakdown.values[place])
    own = [breakdown.intervals[int(one)] for one in places]
    bounds = [(low, high) for _, low, high in own if low is not None and high is not None]
    if len(bounds) < len(own):
        return place, Interval(value, None, None)
    errors = np.fmax.reduce((breakdown.values - breakdown.replicates)[:, places], axis=1)
    high = value + _quantile(errors, (1 + LEVEL) / 2)
    return place, Interval(
        value,
        min(low for low, _ in bounds),
        min(1.0, max(high, min(high for _, high in bounds))),
    )


def _difference(rate: Breakdown, first: int, second: int) -> Interval:
    """The signed difference between two groups, NaN replicates left out.

    Where a group's rate never changes (all its answers right, say), resampling cannot
    tell how sure it is, and its own interval (Wilson's) stands in.
    """
    one, other = rate.replicates[:, first], rate.replicates[:, second]
    if any(map(_constant, (one, other, one - other))):
        return difference(rate.intervals[first], rate.intervals[second])
    clusters = int(min(rate.clusters[first], rate.clusters[second]))
    return interval(float(rate.values[first] - rate.values[second]), one - other, clusters)


def _constant(replicates: Floats) -> bool:
    finite = replicates[np.isfinite(replicates)]
    return not len(finite) or float(np.ptp(finite)) < ROUNDING


def _quantile(errors: Floats, level: float) -> float:
    return float(np.quantile(errors[np.isfinite(errors)], level))

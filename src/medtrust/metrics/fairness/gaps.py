"""What lies between groups: the largest difference, and the worst group.

Both pick an extreme, so chance alone moves them: noise makes some group the best and another the
worst. So they are set against the same extreme over random deals of the labels (`deal`), and one
rule says whether it is beyond chance: p <= .05, where p is the share of deals, the data among them,
with an extreme at least as far out. The bound that faces chance is the extreme less the 95 % point
of those deals, as in Tukey's simultaneous intervals (Hsu, Multiple Comparisons, 1996, chapter 5):
a gap's lower bound is above 0, and a worst group's upper bound below the mean of all, exactly where
p <= .05. Groups that vary more than the deals do widen it to what the groups' own intervals say.
The other bound is the furthest of those: whichever groups are the extreme ones in truth, theirs is
among them. Intervals of differences are MOVER's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from statistics import NormalDist

import numpy as np

from medtrust.metrics.arrays import Bools, Floats, Ints
from medtrust.metrics.mover import difference
from medtrust.metrics.verdict import ALPHA, Interval
from medtrust.metrics.wilson import Z

ROUNDING = 1e-9
"""Sums of the same numbers in another order differ by less."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Groups:
    """One rate in the groups that are compared, and over deals of the labels."""

    place: Ints
    """Where each is in its grouping; shape (compared,), as of all that follows."""
    value: Floats
    low: Floats
    high: Floats
    ends: tuple[Floats, Floats]
    """The rate were all missing answers 0, and 1."""
    null: Floats
    """The rate over the deals; shape (deals, compared)."""
    mean: float
    """The rate of all of them together."""
    counted: Bools
    """The units that the rate is a mean over; shape (units,)."""
    missing: float
    """Units of any group of the grouping, small ones too, that are missing from it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Extreme:
    """An extreme of the groups, its interval, and what chance makes of it."""

    value: float
    low: float
    high: float
    p: float
    null: Floats
    """The extreme over the deals; shape (deals,)."""
    worst: float
    best: float
    """What it can be at worst and at best, whatever the missing answers are."""


def gap(rates: Sequence[Groups]) -> Extreme | None:
    """The largest difference of two groups in any of the rates; None without two groups."""
    rates = [one for one in rates if len(one.place) > 1]
    if not rates:
        return None
    value = float(max(np.ptp(one.value) for one in rates))
    null = np.max([np.ptp(one.null, axis=1) for one in rates], axis=0)
    signed = [
        (found.low or 0.0, found.high or 0.0)
        for one in rates
        for pair in permutations(map(Interval, one.value, one.low, one.high), 2)
        for found in [difference(*pair)]
    ]
    p, low = _beyond(value, null, max(low for low, _ in signed))
    return Extreme(
        value=value,
        low=max(0.0, low),
        high=max(value, min(1.0, max(high for _, high in signed))),
        p=p,
        null=null,
        worst=float(max(_furthest(*one.ends) for one in rates)),
        best=max(0.0, *(float(one.ends[0].max() - one.ends[1].min()) for one in rates)),
    )


def worst(rate: Groups) -> tuple[Extreme, int] | None:
    """The lowest rate of a group and its place, the first of equals; None without two groups."""
    if len(rate.place) < 2:
        return None
    first = int(rate.value.argmin())
    value, mean = float(rate.value[first]), rate.mean
    null = rate.null.min(axis=1)
    # Any of them may be the lowest in truth: bounds that hold for all at once (Bonferroni's).
    together = NormalDist().inv_cdf(1 - ALPHA / 2 / len(rate.place)) / Z
    most = float((rate.value + together * (rate.high - rate.value)).min())
    p, below = _beyond(mean - value, mean - null, mean - most)
    found = Extreme(
        value=value,
        low=float(rate.low.min()),
        high=max(value, min(1.0, mean - below)),
        p=p,
        null=null,
        worst=float(rate.ends[0].min()),
        best=float(rate.ends[1].min()),
    )
    return found, int(rate.place[first])


def _beyond(distance: float, null: Floats, own: float) -> tuple[float, float]:
    """The p-value of a distance, and the least that it is: above 0 exactly where p <= .05.

    `own` is the least that it is by the groups' own intervals.
    """
    hits = int((null >= distance - ROUNDING).sum())
    # The largest number of hits with p <= .05; the distance after them is the 95 % point.
    most = int(ALPHA * (len(null) + 1) + ROUNDING) - 1
    least = distance - float(np.sort(null)[-1 - most])
    if hits > most:
        least = min(least, own, 0.0)
    elif own > 0:
        least = min(least, own)
    return (1 + hits) / (1 + len(null)), least


def _furthest(low: Floats, high: Floats) -> float:
    """The largest difference of two groups, each anywhere between its ends."""
    apart = high[:, np.newaxis] - low
    np.fill_diagonal(apart, 0.0)
    return float(apart.max())

"""What lies between groups: the largest difference, and the worst group.

Both pick an extreme, so chance alone moves them: noise makes some group the best and another the
worst. So they are set against the same extreme over random deals of the labels (`deal`), and one
rule says whether a gap is beyond chance: p <= .05, where p is the share of deals, the data among
them, with a gap at least as large. The lower bound is the gap less the 95 % point of those deals,
as in Tukey's simultaneous intervals (Hsu, Multiple Comparisons, 1996, chapter 5), so that it is
above 0 exactly where p <= .05. The upper bound is the largest upper bound of any difference of two
groups, by MOVER from the groups' own score intervals: whichever two are the extreme ones in truth,
theirs is among them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, permutations

import numpy as np

from medtrust.metrics.arrays import Bools, Floats
from medtrust.metrics.mover import difference
from medtrust.metrics.verdict import ALPHA, Interval

ROUNDING = 1e-9
"""Sums of the same numbers in another order differ by less."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Groups:
    """One rate in the groups of a grouping, and over deals of the labels."""

    own: Sequence[Interval]
    """Each group's rate with its interval; without a value where nothing could be counted."""
    null: Floats
    """The rate in each kept group over the deals; shape (draws, kept groups)."""
    counted: Bools
    """The units that the rate is about; shape (units,)."""
    ends: Sequence[tuple[float, float]] = ()
    """Each kept group's rate were all missing answers 0, or 1; empty where none is missing."""

    @property
    def values(self) -> Floats:
        """Each group's rate, NaN where there is none; shape (groups,)."""
        return np.array([np.nan if one.value is None else one.value for one in self.own])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Extreme:
    """An extreme of the groups, its interval, and what chance makes of it."""

    found: Interval
    p: float
    null: Floats
    """The extreme over the deals; shape (draws,)."""
    place: int = -1
    """The group that has it, where it is one group's."""
    ends: tuple[float | None, float | None] = (None, None)
    """The worst and the best that it can be, whatever the missing answers are."""


def gap(rates: Sequence[Groups], kept: Bools) -> Extreme | None:
    """The largest difference of two kept groups in any of the rates; None without two groups."""
    rates = [one for one in rates if one.null.shape[1] > 1]
    if not rates:
        return None
    value = _largest([one.values[kept] for one in rates])
    if not np.isfinite(value):
        return None
    null = np.fmax.reduce([_spread(one.null) for one in rates])
    null = np.sort(null[np.isfinite(null)])[::-1]
    hits = int((null >= value - ROUNDING).sum())
    # The largest number of hits with p <= .05; the gap that comes after them is the 95 % point.
    most = int(ALPHA * (len(null) + 1) + ROUNDING) - 1
    low = max(0.0, value - float(null[most])) if hits <= most else 0.0
    high = value
    for one in rates:
        known = np.flatnonzero(kept & np.isfinite(one.values)).tolist()
        for first, second in combinations(known, 2):
            signed = difference(one.own[first], one.own[second])
            if signed.low is not None and signed.high is not None:
                high = max(high, signed.high, -signed.low)
    p = (1 + hits) / (1 + len(null))
    found = Interval(value, low, min(1.0, high))
    return Extreme(found=found, p=p, null=null, ends=_ends(rates))


def worst(rate: Groups, kept: Bools) -> Extreme | None:
    """The kept group with the lowest rate, the first of equals; None where none has a rate."""
    places = np.flatnonzero(kept & np.isfinite(rate.values)).tolist()
    if not places:
        return None
    place = min(places, key=rate.values.__getitem__)
    value = float(rate.values[place])
    null = np.fmin.reduce(rate.null, axis=1)
    null = null[np.isfinite(null)]
    hits = int((null <= value + ROUNDING).sum())
    bounds = [rate.own[one] for one in places]
    low = min(one.low for one in bounds if one.low is not None)
    high = min(one.high for one in bounds if one.high is not None)
    return Extreme(
        found=Interval(value, low, max(value, high)),
        p=(1 + hits) / (1 + len(null)),
        null=null,
        place=place,
        ends=tuple(min(side) for side in zip(*rate.ends, strict=True)) or (None, None),
    )


def _ends(rates: Sequence[Groups]) -> tuple[float | None, float | None]:
    """The largest gap that the missing answers allow, and the smallest."""
    pairs = [pair for one in rates for pair in permutations(one.ends, 2)]
    if not pairs:
        return None, None
    largest = max(high - low for (_, high), (low, _) in pairs)
    return largest, max(0.0, *(low - high for (low, _), (_, high) in pairs))


def _largest(rates: Sequence[Floats]) -> float:
    return float(np.fmax.reduce([_spread(one[np.newaxis])[0] for one in rates]))


def _spread(rates: Floats) -> Floats:
    """Largest minus smallest over the last axis; NaN where fewer than two rates are known."""
    known = np.isfinite(rates)
    largest = np.where(known, rates, -np.inf).max(axis=-1, initial=-np.inf)
    smallest = np.where(known, rates, np.inf).min(axis=-1, initial=np.inf)
    enough = known.sum(axis=-1) > 1
    with np.errstate(invalid="ignore"):
        found: Floats = np.where(enough, largest - smallest, np.nan)
    return found

"""Balanced accuracy, and whether it is more than what answers without looking come to."""

import numpy as np
from numpy.typing import NDArray

from medtrust.metrics.arrays import Bools, Floats, exact_sum
from medtrust.metrics.evidence import Measured, difference
from medtrust.metrics.measure import Figures
from medtrust.metrics.mover import mean
from medtrust.metrics.units import Units
from medtrust.metrics.verdict import ENOUGH, Interval, bounds_of
from medtrust.records import Verdict

Strings = NDArray[np.str_]

HALF = 0.5
"""What always saying yes, always saying no, and a coin come to."""


def interval_of(measured: Measured, rho: float) -> Interval:
    """A rate's interval at a given correlation, for figures that are made from it."""
    if measured.of is None:
        return Interval(None, None, None)
    bounds = bounds_of(measured.of, rho)
    return Interval(measured.of.value, bounds.low, bounds.high)


def targets_of(units: Units) -> Strings:
    """The right answer to each unit, as a letter or a word; shape (units,)."""
    _, first = np.unique(units.unit, return_index=True)
    return np.array([units.asked[place][0].target for place in first])


def best_constant(
    sides: tuple[Figures, Figures], targets: Strings, weight: Floats, rho: float
) -> tuple[float, Interval | None]:
    """The best constant answer's balanced accuracy, and how far the model is from it, in pairs.

    A letter can come to more than a half where it stands for yes in some questions and for no in
    others: in OL3I B is right of 70 of 84 yes and of 534 of 536 no. The second is None where none
    does.

    Args:
        sides: Sensitivity and specificity over the same units.
        targets: As `targets_of` gives them.
        weight: The units of a row; shape (units,).
        rho: Intra-cluster correlation.
    """
    among = [own.counted & (weight > 0) for own in sides]

    def share(target: str, counted: Bools) -> float:
        held = weight * counted
        return exact_sum(held * (targets == target)) / exact_sum(held)

    found = {
        str(target): sum(share(target, counted) for counted in among) / 2
        for target in np.unique(targets[among[0] | among[1]])
    }
    best = max(found, key=lambda target: found[target])
    if found[best] <= HALF:
        return HALF, None
    right = (targets == best).astype(np.float64)
    apart = []
    for own, counted in zip(sides, among, strict=True):
        change = (own.value - right)[counted]
        of = difference(change, weight[counted], own.units.cluster[counted])
        bounds = bounds_of(of, rho)
        apart.append(Interval(of.value, bounds.low, bounds.high))
    return found[best], mean(apart)


def verdict(
    found: Interval,
    constant: tuple[float, Interval | None],
    sides: tuple[Measured, Measured],
    ends: tuple[float | None, float | None],
) -> Verdict:
    """Against a half by the figure's interval, and against the best letter by the paired one.

    Args:
        found: Balanced accuracy.
        constant: As `best_constant` gives it.
        sides: Sensitivity and specificity; each needs clusters enough of its own.
        ends: The values with every missing answer wrong, and with every one right.
    """
    value, apart = constant
    (worst, best), missing = ends, any(one.estimate.missing for one in sides)
    if found.low is None or found.high is None or worst is None or best is None:
        return ""
    straddles = missing and any(worst <= base <= best for base in (HALF, value))
    if straddles or min(one.estimate.clusters for one in sides) < ENOUGH:
        return "not measured"
    lows, highs = [found.low - HALF], [found.high - HALF]
    if apart is not None and apart.low is not None and apart.high is not None:
        lows.append(apart.low)
        highs.append(apart.high)
    if min(highs) < 0:
        return "worse"
    return "shown" if min(lows) > 0 else "not shown"

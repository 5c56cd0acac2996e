"""Intervals of sums of independent estimates, from the estimates' own intervals (MOVER).

The method of variance estimates recovery takes each bound's distance from its value for
the spread on that side, and adds squares: no shape is assumed, and a lopsided interval
stays lopsided. Source: Zou and Donner 2008, Statistics in Medicine 27(10), 1693-1702;
for two proportions with Wilson bounds it is method 10 of Newcombe 1998, Statistics in
Medicine 17(8), 873-890.
"""

from collections.abc import Sequence
from math import hypot

from medtrust.metrics.verdict import Interval


def difference(first: Interval, second: Interval) -> Interval:
    """The first minus the second; without bounds where either has none."""
    return _weighted([(1.0, first), (-1.0, second)])


def mean(found: Sequence[Interval]) -> Interval:
    """The unweighted mean; without a value where any has none, and likewise for the bounds.

    Raises ValueError for no intervals at all.
    """
    if not found:
        raise ValueError("the mean of no estimates")
    return _weighted([(1 / len(found), one) for one in found])


def _weighted(terms: Sequence[tuple[float, Interval]]) -> Interval:
    total = 0.0
    below: list[float] = []
    above: list[float] = []
    bounded = True
    for weight, (value, low, high, _) in terms:
        if value is None:
            return Interval(None, None, None)
        total += weight * value
        if low is None or high is None:
            bounded = False
            continue
        # A percentile interval may miss its own value; there is no negative distance.
        down, up = weight * max(0.0, value - low), weight * max(0.0, high - value)
        below.append(down if weight > 0 else up)
        above.append(up if weight > 0 else down)
    if not bounded:
        return Interval(total, None, None)
    return Interval(total, total - hypot(*below), total + hypot(*above))

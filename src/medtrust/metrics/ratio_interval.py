"""The ratio of two independent proportions, from their own intervals (MOVER-R)."""

from math import sqrt

from medtrust.metrics.verdict import Interval


def ratio(top: Interval, bottom: Interval) -> Interval:
    """The first over the second; both in [0, 1] and with bounds.

    With p in [l1, u1] over q in [l2, u2] the bounds are the roots of

        R² u2 (2q - u2) - 2 R p q + l1 (2p - l1) = 0    (the smaller root is the lower bound)
        R² l2 (2q - l2) - 2 R p q + u1 (2p - u1) = 0    (the larger root is the upper bound)

    so the interval of q / p has the reciprocal bounds. Source: Donner and Zou 2012, Stat. Methods
    Med. Res. 21(4), 347-359. Where q is 0 there is neither a value nor an upper bound, and where p
    is 0 as well nothing is known at all; what is not there is None.
    """
    p, l1, u1, _ = top
    q, l2, u2, _ = bottom
    if p is None or q is None or l1 is None or u1 is None or l2 is None or u2 is None or not p + q:
        return Interval(None, None, None)
    inner, outer = l1 * (2 * p - l1), u2 * (2 * q - u2)
    # The smaller root, written so that nothing cancels where u2 is near 2q.
    low = inner / (p * q + _root(p * q, inner * outer)) if inner else 0.0
    if not q or not l2:
        return Interval(p / q if q else None, low, None)
    inner, outer = u1 * (2 * p - u1), l2 * (2 * q - l2)
    return Interval(p / q, low, (p * q + _root(p * q, inner * outer)) / outer)


def _root(half: float, product: float) -> float:
    return sqrt(max(0.0, half**2 - product))

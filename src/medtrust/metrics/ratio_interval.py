"""The ratio of two independent proportions, from their own intervals (MOVER-R)."""

from math import sqrt

from medtrust.metrics.verdict import Interval


def ratio(top: Interval, bottom: Interval) -> Interval:
    """The first over the second; both in [0, 1] and with bounds.

    Source: Donner and Zou 2012, Stat. Methods Med. Res. 21(4), 347-359, equation 9; a bound is
    None where it is infinite (the second may be 0), and so is the value where the second is 0.
    """
    p, l1, u1, _ = top
    q, l2, u2, _ = bottom
    if p is None or q is None or l1 is None or u1 is None or l2 is None or u2 is None:
        return Interval(None, None, None)
    low = _bound(p, q, l1, u2, -1.0)
    high = _bound(p, q, u1, l2, 1.0) if l2 else None
    return Interval(p / q if q else None, max(0.0, low), high)


def _bound(p: float, q: float, near: float, far: float, sign: float) -> float:
    """The lower bound (sign -1, from the first's lower and the second's upper), or the upper."""
    product, square = p * q, far * (2 * q - far)
    reach = near * (2 * p - near)
    if abs(square) < 1e-12:  # the quadratic equation has one root left
        return reach / (2 * product) if product else 0.0
    return (product + sign * sqrt(max(0.0, product**2 - reach * square))) / square

"""The score interval of a paired difference, for any effective number of pairs.

Of n units, `gained` are right on the first side only and `lost` on the second only. Source: Tango
1998, Statistics in Medicine 17(8), 891-908. With a fractional number of units, as clusters leave
of n, it is the clustered score interval; at a difference of 0 its test is McNemar's.
"""

from math import comb, sqrt

from medtrust.metrics.wilson import Z, two_sided


def tango(gained: float, lost: float, n: float) -> tuple[float, float]:
    """95 % bounds of (gained - lost) / n. Both rise with `gained` and fall with `lost`."""
    value = (gained - lost) / n
    return (
        _bound(gained, lost, n, value, -1.0),
        _bound(gained, lost, n, value, 1.0),
    )


def mcnemar(gained: float, lost: float) -> float:
    """Two-sided p-value of no difference, by the score test."""
    changed = gained + lost
    return two_sided((gained - lost) / sqrt(changed)) if changed else 1.0


def exact_mcnemar(gained: int, lost: int) -> float:
    """The same for independent units, by the binomial distribution (McNemar 1947)."""
    changed, fewer = gained + lost, min(gained, lost)
    tail = sum(comb(changed, k) for k in range(fewer + 1))
    # Whole numbers divide exactly, however large.
    return min(1.0, float(2 * tail / 2**changed))


def _bound(gained: float, lost: float, n: float, value: float, end: float) -> float:
    """The difference nearest to `end` that the score test does not reject; by bisection."""
    inside, outside = value, end
    for _ in range(44):  # to 1e-13
        middle = (inside + outside) / 2
        if abs(_score(gained, lost, n, middle)) <= Z:
            inside = middle
        else:
            outside = middle
    return inside


def _score(gained: float, lost: float, n: float, difference: float) -> float:
    away = gained - lost - n * difference
    b = -gained - lost + (2 * n - gained + lost) * difference
    c = -lost * difference * (1 - difference)
    rare = (sqrt(max(0.0, b * b - 8 * n * c)) - b) / (4 * n)
    variance = n * (2 * rare + difference * (1 - difference))
    if variance <= 0:
        return 0.0 if not away else float("inf")
    return away / sqrt(variance)

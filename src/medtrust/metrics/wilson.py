"""The Wilson score interval of a proportion, for any effective number of trials."""

from math import erfc, sqrt
from statistics import NormalDist

LEVEL = 0.95
Z = NormalDist().inv_cdf((1 + LEVEL) / 2)


def wilson(share: float, n: float, level: float = LEVEL) -> tuple[float, float]:
    """Bounds of the proportion behind a `share` observed in `n` independent trials.

    `n` is an effective number, so it need not be whole. At a given `n` both bounds rise with
    the share. Source: Wilson 1927, J. Am. Stat. Assoc. 22(158), 209-212.

    Raises:
        ValueError: The share is none, there are no trials, or the level is not in (0, 1).
    """
    if not (n > 0 and 0 <= share <= 1):
        raise ValueError(f"{share} of {n} is no proportion")
    if not 0 < level < 1:
        raise ValueError(f"level {level} is not between 0 and 1")
    z = Z if level == LEVEL else NormalDist().inv_cdf((1 + level) / 2)
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    # At both ends one bound is exact, which rounding would miss by some 1e-17.
    low = 0.0 if share == 0 else min(share, max(0.0, centre - half))
    high = 1.0 if share == 1 else max(share, min(1.0, centre + half))
    return low, high


def score_p(share: float, n: float, null: float) -> float:
    """Two-sided p-value of the proportion `null`; below .05 where Wilson's interval excludes it."""
    if not 0 < null < 1:
        return 1.0 if share == null else 0.0
    return two_sided((share - null) / sqrt(null * (1 - null) / n))


def two_sided(z: float) -> float:
    """Share of a standard normal distribution at least as far from 0 as `z`."""
    return erfc(abs(z) / sqrt(2))

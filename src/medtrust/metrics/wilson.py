"""The Wilson interval of a proportion, for independent units."""

from collections.abc import Collection, Sequence
from math import sqrt
from statistics import NormalDist

from msgspec.structs import replace

from medtrust.records import Estimate


def wilson(k: float, n: int, level: float = 0.95) -> tuple[float, float]:
    """Bounds of the proportion behind `k` successes in `n` independent trials.

    `k` may be fractional (a sum of graded answers): for a given mean, a graded answer
    varies at most as much as one that is right or wrong, so the interval errs on the
    wide side. Raises ValueError for an impossible count or level.

    Source: Wilson 1927, J. Am. Stat. Assoc. 22(158), 209-212.
    """
    if n < 1 or not 0 <= k <= n:
        raise ValueError(f"{k} of {n} is no proportion")
    if not 0 < level < 1:
        raise ValueError(f"level {level} is not between 0 and 1")
    z = NormalDist().inv_cdf((1 + level) / 2)
    share = k / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    # At both ends one bound is exact, which rounding would miss by some 1e-17.
    low = 0.0 if k == 0 else max(0.0, centre - half)
    high = 1.0 if k == n else min(1.0, centre + half)
    return low, high


def with_wilson(estimates: Sequence[Estimate], metrics: Collection[str]) -> list[Estimate]:
    """Add a twin `<metric>:wilson` after each ungrouped estimate of the named metrics.

    The twin has the same value; its interval takes all units as independent, as most
    papers do, so `clusters` is `n`. Both intervals then stand in the flat table.
    """
    rows: list[Estimate] = []
    for estimate in estimates:
        rows.append(estimate)
        if estimate.metric in metrics and estimate.group_by == "all":
            rows.append(_twin(estimate))
    return rows


def _twin(estimate: Estimate) -> Estimate:
    low, high = None, None
    # Upstream's precision can pass 1 where both references of a pair are equal.
    if estimate.value is not None and estimate.n > 0 and estimate.value <= 1:
        low, high = wilson(estimate.value * estimate.n, estimate.n)
    name = f"{estimate.metric}:wilson"
    return replace(estimate, metric=name, low=low, high=high, clusters=estimate.n)

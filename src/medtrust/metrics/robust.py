"""The cluster-robust standard error of a mean: CR2, with Bell and McCaffrey's degrees of freedom.

Source: Bell and McCaffrey 2002, Survey Methodology 28(2), 169-181; for a mean the correction is
in closed form. With h the share of the weight that a cluster has and u the sum of its residuals,
the variance is the sum of u² / (1 - h) over the squared total. Its degrees of freedom are those of
the Satterthwaite approximation under independent units.
"""

from math import floor, sqrt

import msgspec

from medtrust.metrics.arrays import Floats, exact_sum
from medtrust.metrics.student import quantile, within


class Robust(msgspec.Struct, frozen=True):
    """A standard error and its degrees of freedom."""

    error: float
    df: float

    @property
    def half(self) -> float:
        """Half the width of the 95 % interval; degrees are rounded down to be looked up."""
        return self.error * quantile(_rounded(self.df))

    def p(self, difference: float) -> float:
        """Two-sided p-value of no difference."""
        if not self.error:
            return 1.0 if not difference else 0.0
        return max(0.0, 1 - within(abs(difference) / self.error, self.df))


def cr2(residuals: Floats, weights: Floats) -> Robust | None:
    """The standard error of a weighted mean.

    Args:
        residuals: Weighted sum of residuals of each cluster, shape (clusters,).
        weights: Total weight of each cluster, shape (clusters,); whole numbers.

    Returns:
        None with fewer than two clusters.
    """
    held = weights > 0
    residuals, weights = residuals[held], weights[held]
    if len(weights) < 2:
        return None
    total = float(weights.sum())
    left = 1 - weights / total
    error = sqrt(exact_sum(residuals**2 / left)) / total
    spread = weights**2 / (total * left)
    squares = float((weights**2).sum()) + exact_sum(spread) ** 2 - exact_sum(spread**2)
    return Robust(error, total**2 / squares)


def _rounded(df: float) -> float:
    return floor(df * 10 + 1e-6) / 10 if df < 10 else min(100.0, floor(df))

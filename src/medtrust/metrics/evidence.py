"""What an interval needs to know of the data: sums that are kept until the end of a run.

How strongly answers of one cluster go together is better known from all figures of a run than
from one of them. So a result is first reduced to these sums; `verdict.finish` makes intervals,
p-values and verdicts of them once the correlation is known.
"""

import msgspec
import numpy as np

from medtrust.metrics.arrays import Floats, Ints, by_code, exact_sum
from medtrust.metrics.robust import Robust, cr2
from medtrust.records import Estimate

PRIOR = 4.0
"""Units of the greatest possible variance that are added to the variance of graded answers, so
that a few equal marks do not pass for certainty."""


class Design(msgspec.Struct, frozen=True, kw_only=True):
    """How much less than independent units the units say.

    With weights w and their totals W in each cluster, n = sum(w), `own` = sum(w²) / n and
    `shared` = sum(W²) / n, the effective number of units under an intra-cluster correlation rho is
    n / ((1 - rho) own + rho shared): for equal weights n / (1 + (m - 1) rho), with m the mean
    cluster size, weighted by size (Kish 1965, Survey Sampling, sections 5.4 and 11.7).
    """

    n: float
    clusters: int
    own: float
    shared: float
    scale: float = 1.0
    """Variance of a yes or no with this mean, over that of the graded answers."""
    robust: Robust | None = None
    within: float = 0.0
    """Sum of the products of residuals over all two units of a cluster, twice each."""
    possible: float = 0.0
    """What that sum would be if units of a cluster were all alike."""

    def effect(self, rho: float) -> float:
        """The design effect: how many units say as much as one independent one."""
        return (1 - rho) * self.own + rho * self.shared

    def factor(self, rho: float) -> float:
        """The effective number of units for each unit."""
        return self.scale / self.effect(rho)


class Rate(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A mean of figures in [0, 1]."""

    value: float
    design: Design


class Difference(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A mean of paired differences in [-1, 1]: (gained - lost) / n."""

    gained: float
    lost: float
    design: Design
    independent: bool
    """Whether all is 0 or 1 and no cluster holds two units that changed."""

    @property
    def value(self) -> float:
        """Gained minus lost, per unit."""
        return (self.gained - self.lost) / self.design.n


class Against(msgspec.Struct, frozen=True, kw_only=True):
    """A baseline: its value, and how the same units differ from it (None: a fixed value)."""

    name: str
    value: float
    difference: Difference | None = None
    judges: bool = True
    """Whether it takes part in the verdict."""


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """An estimate whose interval is still to be made, with what it is made of.

    One without `of` is finished as it is.
    """

    estimate: Estimate
    of: Rate | Difference | None = None
    against: tuple[Against, ...] = ()
    direction: str = "neither"
    is_count: bool = False
    is_magnitude: bool = False


def rate(value: Floats, weight: Floats, cluster: Ints) -> Rate:
    """The sums of a weighted mean; all of shape (units,), whole weights of at least 1."""
    n = float(weight.sum())
    share = min(1.0, max(0.0, exact_sum(weight * value) / n))
    graded = bool(((value != 0) & (value != 1)).any())
    full = share * (1 - share)
    return Rate(value=share, design=_design(value - share, weight, cluster, full if graded else 0))


def difference(change: Floats, weight: Floats, cluster: Ints) -> Difference:
    """The sums of a weighted mean of differences; shapes and weights as those of `rate`."""
    n = float(weight.sum())
    gained = exact_sum(weight * np.maximum(change, 0))
    lost = exact_sum(weight * np.maximum(-change, 0))
    moved = change != 0
    graded = bool((moved & (np.abs(change) != 1)).any())
    mean = (gained - lost) / n
    full = max(0.0, (gained + lost) / n - mean**2)
    plain = not graded and bool((weight[moved] == 1).all())
    return Difference(
        gained=gained,
        lost=lost,
        design=_design(change - mean, weight, cluster, full if graded else 0),
        independent=plain and len(np.unique(cluster[moved])) == int(moved.sum()),
    )


def _design(residual: Floats, weight: Floats, cluster: Ints, full: float) -> Design:
    """`full` is the greatest variance that graded answers could have, 0 for others."""
    n = float(weight.sum())
    squares = exact_sum(weight * residual**2)
    variance = (squares + PRIOR * full) / (n + PRIOR)
    clusters = int(cluster.max()) + 1
    held = by_code(cluster, weight, clusters)
    sums = by_code(cluster, weight * residual, clusters)
    own, shared = float((weight**2).sum()), float((held**2).sum())
    return Design(
        n=n,
        clusters=int((held > 0).sum()),
        own=own / n,
        shared=shared / n,
        scale=full / variance if full and variance else 1.0,
        robust=cr2(sums, held),
        within=exact_sum(sums**2) - exact_sum((weight * residual) ** 2),
        possible=(shared - own) * squares / n,
    )

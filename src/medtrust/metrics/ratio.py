"""The one shape that most metrics share: a sum over units divided by another.

A ratio is reduced to its sums per cluster. All ratios of a result then go through one
matrix product with the same replicates, so that a metric costs two columns and not a
loop of its own, and differences between metrics are not blurred by their draws.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from msgspec.structs import replace

from medtrust.metrics.baselines import NO_BASELINES, Baselines
from medtrust.metrics.bootstrap import Floats, Interval, Ints, interval, replicate_sums
from medtrust.metrics.metric import Resampling
from medtrust.records import Estimate, Score


def as_share(found: Interval, _n: int) -> Interval:
    """Leave a share as it is."""
    return found


def as_count(share: Interval, n: int) -> Interval:
    """Turn a share of `n` units into a number of units, the value into a whole one."""
    value, low, high = (None if bound is None else bound * n for bound in share)
    return Interval(None if value is None else float(round(value)), low, high)


def as_magnitude(difference: Interval, _n: int) -> Interval:
    """Turn a signed difference into its size.

    The interval holds the sizes of all differences in the signed one. (The replicates'
    own sizes would not do: near zero they all lie above the value.)
    """
    value, low, high = difference
    if value is None or low is None or high is None:
        return Interval(None if value is None else abs(value), low, high)
    nearest = 0.0 if low <= 0 <= high else min(abs(low), abs(high))
    return Interval(abs(value), nearest, max(abs(low), abs(high)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ratio:
    """`sum(top) / sum(bottom)` over units; the three arrays have shape (units,)."""

    metric: str
    top: Floats
    bottom: Floats
    cluster: Ints
    """Code of each unit's cluster."""
    missing: int = 0
    group_by: str = "all"
    group: str = "all"
    baselines: Baselines = NO_BASELINES
    present: Callable[[Interval, int], Interval] = as_share
    """How the ratio is shown, given its denominator; baselines are in that form already."""
    empty: float | None = None
    """Value where the denominator is empty."""


def estimate(
    ratios: Iterable[Ratio], *, clusters: int, head: Score, resampling: Resampling
) -> list[Estimate]:
    """Estimates of all ratios from one set of replicates, in the order given.

    Ratios are consumed one at a time and reduced to a column or two, so a generator
    keeps memory to (clusters, distinct columns). `head` is any score of the result.
    """
    drawn = resample(ratios, clusters=clusters, head=head, resampling=resampling)
    return [one.estimate for one in drawn]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Resampled:
    """An estimate, and the ratio in each replicate that its interval was read off."""

    estimate: Estimate
    replicates: Floats


def resample(
    ratios: Iterable[Ratio], *, clusters: int, head: Score, resampling: Resampling
) -> Iterator[Resampled]:
    """The estimates of `estimate` with their replicates, one after the other."""
    table = _Table(clusters)
    rows = [(_row(ratio, head), ratio.present, *table.add(ratio)) for ratio in ratios]
    sums = table.matrix()
    # With fewer than two clusters there is nothing to resample, and no interval.
    replicates = replicate_sums(sums, resampling) if clusters > 1 else sums
    for row, present, top, bottom in rows:
        with np.errstate(invalid="ignore", divide="ignore"):
            shares = replicates[:, top] / replicates[:, bottom]
        involved = int(np.count_nonzero(sums[:, bottom]))
        found = present(interval(row.value, shares, involved), row.n)
        low, high = found.low, found.high
        full = replace(row, value=found.value, low=low, high=high, clusters=involved)
        yield Resampled(estimate=full, replicates=shares)


def _row(ratio: Ratio, head: Score) -> Estimate:
    """The estimate with the plain ratio as its value, before its interval is known."""
    n = float(ratio.bottom.sum())
    return report(
        head,
        metric=ratio.metric,
        found=Interval(float(ratio.top.sum()) / n if n else ratio.empty, None, None),
        n=round(n),
        missing=ratio.missing,
        clusters=0,
        group_by=ratio.group_by,
        group=ratio.group,
        baselines=ratio.baselines,
    )


def report(
    head: Score,
    *,
    metric: str,
    found: Interval,
    n: int,
    missing: int,
    clusters: int,
    group_by: str = "all",
    group: str = "all",
    baselines: Baselines = NO_BASELINES,
) -> Estimate:
    """An estimate of the result that the score `head` belongs to."""
    return Estimate(
        model=head.model,
        task=head.task,
        dataset=head.dataset,
        metric=metric,
        protocol=head.protocol,
        value=found.value,
        low=found.low,
        high=found.high,
        n=n,
        missing=missing,
        clusters=clusters,
        group_by=group_by,
        group=group,
        baseline=baselines.baseline,
        chance=baselines.chance,
        constant=baselines.constant,
    )


class _Table:
    """Per-cluster sums as columns; equal columns (shared denominators) are kept once."""

    def __init__(self, clusters: int) -> None:
        self._clusters = clusters
        self._columns: list[Floats] = []
        self._index: dict[bytes, int] = {}

    def add(self, ratio: Ratio) -> tuple[int, int]:
        """Sum a ratio's two arrays by cluster; returns their columns."""
        return self._add(ratio.cluster, ratio.top), self._add(ratio.cluster, ratio.bottom)

    def matrix(self) -> Floats:
        """All sums, shape (clusters, columns)."""
        return np.stack(self._columns, axis=1)

    def _add(self, cluster: Ints, amounts: Floats) -> int:
        sums = np.bincount(cluster, weights=amounts, minlength=self._clusters).astype(np.float64)
        digest = sha256(sums.tobytes()).digest()
        if digest not in self._index:
            self._index[digest] = len(self._columns)
            self._columns.append(sums)
        return self._index[digest]

"""Means over the datasets of a benchmark, as its published tables give them."""

from collections.abc import Callable, Sequence
from math import fsum

from medtrust.metrics.catalogue import known
from medtrust.metrics.mover import mean
from medtrust.metrics.verdict import Interval
from medtrust.records import Estimate


def macro(estimates: Sequence[Estimate]) -> list[Estimate]:
    """The unweighted mean of each metric over the datasets of one benchmark.

    Datasets are of one benchmark where their names begin alike, up to the first `/`. The
    mean is one of the rows of a dataset named `cares (mean of 4)`: every dataset counts as
    one, whatever its size. It covers figures of whole results; those by group are left
    out, except figures about a grouping as a whole (the gap by age). A metric says itself
    whether it is averaged.

    Where one dataset has no value, neither has the mean: its name says how many it is of.
    Numbers of answers, missing ones and clusters are summed; baselines and bounds of what is
    missing are means where all datasets have them. The interval takes the datasets as independent
    (`metrics/mover`). A mean has no p-value: its baselines were answered dataset by dataset.

    Returns:
        In the order in which the first dataset's rows come; none for a single dataset.
    """
    rows: dict[tuple[str, ...], list[Estimate]] = {}
    for one in estimates:
        benchmark, slash, _ = one.dataset.partition("/")
        metric = known(one.metric)
        if slash and one.group == "all" and metric is not None and metric.averaged:
            name = (one.model, one.task, benchmark, one.metric, one.protocol, one.group_by)
            rows.setdefault(name, []).append(one)
    return [_mean(name[2], own) for name, own in rows.items() if len(own) > 1]


def _mean(benchmark: str, rows: Sequence[Estimate]) -> Estimate:
    found = mean([Interval(row.value, row.low, row.high) for row in rows])
    first = rows[0]
    return Estimate(
        model=first.model,
        task=first.task,
        dataset=f"{benchmark} (mean of {len(rows)})",
        metric=first.metric,
        protocol=first.protocol,
        value=found.value,
        low=found.low,
        high=found.high,
        n=sum(row.n for row in rows),
        missing=sum(row.missing for row in rows),
        clusters=sum(row.clusters for row in rows),
        group_by=first.group_by,
        interval=f"of {len(rows)} datasets (MOVER); questions like these of the same datasets",
        baseline=_mean_of(rows, lambda row: row.baseline),
        chance=_mean_of(rows, lambda row: row.chance),
        constant=_mean_of(rows, lambda row: row.constant),
        text_only=_mean_of(rows, lambda row: row.text_only),
        worst=_mean_of(rows, lambda row: row.worst),
        best=_mean_of(rows, lambda row: row.best),
    )


def _mean_of(rows: Sequence[Estimate], read: Callable[[Estimate], float | None]) -> float | None:
    values = [value for value in map(read, rows) if value is not None]
    return fsum(values) / len(rows) if len(values) == len(rows) else None

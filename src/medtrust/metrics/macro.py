"""Means over the datasets of a benchmark, as its published tables give them."""

from collections.abc import Callable, Collection, Sequence

from medtrust.metrics.bootstrap import Interval
from medtrust.metrics.mover import mean
from medtrust.records import Estimate


def macro(estimates: Sequence[Estimate], rates: Collection[str]) -> list[Estimate]:
    """The unweighted mean of each metric over the datasets of one benchmark.

    Datasets are of one benchmark where their names begin alike, up to the first `/`. The
    mean is one of the rows of a dataset named `cares (mean of 4)`: every dataset counts as
    one, whatever its size. It covers figures of whole results; those by group are left
    out, except figures about a grouping as a whole (the gap by age).

    Where one dataset has no value, neither has the mean: its name says how many it is of.
    Numbers of answers, missing ones and clusters are summed; baselines are means where all
    datasets have them. The interval takes the datasets as independent (`metrics/mover`).

    Args:
        estimates: Any; means are taken within model, task, metric, protocol and grouping.
        rates: The metrics that are averaged. (A mean of counts or p-values means nothing.)

    Returns:
        In the order in which the first dataset's rows come; none for a single dataset.
    """
    rows: dict[tuple[str, ...], list[Estimate]] = {}
    for one in estimates:
        benchmark, slash, _ = one.dataset.partition("/")
        if slash and one.group == "all" and one.metric in rates:
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
        baseline=_mean_of(rows, lambda row: row.baseline),
        chance=_mean_of(rows, lambda row: row.chance),
        constant=_mean_of(rows, lambda row: row.constant),
    )


def _mean_of(rows: Sequence[Estimate], read: Callable[[Estimate], float | None]) -> float | None:
    known = [value for value in map(read, rows) if value is not None]
    return sum(known) / len(rows) if len(known) == len(rows) else None

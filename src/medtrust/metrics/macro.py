"""Means over the datasets of a benchmark, as its published tables give them."""

from collections.abc import Callable, Sequence
from math import fsum
from operator import attrgetter

from medtrust.metrics.catalogue import known
from medtrust.metrics.mover import mean
from medtrust.metrics.verdict import Interval
from medtrust.records import Estimate, Verdict


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
    (`metrics/mover`). A mean has no p-value; its verdict is that of its interval (`verdict_of`).

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
        verdict=verdict_of(rows, found.low, found.high),
    )


def verdict_of(rows: Sequence[Estimate], low: float | None, high: float | None) -> Verdict:
    """What a mean of several figures shows against the means of their baselines.

    By its interval, as if the baselines were fixed. They were answered on the same questions, so
    that pairing would find more, and this errs on the side of `not shown`. A mean of gaps has
    none: it is beyond chance where its parts are.
    """
    metric = known(rows[0].metric)
    if metric is None or low is None or high is None or not any(row.verdict for row in rows):
        return ""
    if any(row.verdict == "not measured" for row in rows):
        return "not measured"
    if metric.dimension == "fairness":
        return ""
    sign = 1 if metric.direction == "higher" else -1
    near, far = (low, high) if sign > 0 else (high, low)
    baselines = [0.0] if metric.is_difference and not metric.judged_by else []
    for name in metric.judged_by:
        value = _mean_of(rows, attrgetter(name.replace("-", "_")))
        baselines += [] if value is None else [value]
    if any(sign * (far - one) < 0 for one in baselines):
        return "worse"
    better = bool(baselines) and all(sign * (near - one) > 0 for one in baselines)
    return "shown" if better else "not shown"


def _mean_of(rows: Sequence[Estimate], read: Callable[[Estimate], float | None]) -> float | None:
    values = [value for value in map(read, rows) if value is not None]
    return fsum(values) / len(rows) if len(values) == len(rows) else None

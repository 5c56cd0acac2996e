"""Each group's rates with their replicates: all groups of all groupings move together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from medtrust.metrics.bootstrap import Floats, Interval, Ints, interval, replicate_sums
from medtrust.metrics.columns import Columns
from medtrust.metrics.fairness.groups import Grouping
from medtrust.metrics.fairness.rates import Rate
from medtrust.metrics.metric import Resampling


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Breakdown:
    """One rate in the groups of one grouping."""

    values: Floats
    """The rate in each group, NaN where nothing could be counted; shape (groups,)."""
    replicates: Floats
    """The same in each replicate; shape (replicates, groups)."""
    n: Ints
    """Answers counted in each group; shape (groups,)."""
    clusters: Ints
    """Clusters with such an answer; shape (groups,)."""
    intervals: Sequence[Interval]
    """Each group's own interval."""


def break_down(
    questions: Columns,
    pairs: Sequence[tuple[Grouping, Rate]],
    resampling: Resampling,
) -> list[Breakdown]:
    """The rate of each pair in the groups of its grouping, from one set of replicates."""
    tables = [
        _by_cluster(questions, grouping, amounts)
        for grouping, rate in pairs
        for amounts in (rate.top, rate.bottom)
    ]
    sums = np.hstack(tables)
    # With fewer than two clusters there is nothing to resample, and no interval.
    drawn = replicate_sums(sums, resampling) if questions.clusters > 1 else sums
    parts = np.hsplit(drawn, np.cumsum([table.shape[1] for table in tables])[:-1])
    return [
        _breakdown(tables[2 * place], tables[2 * place + 1], parts[2 * place], parts[2 * place + 1])
        for place in range(len(pairs))
    ]


def _by_cluster(questions: Columns, grouping: Grouping, amounts: Floats) -> Floats:
    """Sums over each cluster's scores in each group; shape (clusters, groups)."""
    known = grouping.label >= 0
    labels = len(grouping.members)
    sums = np.bincount(
        questions.cluster[known] * labels + grouping.label[known],
        weights=amounts[known],
        minlength=questions.clusters * labels,
    )
    return sums.reshape(questions.clusters, labels) @ grouping.members


def _breakdown(top: Floats, bottom: Floats, tops: Floats, bottoms: Floats) -> Breakdown:
    n = bottom.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        values = top.sum(axis=0) / n
        replicates = tops / bottoms
    clusters = np.count_nonzero(bottom, axis=0)
    return Breakdown(
        values=values,
        replicates=replicates,
        n=np.rint(n).astype(np.intp),
        clusters=clusters,
        intervals=[
            interval(float(value) if counted else None, column, int(involved))
            for value, counted, column, involved in zip(
                values, n, replicates.T, clusters, strict=True
            )
        ],
    )

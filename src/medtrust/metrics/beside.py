"""Rows of every task, whatever its families: who else had a hand in its answers.

A provider's filter may have taken replies away. A reply may have spoken to its judge; a figure that
a judge decides is then given once more, without such replies and pairs that have one.
"""

from collections.abc import Sequence
from dataclasses import replace

from medtrust.common.endings import BLOCKED
from medtrust.metrics.metric import Family, Metric
from medtrust.records import Score

TO_JUDGE = "to_judge"
"""Where a score says that its reply speaks to a judge: `details["to_judge"]`."""


def _speaks(score: Score) -> bool:
    return TO_JUDGE in score.details


BESIDE = Family(
    metrics=(
        Metric(
            name="blocked",
            title="Blocked by the provider",
            sentence="Share of answers that a filter of the provider took away. They count as "
            "abstentions.",
            dimension="answers",
            protocols=("corrected",),
            rows_where=lambda score: score.rule == BLOCKED,
            figure=lambda score: None if score.value is None else score.rule == BLOCKED,
        ),
        Metric(
            name="speaks_to_judge",
            title="Replies that speak to the judge",
            sentence="Share of answers that hold an order to a judge, a mark of their own or a "
            "frame of a judge's question. Judged figures are given without them too.",
            dimension="answers",
            direction="lower",
            rows_where=_speaks,
            figure=lambda score: None if score.value is None else _speaks(score),
        ),
    )
)
"""Their rows are there only where there is something to tell."""


def without_metric(metric: Metric) -> Metric:
    """The metric's twin that leaves out replies which speak to a judge."""
    about = metric.about
    return replace(
        metric,
        name=f"{metric.name}_unprompted",
        title=f"{metric.title}, judge unprompted",
        sentence=f"{metric.title} without replies that speak to the judge, and pairs that have "
        "one.",
        place="detail",
        change=None,
        worst_of_repeats=False,
        is_judged=False,
        judged_by=(),
        rows_where=_speaks,
        about=lambda *unit: not any(map(_speaks, unit)) and (about is None or about(*unit)),
    )


def without(families: Sequence[Family]) -> Family:
    """The twins of all metrics that a judge may decide."""
    return Family(
        metrics=tuple(
            without_metric(metric)
            for family in families
            for metric in family.metrics
            if metric.is_judged
        )
    )

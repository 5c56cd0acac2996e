"""Rates of what a keyword detector finds, corrected for its errors.

The counts behind the correction are of the corrected protocol's detectors, so the official one
gets no corrected rates.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from medtrust.metrics.detectors import detectors
from medtrust.metrics.evidence import Measured, Rate
from medtrust.metrics.measure import estimate, figures, rows
from medtrust.metrics.metric import Compute, Metric, Settings
from medtrust.metrics.rogan_gladen import adjusted_interval
from medtrust.metrics.units import units
from medtrust.metrics.verdict import LIKE_THESE
from medtrust.records import Score


def adjusted_metric(metric: Metric) -> Metric:
    """The metric's twin, corrected for the errors of the detector that it is counted with."""
    return replace(
        metric,
        name=f"{metric.name}_adjusted",
        title=f"{metric.title}, adjusted",
        sentence=f"{metric.title}, corrected for the measured errors of the detector that finds it "
        "(Rogan-Gladen). The interval carries both errors, the sample's and the detector's.",
        place="detail",
        figure=None,
        change=None,
        worst_of_repeats=False,
        protocols=("corrected",),
    )


def adjusted_rows(metric: Metric, detector: str) -> Compute:
    """What counts a metric's adjusted twin, where the detector has been measured."""

    def compute(scores: Sequence[Score], settings: Settings) -> Iterator[Measured]:
        measured = detectors().get(detector)
        if measured is None or scores[0].protocol == "official":
            return
        if metric.rows_where and not any(map(metric.rows_where, scores)):
            return
        for row in rows(metric, figures(metric, units(scores, metric.over))):
            plain = row.estimate
            n = 0.0
            if isinstance(row.of, Rate):
                n = row.of.design.n * row.of.design.factor(settings.correlation)
            found = adjusted_interval(plain.value, n, measured, settings)
            yield Measured(
                estimate=estimate(
                    scores[0],
                    metric=f"{metric.name}_adjusted",
                    value=found.value,
                    low=found.low,
                    high=found.high,
                    n=plain.n,
                    missing=plain.missing,
                    clusters=plain.clusters,
                    row=(plain.group_by, plain.group),
                    interval=f"draws of rate and detector; {LIKE_THESE}" if n else "",
                )
            )

    return compute

"""Rates of what rules find in replies, corrected for their errors.

They err more in long replies than in short ones, and otherwise on wishes than on questions. So a
rate is corrected within lengths, by counts on real replies to the same kind of task
(`detectors.json`), and not at all where such counts are lacking or contradict each other. They are
of the corrected protocol's rules, so the official reading gets no corrected rates.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from math import isfinite

import numpy as np

from medtrust.metrics.arrays import Floats
from medtrust.metrics.detectors import (
    FEWEST,
    LENGTHS,
    Detector,
    disagree,
    labelled,
    length_of,
    pooled,
)
from medtrust.metrics.evidence import Measured, Rate
from medtrust.metrics.measure import estimate, figures, rows
from medtrust.metrics.metric import Compute, Metric, Notes, Settings
from medtrust.metrics.rogan_gladen import Stratum, adjusted_interval
from medtrust.metrics.units import Units, units
from medtrust.metrics.verdict import LIKE_THESE
from medtrust.records import Score

Length = Callable[[Score], float]
"""Characters of the reply that a detector reads."""


def first_reply(score: Score) -> float:
    """Characters of the first reply, as far as a score keeps it."""
    return len(score.reply)


def adjusted_metric(metric: Metric) -> Metric:
    """The metric's twin, corrected for the errors of the detector that it is counted with."""
    return replace(
        metric,
        name=f"{metric.name}_adjusted",
        title=f"{metric.title}, adjusted",
        sentence=f"{metric.title}, corrected for the measured errors of the detector that finds it "
        "(Rogan-Gladen, by length of reply). The interval carries both errors, the sample's and "
        "the detector's. Withheld where no such replies have been labelled.",
        place="detail",
        figure=None,
        change=None,
        worst_of_repeats=False,
        protocols=("corrected",),
    )


def adjusted_rows(metric: Metric, detector: str, length: Length = first_reply) -> Compute:
    """What counts a metric's adjusted twin, where the detector has been measured."""

    def compute(scores: Sequence[Score], settings: Settings) -> Iterator[Measured]:
        rates, why = _rates(metric, detector, length, scores, settings)
        if not rates or why:
            return
        counted = figures(metric, units(scores, metric.over))
        for row in rows(metric, counted):
            plain = row.estimate
            factor = 0.0
            if isinstance(row.of, Rate):
                factor = row.of.design.factor(settings.correlation)
            weight = counted.units.weights[plain.group_by, plain.group]
            found = adjusted_interval(
                _strata(metric, counted.units, weight * factor, length, rates), settings
            )
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
                    interval=f"draws of rate and detector; {LIKE_THESE}" if factor else "",
                )
            )

    return compute


def adjusted_notes(metric: Metric, detector: str, length: Length = first_reply) -> Notes:
    """What says why a metric's adjusted twin is withheld."""

    def notes(scores: Sequence[Score], settings: Settings) -> Iterable[str]:
        _, why = _rates(metric, detector, length, scores, settings)
        return [f"{metric.name}_adjusted is withheld: {why}"] if why else []

    return notes


def _rates(
    metric: Metric, detector: str, length: Length, scores: Sequence[Score], settings: Settings
) -> tuple[Mapping[str, Detector], str]:
    """The detector's counts by length of the scores' replies, and why they cannot be used."""
    if not scores or scores[0].protocol == "official":
        return {}, ""
    counted = [score for score in scores if _figure(metric, score) is not None]
    lengths = Counter(length_of(int(length(score))) for score in counted)
    reader = settings.readers.get(detector, "rules")
    if lengths and reader != "rules":
        return {}, f"{reader} read the replies, and only the rules' errors are known"
    rates: dict[str, Detector] = {}
    for name in (name for name in LENGTHS if lengths[name]):
        sets = labelled().stratum(detector, settings.asks, name)
        about = f"real replies to a {settings.asks}, {name} characters long"
        rates[name] = whole = pooled([*sets.values()])
        if not whole.enough:
            return {}, (
                f"of {about}, {whole.positives} with and {whole.negatives} without it have been "
                f"labelled, and {FEWEST} of each are needed"
            )
        if disagree([*sets.values()]):
            return {}, (
                f"the rules err differently in the labelled sets of {about} "
                f"({', '.join(sorted(sets))})"
            )
    return rates, ""


def _strata(
    metric: Metric, arranged: Units, weight: Floats, length: Length, rates: Mapping[str, Detector]
) -> list[Stratum]:
    """The rate as counted in each length, with its effective number of units.

    A question that was asked several times is one unit, whose answers share its weight.
    """
    values = [_figure(metric, score) for (score,) in arranged.asked]
    there = np.array([value is not None for value in values], dtype=np.float64)
    share = weight / np.maximum(np.bincount(arranged.unit, there, len(weight)), 1)
    found = np.array([value or 0.0 for value in values]) * there
    names = np.array([length_of(int(length(score))) for (score,) in arranged.asked])
    strata = []
    for name, detector in rates.items():
        own = there * share[arranged.unit] * (names == name)
        n = float(own.sum())
        if n:
            strata.append(Stratum(min(1.0, float((own * found).sum()) / n), n, detector))
    return strata


def _figure(metric: Metric, score: Score) -> float | None:
    value = metric.figure(score) if metric.figure else None
    return value if value is not None and isfinite(value) else None

"""Recall and precision of each class, where questions have several classes of answers.

A class is a reference text that recurs, wherever it is offered: a diagnosis, a body site.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from msgspec import structs

from medtrust.metrics.evidence import Measured
from medtrust.metrics.measure import figures, row_of
from medtrust.metrics.metric import OUTSIDE, Metric, Settings
from medtrust.metrics.mover import mean
from medtrust.metrics.units import Units, units
from medtrust.metrics.verdict import LIKE_THESE, Interval, bounds_of
from medtrust.records import Score

FEW, MANY, EACH = 3, 40, 10
"""Classes that a result must have at least and at most, and questions a class on average: texts
that hardly recur are no classes."""

BY = "class"
"""The grouping that the rows of single classes stand under."""

_metric = partial(
    Metric, dimension="trustfulness", direction="higher", place="detail", protocols=("corrected",)
)

RECALL = _metric(
    name="recall",
    title="Recall of a class",
    sentence="Of the questions whose right answer is this class, the share answered so.",
    averaged=False,
)
PRECISION = _metric(
    name="class_precision",
    title="Precision of a class",
    sentence="Of the answers that name this class, the share that are right.",
    averaged=False,
)
MACRO_RECALL = _metric(
    name="macro_recall",
    title="Mean recall of classes",
    sentence="Recall averaged over the classes, each counting as one however rare it is.",
)
MACRO_PRECISION = _metric(
    name="macro_precision",
    title="Mean precision of classes",
    sentence="Precision averaged over the classes that were named at least once.",
)
CLASSES = (RECALL, PRECISION, MACRO_RECALL, MACRO_PRECISION)


def class_rows(scores: Sequence[Score], settings: Settings) -> Iterator[Measured]:
    """Each class's recall and precision, and their means; nothing where there are no classes."""
    closed = [score for score in scores if score.options and score.reference]
    counts = Counter(score.reference for score in closed)
    if not FEW <= len(counts) <= MANY or len(closed) < EACH * len(counts):
        return
    arranged = units(closed, "answers")
    for metric, mean_of, read in (
        (RECALL, MACRO_RECALL, _recalled),
        (PRECISION, MACRO_PRECISION, _precise),
    ):
        own = [_class_row(metric, partial(read, name), name, arranged) for name in sorted(counts)]
        yield from own
        yield _macro(mean_of, own, settings)


def _recalled(name: str, score: Score) -> float | None:
    if score.reference != name:
        return OUTSIDE
    return None if score.value is None else _named(score) == name


def _precise(name: str, score: Score) -> float | None:
    if score.value is None:
        return None
    return float(score.reference == name) if _named(score) == name else OUTSIDE


def _named(score: Score) -> str:
    return score.option if score.outcome == "choice" else ""


def _class_row(metric: Metric, read: partial[float | None], name: str, own: Units) -> Measured:
    counted = replace(metric, figure=read)
    return row_of(counted, figures(counted, own), row=(BY, name))


def _macro(metric: Metric, own: Sequence[Measured], settings: Settings) -> Measured:
    found = []
    for one in own:
        if one.of is not None:
            bounds = bounds_of(one.of, settings.correlation)
            found.append(Interval(one.of.value, bounds.low, bounds.high))
    average = mean(found) if found else Interval(None, None, None)
    head = own[0].estimate
    made = structs.replace(
        head,
        metric=metric.name,
        group_by="all",
        group="all",
        value=average.value,
        low=None if average.low is None else max(0.0, average.low),
        high=None if average.high is None else min(1.0, average.high),
        n=sum(one.estimate.n for one in own),
        missing=max(one.estimate.missing for one in own),
        clusters=max(one.estimate.clusters for one in own),
        worst=None,
        best=None,
        interval=f"of {len(found)} classes (MOVER); {LIKE_THESE}",
    )
    return Measured(estimate=made)

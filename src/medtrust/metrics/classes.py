"""Recall and precision of each class, where questions have several classes of answers.

A class is a reference text, wherever it is offered: a diagnosis, a body site.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from math import fsum

from msgspec import structs

from medtrust.metrics.balanced import interval_of
from medtrust.metrics.evidence import Measured
from medtrust.metrics.measure import figures, row_of
from medtrust.metrics.metric import Metric, Settings
from medtrust.metrics.mover import mean
from medtrust.metrics.units import units
from medtrust.metrics.verdict import LIKE_THESE, Interval
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
    # A class is a grouping of its own, so there is no other to arrange.
    closed = [
        structs.replace(score, groups={}) for score in scores if score.options and score.reference
    ]
    asked: dict[str, list[Score]] = defaultdict(list)
    named: dict[str, list[Score]] = defaultdict(list)
    for score in closed:
        asked[score.reference].append(score)
        if score.outcome == "choice":
            named[score.option].append(score)
    questions = len({score.sample for score in closed})
    if not FEW <= len(asked) <= MANY or questions < EACH * len(asked):
        return
    answered = [score for score in closed if score.value is not None]
    lost = [score for score in closed if score.value is None]
    recall = [_class_row(RECALL, name, asked[name]) for name in sorted(asked)]
    # An answer that never came might have named any class.
    precision = [
        _class_row(PRECISION, name, [*named[name], *lost])
        for name in sorted(asked)
        if named[name] or lost
    ]
    yield from recall
    yield _mean_recall(recall, answered, settings.correlation)
    yield from precision
    if precision:
        yield _mean(MACRO_PRECISION, precision, answered, settings.correlation)


def _class_row(metric: Metric, name: str, scores: Sequence[Score]) -> Measured:
    """Of these answers, the share that name the class and are right."""

    def figure(score: Score) -> float | None:
        right = score.outcome == "choice" and score.option == name == score.reference
        return None if score.value is None else float(right)

    own = figures(replace(metric, figure=figure), units(scores, "answers"))
    return row_of(metric, own, row=(BY, name))


def _mean_recall(own: Sequence[Measured], answered: Sequence[Score], rho: float) -> Measured:
    made = _mean(MACRO_RECALL, own, answered, rho).estimate
    rows = [one.estimate for one in own]
    # Each missing answer is in the recall of one class, so the bounds of their mean are reached.
    chance, constant = _baselines(answered) if answered else (None, None)
    return Measured(
        estimate=structs.replace(
            made,
            missing=sum(row.missing for row in rows),
            worst=fsum(row.worst or 0.0 for row in rows) / len(rows),
            best=fsum(row.best or 0.0 for row in rows) / len(rows),
            chance=chance,
            constant=constant,
            baseline=constant,
        )
    )


def _baselines(answered: Sequence[Score]) -> tuple[float, float]:
    """Mean recall of a random answer and of the best constant one: a letter, or one class's name.

    The best letter is never below chance, as a random answer is one of the letters.
    """
    classes: dict[str, list[Score]] = defaultdict(list)
    for score in answered:
        classes[score.reference].append(score)

    def average(worth: Callable[[Score], float]) -> float:
        return fsum(fsum(map(worth, own)) / len(own) for own in classes.values()) / len(classes)

    letters = {score.target for score in answered}
    each = [average(partial(_is_right, letter)) for letter in letters]
    return average(lambda score: 1 / score.options), max(1 / len(classes), *each)


def _is_right(letter: str, score: Score) -> float:
    return float(score.target == letter)


def _mean(
    metric: Metric, own: Sequence[Measured], answered: Sequence[Score], rho: float
) -> Measured:
    """The unweighted mean of the classes that have a value."""
    found = [interval_of(one, rho) for one in own if one.of is not None]
    average = mean(found) if found else Interval(None, None, None)
    missing = max(one.estimate.missing for one in own)
    how = f"of {len(found)} classes (MOVER, correlation {rho:.2g}); {LIKE_THESE}"
    return Measured(
        estimate=structs.replace(
            own[0].estimate,
            metric=metric.name,
            group_by="all",
            group="all",
            value=average.value,
            low=average.low,
            high=average.high,
            n=sum(one.estimate.n for one in own),
            missing=missing,
            clusters=len({score.cluster for score in answered}),
            # One missing answer spoils the precision of every class, but not of all at once.
            worst=None if missing else average.value,
            best=None if missing else average.value,
            interval=how if found else "",
        )
    )

"""The family `clinical`: what clinicians ask of a test, where accuracy alone says nothing.

`two_answers` says which answer is the positive one. A refusal or an unreadable reply is neither
answer, so it counts against sensitivity and against specificity alike, and is in neither predictive
value.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from medtrust.metrics.balanced import targets_of
from medtrust.metrics.classes import CLASSES, class_rows
from medtrust.metrics.evidence import Measured
from medtrust.metrics.from_rates import FROM_RATES, Rates, from_rates
from medtrust.metrics.measure import Figures, figures, rows
from medtrust.metrics.metric import OUTSIDE, Family, Figure, Metric, Settings
from medtrust.metrics.two_answers import Read, sides_of
from medtrust.metrics.units import Row, Units, units
from medtrust.records import Score

_metric = partial(
    Metric,
    dimension="trustfulness",
    direction="higher",
    place="detail",
    protocols=("corrected",),
)

SENSITIVITY = _metric(
    name="sensitivity",
    title="Sensitivity",
    sentence="Of the questions where the positive answer (yes, or the rarer of two) is right, the "
    "share answered so; a refusal counts as a miss.",
)
SPECIFICITY = _metric(
    name="specificity",
    title="Specificity",
    sentence="Of the questions where the negative answer (no, or the commoner of two) is right, "
    "the share answered so; a refusal counts as an error.",
)
PPV = _metric(
    name="ppv",
    title="Positive predictive value",
    sentence="Of the positive answers, the share that are right, at this set's own prevalence.",
)
NPV = _metric(
    name="npv",
    title="Negative predictive value",
    sentence="Of the negative answers, the share that are right, at this set's own prevalence.",
)
_HIDDEN = replace(SENSITIVITY, name="", direction="lower")
"""Wrong answers on either side: without refusals they are what the shown rates leave."""


def compute(scores: Sequence[Score], settings: Settings) -> Iterator[Measured]:
    """All figures of questions with two answers, then those of classes."""
    if scores[0].protocol == "official":
        return
    sides = sides_of(scores)
    if sides is not None:
        yield from _two_answers(sides, units(scores, "answers"), settings)
    yield from class_rows(scores, settings)


def _two_answers(sides: Read, arranged: Units, settings: Settings) -> Iterator[Measured]:
    def counted(metric: Metric, read: Figure, *what: bool) -> tuple[Figures, dict[Row, Measured]]:
        own = figures(replace(metric, figure=partial(read, sides, *what)), arranged)
        found = {(r.estimate.group_by, r.estimate.group): r for r in rows(metric, own)}
        return own, found

    positives, sensitivity = counted(SENSITIVITY, _given, True, True)
    negatives, specificity = counted(SPECIFICITY, _given, False, False)
    _, alarms = counted(_HIDDEN, _given, False, True)
    _, misses = counted(_HIDDEN, _given, True, False)
    for shown in (sensitivity, specificity):
        yield from shown.values()
    for metric, answer in ((PPV, True), (NPV, False)):
        yield from counted(metric, _right, answer)[1].values()
    targets = targets_of(arranged)
    for row in sensitivity:
        if row in specificity:
            parts = sensitivity[row], specificity[row], alarms[row], misses[row]
            yield from from_rates(Rates(*parts, (positives, negatives), targets), settings)


def _given(sides: Read, reference: bool, answer: bool, score: Score) -> float | None:
    """Whether the answer is that one, of the questions with that reference."""
    known = sides(score)
    if known.reference is not reference:
        return OUTSIDE
    return None if score.value is None else float(known.answer is answer)


def _right(sides: Read, answer: bool, score: Score) -> float | None:
    """Whether it is right, of the answers that are that one."""
    known = sides(score)
    if known.reference is None:
        return OUTSIDE
    if score.value is None:
        return None
    return float(known.reference is answer) if known.answer is answer else OUTSIDE


CLINICAL = Family(
    metrics=(SENSITIVITY, SPECIFICITY, PPV, NPV, *FROM_RATES, *CLASSES), compute=compute
)

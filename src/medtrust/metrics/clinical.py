"""The family `clinical`: what clinicians ask of a test, for questions of two answers.

The positive answer is yes, or the option that begins with it where the other begins with no. In a
result whose closed questions all have the same two reference texts it is the rarer of them: the
finding. A refusal or an unreadable reply is neither answer, so it counts against sensitivity and
against specificity alike.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from msgspec import structs

from medtrust.metrics.classes import CLASSES, class_rows
from medtrust.metrics.evidence import Against, Measured
from medtrust.metrics.measure import estimate, figures, rows
from medtrust.metrics.metric import OUTSIDE, Family, Metric, Settings
from medtrust.metrics.mover import mean
from medtrust.metrics.ratio_interval import ratio
from medtrust.metrics.units import Row, units
from medtrust.metrics.verdict import ENOUGH, LIKE_THESE, Interval, bounds_of
from medtrust.records import Score, Verdict

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
    sentence="Of the questions where the positive answer is right, the share answered so.",
)
SPECIFICITY = _metric(
    name="specificity",
    title="Specificity",
    sentence="Of the questions where the negative answer is right, the share answered so.",
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
BALANCED = _metric(
    name="balanced_accuracy",
    title="Balanced accuracy",
    sentence="Mean of sensitivity and specificity; a constant answer comes to 50 %.",
    judged_by=("chance", "constant"),
)
POSITIVE_RATIO = _metric(
    name="likelihood_ratio_positive",
    title="Positive likelihood ratio",
    sentence="How many times more often the positive answer comes where it is right than where it "
    "is wrong.",
    unit="ratio",
    averaged=False,
)
NEGATIVE_RATIO = _metric(
    name="likelihood_ratio_negative",
    title="Negative likelihood ratio",
    sentence="How many times as often the answer is not positive where it should be as where the "
    "negative answer is given rightly. The nearer to 0, the more a negative answer excludes.",
    direction="lower",
    unit="ratio",
    averaged=False,
)
PPV_AT = _metric(
    name="ppv_at_prevalence",
    title="Positive predictive value at the stated prevalence",
    sentence="Share of positive answers that would be right at the prevalence of --prevalence.",
)
NPV_AT = _metric(
    name="npv_at_prevalence",
    title="Negative predictive value at the stated prevalence",
    sentence="Share of negative answers that would be right at the prevalence of --prevalence.",
)


class _Sides(NamedTuple):
    """Whether the reference and the answer are positive; None for neither, or unknown."""

    reference: bool | None
    answer: bool | None


Sides = Callable[[Score], _Sides]


def compute(scores: Sequence[Score], settings: Settings) -> Iterator[Measured]:
    """All figures of two-answer questions, then those of classes; corrected protocol only."""
    if scores[0].protocol == "official":
        return
    sides = _sides_of(scores)
    if sides is not None:
        arranged = units(scores, "answers")
        found: dict[str, dict[Row, Measured]] = {}
        for metric, read in (
            (SENSITIVITY, _of_reference(sides, positive=True)),
            (SPECIFICITY, _of_reference(sides, positive=False)),
            (PPV, _of_answer(sides, positive=True)),
            (NPV, _of_answer(sides, positive=False)),
        ):
            counted = replace(metric, figure=read, about=lambda s: sides(s).reference is not None)
            own = [*rows(counted, figures(counted, arranged))]
            found[metric.name] = {(r.estimate.group_by, r.estimate.group): r for r in own}
            yield from own
        for row, first in found["sensitivity"].items():
            second = found["specificity"].get(row)
            if second is not None:
                yield from _derived(scores[0], row, first, second, settings)
    yield from class_rows(scores, settings)


def _sides_of(scores: Sequence[Score]) -> Sides | None:
    """What reads positive and negative off a score; None where no question has two such answers."""
    if any(score.target in {"yes", "no"} or "is_yes" in score.details for score in scores):
        return _yes_no
    texts = Counter(score.reference for score in scores if score.options)
    (rarer, few), *more = sorted(texts.items(), key=lambda one: one[1]) or [("", 0)]
    if len(more) != 1 or few == more[0][1] or any(s.options not in {0, 2} for s in scores):
        return None
    return partial(_two_classes, rarer, more[0][0])


def _yes_no(score: Score) -> _Sides:
    if "is_yes" in score.details:
        chosen = score.outcome == "choice"
        answer = bool(score.details["said_yes"]) if chosen else None
        return _Sides(bool(score.details["is_yes"]), answer)
    if score.target not in {"yes", "no"}:
        return _Sides(None, None)
    said = {"yes": True, "no": False}.get(score.choice)
    return _Sides(score.target == "yes", said if score.outcome == "choice" else None)


def _two_classes(positive: str, negative: str, score: Score) -> _Sides:
    known = {positive: True, negative: False}
    answer = known.get(score.option) if score.outcome == "choice" else None
    return _Sides(known.get(score.reference), answer)


def _of_reference(sides: Sides, *, positive: bool) -> Callable[[Score], float | None]:
    def figure(score: Score) -> float | None:
        reference, answer = sides(score)
        if reference != positive:
            return OUTSIDE
        return None if score.value is None else float(answer == positive)

    return figure


def _of_answer(sides: Sides, *, positive: bool) -> Callable[[Score], float | None]:
    def figure(score: Score) -> float | None:
        reference, answer = sides(score)
        if score.value is None:
            return None
        return float(reference == positive) if answer == positive else OUTSIDE

    return figure


def interval_of(measured: Measured, settings: Settings) -> Interval:
    """A rate's interval at the declared correlation, for figures that are made from it."""
    if measured.of is None:
        return Interval(None, None, None)
    bounds = bounds_of(measured.of, settings.correlation)
    return Interval(measured.of.value, bounds.low, bounds.high)


def _derived(
    head: Score, row: Row, first: Measured, second: Measured, settings: Settings
) -> Iterator[Measured]:
    """Balanced accuracy, likelihood ratios and predictive values at a stated prevalence."""
    sensitivity, specificity = (interval_of(one, settings) for one in (first, second))
    n = first.estimate.n + second.estimate.n
    missing = first.estimate.missing + second.estimate.missing
    clusters = max(first.estimate.clusters, second.estimate.clusters)

    def measured(metric: Metric, found: Interval, how: str, verdict: Verdict = "") -> Measured:
        judged = [Against(name=name, value=0.5) for name in metric.judged_by]
        made = structs.replace(
            estimate(
                head,
                metric=metric.name,
                value=found.value,
                low=found.low,
                high=found.high,
                n=n,
                missing=missing,
                clusters=clusters,
                row=row,
                against=judged,
                interval=f"{how}; {LIKE_THESE}" if found.low is not None else "",
            ),
            verdict=verdict,
        )
        return Measured(estimate=made)

    balanced = mean([sensitivity, specificity])
    yield measured(BALANCED, balanced, "of two rates (MOVER)", _beyond_half(balanced, clusters))
    positive = ratio(sensitivity, _less(specificity))
    negative = ratio(_less(sensitivity), specificity)
    for metric, found in ((POSITIVE_RATIO, positive), (NEGATIVE_RATIO, negative)):
        open_end = ", without an upper end" if found.high is None else ""
        yield measured(metric, found, f"of two rates (MOVER-R{open_end})")
    if settings.prevalence is not None and n:
        odds = settings.prevalence / (1 - settings.prevalence)
        yield measured(PPV_AT, _share(positive, odds), "through the likelihood ratio's")
        wrong = _share(negative, odds)
        yield measured(NPV_AT, _less(wrong), "through the likelihood ratio's")


def _less(found: Interval) -> Interval:
    """The interval of 1 minus the share."""
    value, low, high = (None if one is None else 1 - one for one in found[:3])
    return Interval(value, high, low)


def _share(found: Interval, odds: float) -> Interval:
    """Bayes' rule in odds: a share grows with the likelihood ratio, and ends at 1."""
    if found.low is None:
        return Interval(None, None, None)
    value, low, high = (1.0 if one is None else one * odds / (1 + one * odds) for one in found[:3])
    return Interval(value if found.value is not None else None, low, high)


def _beyond_half(found: Interval, clusters: int) -> Verdict:
    if found.low is None or found.high is None:
        return ""
    if clusters < ENOUGH:
        return "not measured"
    return "shown" if found.low > 0.5 else "worse" if found.high < 0.5 else "not shown"


CLINICAL = Family(
    metrics=(
        SENSITIVITY,
        SPECIFICITY,
        PPV,
        NPV,
        BALANCED,
        POSITIVE_RATIO,
        NEGATIVE_RATIO,
        PPV_AT,
        NPV_AT,
        *CLASSES,
    ),
    compute=compute,
)

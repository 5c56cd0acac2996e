"""The family `calibration`: is a model's confidence worth anything?

Units are questions answered by a choice that comes with a confidence, the model's own probability
of its choice. Abstentions, unreadable replies and ties have none by nature and are left out; a
choice without log-probabilities counts as missing, as does an answer that never came. A question
that was asked several times is one unit, as in all metrics, with its mean confidence and its mean
correctness: answers that come out alike five times say no more than one. The official protocol
has none of it: the released code knows no confidence.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from math import fsum

import numpy as np
from msgspec import structs

from medtrust.metrics.arrays import Bools, Floats, exact_sum
from medtrust.metrics.aurc import aurc
from medtrust.metrics.bootstrap import multiplicities, p_value, percentile
from medtrust.metrics.calibration_error import bins, calibrated, errors_of
from medtrust.metrics.evidence import Against, Measured, difference
from medtrust.metrics.measure import Figures, figures, row_of
from medtrust.metrics.metric import Family, Metric, Settings
from medtrust.metrics.units import units
from medtrust.metrics.verdict import ALPHA, DIGITS, ENOUGH, Interval
from medtrust.records import Score, Verdict

_metric = partial(
    Metric,
    dimension="trustfulness",
    direction="lower",
    place="calibration",
    protocols=("corrected",),
)

ECE = _metric(
    name="ece",
    title="Calibration error",
    sentence="Expected calibration error: the mean gap between how sure the model says it is and "
    "how often it is right. It is never 0 by chance alone: compare it with what a calibrated model "
    "would show.",
    is_difference=True,
    judged_by=("chance",),
)
ECE_CALIBRATED = _metric(
    name="ece_calibrated",
    title="Calibration error by chance",
    sentence="The calibration error that a perfectly calibrated model with these confidences would "
    "show on as many questions.",
    direction="neither",
)
SQUARED = _metric(
    name="calibration_error_squared",
    title="Squared calibration error",
    sentence="Squared calibration error without the part that noise adds. It is 0 on average for a "
    "calibrated model, so it can be below 0.",
    unit="number",
)
AURC = _metric(
    name="aurc",
    title="Risk-coverage area",
    sentence="Mean error rate over all thresholds at which only the surest answers are kept.",
    judged_by=("chance",),
)
BRIER = _metric(
    name="brier",
    title="Brier score",
    sentence="Mean squared distance of the confidence from right (1) or wrong (0). The constant "
    "that it is set against is always as sure as the share of right answers.",
    judged_by=("constant",),
)
MEAN_CONFIDENCE = _metric(
    name="mean_confidence",
    title="Mean confidence",
    sentence="Mean probability that the model gives to its own answers; compare it with accuracy.",
    direction="neither",
)


def compute(scores: Sequence[Score], settings: Settings) -> Iterator[Measured]:
    """All of the family's metrics, none where no answer has a confidence."""
    if scores[0].protocol == "official" or all(score.confidence is None for score in scores):
        return
    arranged = units([_or_missing(score) for score in scores], "answers")
    sure, right, brier = (
        figures(replace(metric, figure=figure), arranged)
        for metric, figure in (
            (MEAN_CONFIDENCE, lambda score: score.confidence),
            (MEAN_CONFIDENCE, _right),
            (BRIER, _squared),
        )
    )
    mean = row_of(MEAN_CONFIDENCE, sure)
    if mean.of is None:
        yield from (row_of(metric, sure) for metric in CALIBRATION.metrics)
        return
    yield from _resampled(mean, sure, right, settings)
    yield row_of(BRIER, brier, opponents=partial(_forecast, brier, right))
    yield mean


def _or_missing(score: Score) -> Score:
    """The score, as a missing answer if it is a choice without a confidence."""
    if score.outcome != "choice":
        return structs.replace(score, confidence=None)
    is_lost = score.confidence is None or score.value is None
    return structs.replace(score, outcome="error", confidence=None) if is_lost else score


def _right(score: Score) -> float | None:
    return None if score.confidence is None else score.value


def _squared(score: Score, forecast: float | None = None) -> float | None:
    """The Brier score of one answer (Brier 1950, Mon. Weather Rev. 78), or of a forecast of it."""
    if score.confidence is None or score.value is None:
        return None
    return ((score.confidence if forecast is None else forecast) - score.value) ** 2


def _forecast(own: Figures, right: Figures, weight: Floats, counted: Bools) -> Iterator[Against]:
    """The Brier score of the constant confidence that does best: the share of right answers."""
    w = weight[counted]
    share = exact_sum(right.value[counted]) / len(w)
    other = figures(replace(BRIER, figure=partial(_squared, forecast=share)), own.units)
    change = own.value[counted] - other.value[counted]
    yield Against(
        name="constant",
        value=exact_sum(other.value[counted]) / len(w),
        difference=difference(change, w, own.units.cluster[counted]),
    )


def _resampled(
    mean: Measured, sure: Figures, right: Figures, settings: Settings
) -> Iterator[Measured]:
    """The figures without a closed form."""
    used = sure.counted
    clusters, cluster = np.unique(sure.units.cluster[used], return_inverse=True)
    confidence, correct = sure.value[used], right.value[used]
    first = np.unique(sure.units.unit, return_index=True)[1][used]
    options = np.array([sure.units.asked[place][0].options or 2 for place in first], dtype=float)
    bin_of = bins(confidence, options)
    own = errors_of(bin_of, confidence, correct, cluster)
    many = len(clusters)
    value = own(np.ones((1, many)))[0].round(DIGITS)
    times = multiplicities(many, settings, len(cluster))
    drawn = np.concatenate([own(some) for some in times])
    ece, squared, area = (
        percentile(float(one), column, many)
        for one, column in zip(value[:3], drawn.T[:3], strict=True)
    )

    def row(
        metric: Metric,
        found: Interval,
        chance: float | None = None,
        p: float | None = None,
        ends: tuple[float | None, float | None] = (None, None),
    ) -> Measured:
        verdict: Verdict = ""
        if chance is not None and p is not None:
            verdict = _verdict(mean, found.value or 0.0, chance, p, ends)
        estimate = structs.replace(
            mean.estimate,
            **dict(zip(("value", "low", "high", "interval"), found, strict=True)),
            metric=metric.name,
            baseline=chance,
            chance=chance,
            p=p,
            worst=ends[0],
            best=ends[1],
            verdict=verdict,
        )
        return Measured(estimate=estimate, direction=metric.direction)

    null = calibrated(_said(sure), bin_of, cluster, settings)
    noise = round(exact_sum(null) / len(null), DIGITS)
    p = (1 + int((null >= value[0] - 1e-9).sum())) / (1 + len(null))
    yield row(ECE, ece, noise, p, _ends_of_ece(value[0], sure))
    low, high = map(float, np.quantile(null, [0.025, 0.975]))
    made = f"draws ({len(null):,} of right and wrong); these questions"
    yield row(ECE_CALIBRATED, Interval(noise, min(noise, low), max(noise, high), made))
    yield row(SQUARED, squared)
    wrong = round(1 - exact_sum(correct) / len(correct), DIGITS)
    # Both are of the same questions, so it is their difference that is resampled.
    p = p_value(drawn[:, 2] - drawn[:, 3])
    yield row(AURC, area, wrong, p, _ends_of_aurc(confidence, 1 - correct, sure))


def _verdict(
    mean: Measured, value: float, chance: float, p: float, ends: tuple[float | None, float | None]
) -> Verdict:
    """Of a figure that is better when lower."""
    worst, best = ends
    is_open = worst is not None and best is not None and best <= chance <= worst
    if mean.estimate.clusters < ENOUGH or (mean.estimate.missing and is_open):
        return "not measured"
    if p > ALPHA or value == chance:
        return "not shown"
    return "shown" if value < chance else "worse"


def _ends_of_ece(ece: float, sure: Figures) -> tuple[float, float]:
    """The ECE, at most and at least, whatever the missing answers are.

    A question changes the sum of gaps by at most 1; one that is missing in part may leave its bin
    for another, and so changes two.
    """
    lost = sure.lost > 0
    n = float((sure.counted | lost).sum())
    known, moved = ece * float(sure.counted.sum()), float((lost * (1.0 + sure.counted)).sum())
    return round(min(1.0, (known + moved) / n), DIGITS), round(max(0.0, known - moved) / n, DIGITS)


def _ends_of_aurc(confidence: Floats, error: Floats, sure: Figures) -> tuple[float, float]:
    """The AURC if all missing answers were the surest, and wrong, or right."""
    lost = sure.lost > 0
    known, more = ~lost[sure.counted], np.ones(int(lost.sum()))
    at_top = np.append(confidence[known], 2 * more)
    everyone = np.zeros(len(at_top), dtype=np.intp)
    worst, best = (
        float(aurc(at_top, np.append(error[known], each * more), everyone, np.ones((1, 1)))[0])
        for each in (1, 0)
    )
    return round(worst, DIGITS), round(best, DIGITS)


def _said(sure: Figures) -> list[list[tuple[float, float]]]:
    """Of each question that counts, its answers: the share of each, and its mean confidence."""
    found: list[dict[str, list[float]]] = [{} for _ in sure.units.names]
    for unit, (score,) in zip(sure.units.unit.tolist(), sure.units.asked, strict=True):
        if score.confidence is not None:
            found[unit].setdefault(score.option or score.choice, []).append(score.confidence)
    many = [sum(map(len, own.values())) for own in found]
    return [
        [(len(each) / n, fsum(each) / len(each)) for each in own.values()]
        for own, n in zip(found, many, strict=True)
        if own
    ]


CALIBRATION = Family(
    metrics=(ECE, ECE_CALIBRATED, SQUARED, AURC, BRIER, MEAN_CONFIDENCE), compute=compute
)

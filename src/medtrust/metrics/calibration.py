"""The family `calibration`: is a model's confidence worth anything?

Units are answers that are a choice and come with a confidence, the model's own probability of its
choice. Abstentions, unreadable replies and ties have none by nature and are left out; a choice
without log-probabilities counts as missing, as does an answer that never came. Each answer of a
question that was asked several times counts for itself, in the question's cluster, since each has a
confidence of its own; `n` counts questions. The official protocol has none of it: the released code
knows no confidence.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from msgspec import structs

from medtrust.metrics.arrays import Floats, Ints, exact_sum
from medtrust.metrics.aurc import aurc
from medtrust.metrics.bootstrap import multiplicities, percentile
from medtrust.metrics.evidence import Against, Measured, rate
from medtrust.metrics.measure import estimate
from medtrust.metrics.metric import Family, Metric, Settings
from medtrust.metrics.units import MISSING
from medtrust.metrics.verdict import ALPHA, ENOUGH, Interval
from medtrust.records import Score, Verdict

BINS = 15
"""Equal-width bins, as in Guo et al. 2017 (arXiv 1706.04599)."""

DRAWS = 10_000
"""Draws of a calibrated model's right and wrong answers."""


def _has_confidence(score: Score) -> bool:
    return score.confidence is not None


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
    "calibrated model, and can be below.",
    unit="number",
)
AURC = _metric(
    name="aurc",
    title="Risk-coverage area",
    sentence="Mean error rate over all thresholds at which only the surest answers are kept.",
)
BRIER = _metric(
    name="brier",
    title="Brier score",
    sentence="Mean squared distance of the confidence from right (1) or wrong (0).",
)
MEAN_CONFIDENCE = _metric(
    name="mean_confidence",
    title="Mean confidence",
    sentence="Mean probability that the model gives to its own answers; compare it with accuracy.",
    direction="neither",
)


def bins(confidence: Floats, options: Floats) -> Ints:
    """The bin of each confidence: of equal width over [1/k, 1], with k options.

    A model that picks its likeliest option is never less sure than 1/k, so bins over [0, 1] would
    leave half of them empty where there are two options. Bin b holds what is above its lower edge,
    up to its upper one; bin 0 also all that is lower.
    """
    floor = 1 / np.maximum(options, 1)
    place = (confidence - floor) / np.where(floor < 1, 1 - floor, 1.0)
    return np.clip(np.ceil(place * BINS - 1e-9).astype(np.intp) - 1, 0, BINS - 1)


def compute(scores: Sequence[Score], settings: Settings) -> Iterator[Measured]:
    """ECE, what a calibrated model would show, the debiased squared error, and AURC."""
    if scores[0].protocol == "official" or not any(map(_has_confidence, scores)):
        return
    used = [
        score
        for score in scores
        if score.outcome == "choice" and score.confidence is not None and score.value is not None
    ]
    choices = sum(score.outcome == "choice" for score in scores)
    lost = sum(score.outcome in MISSING for score in scores) + choices - len(used)
    questions = len({score.sample for score in used})
    clusters = sorted({score.cluster for score in used})

    def row(metric: Metric, found: Interval, **more: Any) -> Measured:
        return Measured(
            estimate=estimate(
                scores[0],
                metric=metric.name,
                value=found.value,
                low=found.low,
                high=found.high,
                n=questions,
                missing=lost,
                clusters=len(clusters),
                direction=metric.direction,
                interval=found.made,
                **more,
            )
        )

    if not used:
        for metric in CALIBRATION.metrics:
            yield row(metric, Interval(None, None, None))
        return
    codes = {name: code for code, name in enumerate(clusters)}
    cluster = np.array([codes[score.cluster] for score in used], dtype=np.intp)
    sure = np.array([score.confidence for score in used], dtype=np.float64)
    right = np.array([score.value for score in used], dtype=np.float64)
    bin_of = bins(sure, np.array([score.options or 2 for score in used], dtype=np.float64))
    own = _measure(bin_of, sure, right, cluster, len(clusters))
    value = own(np.ones((1, len(clusters))))[0]
    drawn = np.concatenate([own(some) for some in multiplicities(len(clusters), settings)])
    ece, squared, area = (
        percentile(float(one), column, len(clusters))
        for one, column in zip(value, drawn.T, strict=True)
    )
    null = _calibrated(bin_of, sure, cluster, settings)
    chance = exact_sum(null) / len(null)
    p = (1 + int((null >= value[0] - 1e-9).sum())) / (1 + len(null))
    verdict: Verdict = "worse" if p <= ALPHA else "not shown"
    against = (Against(name="chance", value=chance),)
    judged = row(ECE, ece, against=against).estimate
    verdict = verdict if len(clusters) >= ENOUGH else "not measured"
    yield Measured(estimate=structs.replace(judged, p=p, verdict=verdict))
    low, high = map(float, np.quantile(null, [0.025, 0.975]))
    made = f"draws ({DRAWS:,} of right and wrong); these questions"
    yield row(ECE_CALIBRATED, Interval(chance, low, high, made))
    yield row(SQUARED, squared)
    wrong = 1 - exact_sum(right) / len(right)
    yield row(AURC, area, against=(Against(name="chance", value=wrong),))
    ones = np.ones(len(used))
    for metric, figure in ((BRIER, (sure - right) ** 2), (MEAN_CONFIDENCE, sure)):
        of = rate(figure, ones, cluster)
        plain = row(metric, Interval(of.value, None, None)).estimate
        yield Measured(estimate=plain, of=of, direction=metric.direction)


def _measure(
    bin_of: Ints, sure: Floats, right: Floats, cluster: Ints, clusters: int
) -> Callable[[Floats], Floats]:
    """What turns multiplicities of clusters into ECE, the debiased squared error and AURC.

    ECE is the mean over bins of |accuracy - mean confidence|, weighted by answers (Naeini et al.
    2015, AAAI; Guo et al. 2017, equation 3). The squared error of a bin of n answers is less the
    variance of its accuracy, a (1 - a) / (n - 1) (Brocker 2012, Climate Dynamics 39; Kumar et al.
    2019, arXiv 1909.10155, definition 4.2); bins of one answer have none and are left out.
    """

    def sums(amounts: Floats) -> Floats:
        flat = np.bincount(cluster * BINS + bin_of, weights=amounts, minlength=clusters * BINS)
        return flat.reshape(clusters, BINS).astype(np.float64)

    gaps, hits, counts = sums(right - sure), sums(right), sums(np.ones(len(sure)))

    def measure(times: Floats) -> Floats:
        gap, hit, n = times @ gaps, times @ hits, times @ counts
        total = n.sum(axis=1)
        ece = np.abs(gap).sum(axis=1) / total
        some = np.maximum(n, 2)
        accuracy = hit / some
        squared = (gap / some) ** 2 - accuracy * (1 - accuracy) / (some - 1)
        weight = np.where(n > 1, n, 0.0)
        debiased = (weight * squared).sum(axis=1) / np.maximum(weight.sum(axis=1), 1)
        return np.column_stack([ece, debiased, aurc(sure, 1 - right, cluster, times)])

    return measure


def _calibrated(bin_of: Ints, sure: Floats, cluster: Ints, settings: Settings) -> Floats:
    """The ECE of a model that is right as often as it says, over draws of its answers.

    Answers of one cluster go together, which widens a bin's gap by the root of its design effect.
    """
    generator = np.random.default_rng(settings.seed)
    gaps = np.zeros((DRAWS, BINS))
    for place, one in zip(bin_of.tolist(), sure.tolist(), strict=True):
        gaps[:, place] += (generator.random(DRAWS) < one) - one
    held = np.bincount(cluster * BINS + bin_of, minlength=(int(cluster.max()) + 1) * BINS)
    held = held.reshape(-1, BINS)
    mean_size = (held**2).sum(axis=0) / np.maximum(held.sum(axis=0), 1)
    effect = 1 + np.maximum(mean_size - 1, 0) * settings.correlation
    found: Floats = np.abs(gaps * np.sqrt(effect)).sum(axis=1) / len(sure)
    return found


CALIBRATION = Family(
    metrics=(ECE, ECE_CALIBRATED, SQUARED, AURC, BRIER, MEAN_CONFIDENCE), compute=compute
)

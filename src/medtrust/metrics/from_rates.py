"""Figures put together of several rates: balanced accuracy, likelihood ratios, predictive values.

Likelihood ratios are those of an answer, as for tests with a third result (Simel et al. 1987, J.
Clin. Epidemiol. 40(10), 945-951): without refusals the positive one is sensitivity / (1 -
specificity). So Bayes' rule at the set's own prevalence gives the PPV and NPV counted there.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from msgspec import structs

from medtrust.metrics.arrays import Floats
from medtrust.metrics.balanced import HALF, Strings, best_constant, interval_of, verdict
from medtrust.metrics.evidence import Against, Measured
from medtrust.metrics.measure import Figures, estimate
from medtrust.metrics.metric import Metric, Settings
from medtrust.metrics.mover import mean
from medtrust.metrics.ratio_interval import ratio
from medtrust.metrics.verdict import LIKE_THESE, Interval
from medtrust.records import Verdict

_metric = partial(
    Metric,
    dimension="trustfulness",
    direction="higher",
    place="detail",
    protocols=("corrected",),
)

BALANCED = _metric(
    name="balanced_accuracy",
    title="Balanced accuracy",
    sentence="Mean of sensitivity and specificity; always yes, always no and a coin come to 50 %.",
    judged_by=("chance", "constant"),
)
POSITIVE_RATIO = _metric(
    name="likelihood_ratio_positive",
    title="Positive likelihood ratio",
    sentence="How many times as often the positive answer is given where it is right as where it "
    "is wrong; 1 says nothing.",
    unit="ratio",
    averaged=False,
)
NEGATIVE_RATIO = _metric(
    name="likelihood_ratio_negative",
    title="Negative likelihood ratio",
    sentence="How many times as often the negative answer is given where it is wrong as where it "
    "is right; 1 says nothing, and near 0 it excludes the finding.",
    direction="lower",
    unit="ratio",
    averaged=False,
)
PPV_AT = _metric(
    name="ppv_at_prevalence",
    title="PPV at the stated prevalence",
    sentence="Share of positive answers that would be right at the prevalence of --prevalence.",
)
NPV_AT = _metric(
    name="npv_at_prevalence",
    title="NPV at the stated prevalence",
    sentence="Share of negative answers that would be right at the prevalence of --prevalence.",
)
FROM_RATES = (BALANCED, POSITIVE_RATIO, NEGATIVE_RATIO, PPV_AT, NPV_AT)


class Rates(NamedTuple):
    """The rates of one row, and what is behind `sensitivity` and `specificity`."""

    sensitivity: Measured
    specificity: Measured
    alarms: Measured
    """Positive answers where the negative one is right."""
    misses: Measured
    """Negative answers where the positive one is right."""
    sides: tuple[Figures, Figures]
    targets: Strings


class _Ends(NamedTuple):
    """Values with every missing answer against the model, and for it."""

    worst: float | None
    best: float | None


def from_rates(rates: Rates, settings: Settings) -> Iterator[Measured]:
    """One row of each figure; bounds are made at once, at the declared correlation."""
    rho = settings.correlation
    yield _balanced(rates, rho)
    said = f"correlation {rho:.2g}"
    up = rates.sensitivity, rates.alarms
    down = rates.misses, rates.specificity
    for metric, (top, bottom) in ((POSITIVE_RATIO, up), (NEGATIVE_RATIO, down)):
        found = ratio(interval_of(top, rho), interval_of(bottom, rho))
        how = f"of two rates (MOVER-R, {said}{', no upper end' if found.high is None else ''})"
        yield _made(metric, rates, found, _ends(_over, top, bottom), how)
    if settings.prevalence is None:
        return
    for metric, (right, wrong), share in (
        (PPV_AT, up, settings.prevalence),
        (NPV_AT, down[::-1], 1 - settings.prevalence),
    ):
        found = _at(interval_of(right, rho), interval_of(wrong, rho), share)
        how = f"through the likelihood ratio's (MOVER-R, {said})"
        yield _made(metric, rates, found, _ends(partial(_bayes, share=share), right, wrong), how)


def _balanced(rates: Rates, rho: float) -> Measured:
    both = rates.sensitivity, rates.specificity
    found = mean([interval_of(one, rho) for one in both])
    ends = _ends(lambda one, other: (one + other) / 2, *both)
    how = f"of two rates (MOVER, correlation {rho:.2g})"
    if found.value is None:
        return _made(BALANCED, rates, found, ends, how)
    constant = best_constant(rates.sides, rates.targets, _weight(rates), rho)
    against = Against(name="chance", value=HALF), Against(name="constant", value=constant[0])
    said = verdict(found, constant, both, ends)
    return _made(BALANCED, rates, found, ends, how, against, said)


def _over(top: float, bottom: float) -> float | None:
    return top / bottom if bottom else None


def _bayes(right: float, wrong: float, share: float) -> float | None:
    """Of the answers of one kind the share that are right, by how often they are given.

    `share` is the prevalence of what they are right of.
    """
    return _over(right * share, right * share + wrong * (1 - share))


def _at(right: Interval, wrong: Interval, share: float) -> Interval:
    """The same with bounds: it only grows with the likelihood ratio, and 1 is its upper end."""
    found = ratio(right, wrong)
    if found.low is None or right.value is None or wrong.value is None:
        return Interval(None, None, None)
    high = 1.0 if found.high is None else _bayes(found.high, 1, share)
    return Interval(_bayes(right.value, wrong.value, share), _bayes(found.low, 1, share), high)


def _ends(of: Callable[[float, float], float | None], one: Measured, other: Measured) -> _Ends:
    """The figure of both rates at their worst, and at their best: they share no answer."""
    worst, best = (
        None if first is None or second is None else of(first, second)
        for first, second in (
            (one.estimate.worst, other.estimate.worst),
            (one.estimate.best, other.estimate.best),
        )
    )
    return _Ends(worst, best)


def _weight(rates: Rates) -> Floats:
    row = rates.sensitivity.estimate
    return rates.sides[0].units.weights[row.group_by, row.group]


def _made(
    metric: Metric,
    rates: Rates,
    found: Interval,
    ends: _Ends,
    how: str,
    against: Sequence[Against] = (),
    said: Verdict = "",
) -> Measured:
    one, other = rates.sensitivity.estimate, rates.specificity.estimate
    units = rates.sides[0].units
    counted = (rates.sides[0].counted | rates.sides[1].counted) & (_weight(rates) > 0)
    made = estimate(
        units.head,
        metric=metric.name,
        value=found.value,
        low=found.low,
        high=found.high,
        n=one.n + other.n,
        missing=one.missing + other.missing,
        clusters=len(np.unique(units.cluster[counted])),
        row=(one.group_by, one.group),
        against=against,
        direction=metric.direction,
        worst=ends.worst,
        best=ends.best,
        interval=f"{how}; {LIKE_THESE}" if found.low is not None else "",
    )
    return Measured(estimate=structs.replace(made, verdict=said))

"""From sums to intervals, p-values and verdicts, once the correlation is known."""

from collections.abc import Iterator
from math import floor, log10
from typing import NamedTuple

from msgspec.structs import replace

from medtrust.metrics.evidence import Against, Design, Difference, Measured, Rate
from medtrust.metrics.tango import exact_mcnemar, mcnemar, tango
from medtrust.metrics.wilson import score_p, wilson
from medtrust.records import Estimate, Verdict

WIDER = 1.3
"""How much wider the cluster-robust interval must be to be shown in the score interval's place."""

ENOUGH = 10
"""Independent clusters from which on an interval is trusted with a verdict."""

ALPHA = 0.05
DIGITS = 12
"""Significant digits of a bound: fewer than processors differ in."""

LIKE_THESE = "questions like these"
"""What an interval is about that takes the clusters as a sample of more of their kind."""


class Interval(NamedTuple):
    """A value, the bounds of its 95 % interval, and how they were made."""

    value: float | None
    low: float | None
    high: float | None
    made: str = ""


class _Bounds(NamedTuple):
    low: float
    high: float
    is_robust: bool


def finish(measured: Measured, rho: float) -> Estimate:
    """The estimate with its interval, p-value and verdict.

    Args:
        measured: What `measure` reduced the answers to.
        rho: Intra-cluster correlation, 0 to 1.
    """
    estimate, of = measured.estimate, measured.of
    if of is None:
        return replace(estimate, **{name: _short(value) for name, value in _drawn(estimate)})
    bounds = bounds_of(of, rho)
    found = _shown(measured, estimate.value, bounds)
    p, verdict = _judged(measured, bounds, rho)
    name = "wilson" if isinstance(of, Rate) else "tango"
    detail = f"correlation {rho:.2g}, design effect {of.design.effect(rho):.3g}"
    if bounds.is_robust:
        name, detail = "cluster-robust", "CR2, wider than the score interval"
    return replace(
        estimate,
        low=found.low,
        high=found.high,
        interval=f"{name} ({detail}); {LIKE_THESE}",
        p=None if p is None else _short(p),
        verdict=verdict,
    )


_DRAWN = (
    *("value", "low", "high", "worst", "best", "p"),
    *("baseline", "chance", "constant", "text_only"),
)


def _drawn(estimate: Estimate) -> Iterator[tuple[str, float]]:
    """The numbers of an estimate that products of matrices may stand behind."""
    for name in _DRAWN:
        value: float | None = getattr(estimate, name)
        if value is not None:
            yield name, value


def bounds_of(of: Rate | Difference, rho: float) -> _Bounds:
    """The score interval, or its hull with the cluster-robust one where that is much wider."""
    factor = of.design.factor(rho)
    value = of.value
    least = 0.0 if isinstance(of, Rate) else -1.0
    if isinstance(of, Rate):
        low, high = wilson(value, of.design.n * factor)
    else:
        low, high = tango(of.gained * factor, of.lost * factor, of.design.n * factor)
    half = of.design.robust.half if of.design.robust else 0.0
    wider = 2 * half > WIDER * (high - low)
    if wider:
        low, high = min(low, max(least, value - half)), max(high, min(1.0, value + half))
    return _Bounds(min(value, _short(low)), max(value, _short(high)), wider)


def p_of(of: Difference, rho: float, *, is_robust: bool) -> float:
    """Two-sided p-value of no difference; exact where no cluster holds two units that changed."""
    factor = of.design.factor(rho)
    if of.independent:
        p = exact_mcnemar(round(of.gained), round(of.lost))
    else:
        p = mcnemar(of.gained * factor, of.lost * factor)
    return _at_least(p, of.design, of.value, is_robust=is_robust)


def _at_least(p: float, design: Design, away: float, *, is_robust: bool) -> float:
    return max(p, design.robust.p(away)) if is_robust and design.robust else p


def _judged(measured: Measured, own: _Bounds, rho: float) -> tuple[float | None, Verdict]:
    """The p-value against the strongest baseline, and the verdict against all of them."""
    estimate, of = measured.estimate, measured.of
    judges = [one for one in measured.against if one.judges]
    if of is None or estimate.value is None or not judges or measured.direction == "neither":
        return None, ""
    sign = 1 if measured.direction == "higher" else -1
    found = [(one, *_compared(one, of, own, rho)) for one in judges]
    strongest = max(found, key=lambda each: sign * each[0].value)
    if estimate.clusters < ENOUGH or any(_straddles(estimate, one) for one in judges):
        return strongest[1], "not measured"
    if any(p <= ALPHA and sign * end < 0 for _, p, end in found):
        return strongest[1], "worse"
    better = all(p <= ALPHA and sign * end > 0 for _, p, end in found)
    return strongest[1], "shown" if better else "not shown"


def _compared(one: Against, of: Rate | Difference, own: _Bounds, rho: float) -> tuple[float, float]:
    """The p-value, and the end of the difference's interval nearest to 0; 0 if it holds 0."""
    if one.difference is not None:
        bounds = bounds_of(one.difference, rho)
        p = p_of(one.difference, rho, is_robust=bounds.is_robust)
        return p, _nearest(bounds.low, bounds.high)
    if isinstance(of, Difference):
        return p_of(of, rho, is_robust=own.is_robust), _nearest(own.low, own.high)
    p = score_p(of.value, of.design.n * of.design.factor(rho), one.value)
    p = _at_least(p, of.design, of.value - one.value, is_robust=own.is_robust)
    return p, _nearest(own.low - one.value, own.high - one.value)


def _straddles(estimate: Estimate, one: Against) -> bool:
    """Whether the missing answers could put the value on either side of the baseline."""
    if estimate.worst is None or estimate.best is None or not estimate.missing:
        return False
    low, high = sorted((estimate.worst, estimate.best))
    return low <= one.value <= high


def _nearest(low: float, high: float) -> float:
    return low if low > 0 else min(0.0, high)


def _shown(measured: Measured, value: float | None, bounds: _Bounds) -> Interval:
    low, high = bounds.low, bounds.high
    if measured.is_magnitude:
        nearest = 0.0 if low <= 0 <= high else min(abs(low), abs(high))
        return Interval(value, nearest, max(abs(low), abs(high)))
    if measured.is_count:
        n = measured.estimate.n
        return Interval(value, low * n, high * n)
    return Interval(value, low, high)


def _short(number: float) -> float:
    """The number to `DIGITS` significant digits."""
    if not number:
        return 0.0
    return float(round(number, DIGITS - 1 - floor(log10(abs(number)))))

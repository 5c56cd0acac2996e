"""Numbers as people read them: rates in percent, with one decimal."""

import math
from collections.abc import Iterable

from medtrust.metrics.catalogue import known as metric_of
from medtrust.records import Estimate
from medtrust.reports.meaning import Unit

NOTHING = "n/a"


def finite(number: float | None) -> float | None:
    """The number as a plain float; None for None, NaN and infinities."""
    if number is None or not math.isfinite(number):
        return None
    return float(number)


def units(estimates: Iterable[Estimate]) -> dict[str, Unit]:
    """Unit of each metric, percentage points being a rate's.

    A metric that no installed package knows is a rate as long as all its values
    and bounds lie in [-1, 1].
    """
    found: dict[str, Unit] = {}
    for estimate in estimates:
        name = estimate.metric
        metric = metric_of(name)
        numbers = (estimate.value, estimate.low, estimate.high)
        small = all(abs(number) <= 1 for number in map(finite, numbers) if number is not None)
        if metric is not None:
            found[name] = "rate" if metric.unit == "points" else metric.unit
        elif not small:
            found[name] = "count"
        else:
            found.setdefault(name, "rate")
    return found


def number(value: float | None, unit: Unit) -> str:
    """`17.0` for the rate 0.17; a count without needless decimals; `<0.001` for a p-value."""
    value = finite(value)
    if value is None:
        return NOTHING
    if unit == "p-value":
        return "<0.001" if value < 0.001 else f"{value:.3f}"
    if unit == "count":
        return f"{value:.0f}" if value == round(value) else f"{value:.2f}"
    if unit in {"ratio", "number"}:
        return f"{value:.3g}"
    # Adding 0.0 turns a rounded -0.0 into 0.0.
    return f"{round(100 * value, 1) + 0.0:.1f}"


def interval(low: float | None, high: float | None, unit: Unit) -> str:
    """`[10.8, 23.5]`, empty where a bound is unknown."""
    if finite(low) is None or finite(high) is None:
        return ""
    return f"[{number(low, unit)}, {number(high, unit)}]"


def spread(values: Iterable[float | None], unit: Unit) -> str:
    """The one value that all share, or `24.0 to 25.0`; empty where there is none."""
    known = sorted(value for value in map(finite, values) if value is not None)
    if not known:
        return ""
    low, high = number(known[0], unit), number(known[-1], unit)
    return low if low == high else f"{low} to {high}"


def counted(many: int, noun: str) -> str:
    """`1 answer`, `12 answers`: a count with its noun."""
    return f"{many:,} {noun}" if many == 1 else f"{many:,} {noun}s"

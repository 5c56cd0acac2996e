"""Forest plots: where each model's point, interval and baselines lie.

This module only computes positions; `page/figure.html` draws them. Horizontal
positions are shares of the plot's width and vertical ones pixels, so that a figure
fills any width while its letters keep their size.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from medtrust.records import Estimate
from medtrust.reports.formats import finite, interval, number, spread
from medtrust.reports.meaning import Unit, meaning
from medtrust.reports.standing import FEW, is_few, mark
from medtrust.reports.text import one_line

_TOP = 28
"""Pixels above the first row, for the word at the chance line."""
_PITCH = 40
"""Pixels from row to row."""
_FOOT = 28
"""Pixels below the last row, for the axis."""
_NAME = 36
"""Characters of a model's name in a figure; the table has it in full."""
_NARROWEST, _FURTHEST = 1e-300, 1e300
"""The least width of an axis and its furthest end: beyond them ticks underflow or overflow."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A labelled position on the axis."""

    at: str
    label: str
    anchor: str
    """SVG text-anchor that keeps the label inside the figure."""


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One model: positions are percentages of the plot's width, empty where unknown."""

    name: str
    full_name: str
    baseline: int
    """Where the name stands."""
    chance_top: int
    """Where the chance line begins: below the name and the value, which it must not cross."""
    track: int
    """Where the point and the interval lie."""
    bottom: int
    at: str
    low: str
    high: str
    chance: str
    constant: str
    value: str
    interval: str
    filled: bool
    """Whether the whole interval is beyond the baseline."""
    few: bool
    """Whether it rests on too few clusters to judge it."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A forest plot of one metric."""

    id: str
    title: str
    metric: str
    """Title of the metric."""
    description: str
    """The figure in words, for who cannot see it."""
    height: int
    axis: int
    axis_label: int
    plot_top: int
    chance_label: int
    ticks: tuple[Tick, ...]
    chance: Tick | None
    """The word at the chance line, where all models share one."""
    unit: str
    rows: tuple[FigureRow, ...]
    has_chance: bool
    has_constant: bool
    has_standing: bool
    few: str
    """What the mark `few` means; empty where no row has it."""


@dataclass(frozen=True, slots=True)
class Spark:
    """One estimate without words, for a cell of a table; empty where unknown."""

    at: str
    low: str
    high: str
    chance: str
    filled: bool
    few: bool


@dataclass(frozen=True, slots=True)
class Axis:
    """A linear axis from `low` to `high` with round ticks."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def share(self, value: float | None) -> float | None:
        """Position as a share of the width; what is beyond an end stands at that end."""
        value = finite(value)
        if value is None:
            return None
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))

    def at(self, value: float | None) -> str:
        """Position as a percentage of the width, empty for no value."""
        share = self.share(value)
        return "" if share is None else f"{100 * share:.2f}%"


def axis(values: Iterable[float | None]) -> Axis:
    """A round axis that holds zero and every value up to `_FURTHEST`, with few ticks."""
    known = [value for value in map(finite, values) if value is not None]
    low, high = max(-_FURTHEST, min([0.0, *known])), min(_FURTHEST, max([0.0, *known]))
    span = high - low if high - low > _NARROWEST else 1.0
    size = 10.0 ** math.floor(math.log10(span / 4))
    step = next(size * m for m in (1, 2, 2.5, 5, 10) if span <= size * m * 5 * (1 + 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    last = max(last, first + 1)
    return Axis(first * step, last * step, tuple(i * step for i in range(first, last + 1)))


def scale_of(estimates: Iterable[Estimate]) -> Axis:
    """An axis that holds all there is to draw of the estimates."""
    return axis(x for e in estimates for x in (e.value, e.low, e.high, e.chance, e.constant))


def spark(estimate: Estimate, scale: Axis) -> Spark:
    """The estimate on an axis that it shares with others."""
    return Spark(
        at=scale.at(estimate.value),
        low=scale.at(estimate.low),
        high=scale.at(estimate.high),
        chance=scale.at(estimate.chance),
        filled=_is_filled(estimate),
        few=is_few(estimate),
    )


def forest(name: str, title: str, estimates: Sequence[Estimate], unit: Unit) -> Figure:
    """A row for each estimate (one metric, one task), in the order given.

    Args:
        name: Unique within the page, used as the elements' id.
        title: What the figure shows.
        estimates: At least one.
        unit: Unit of the metric.
    """
    scale = scale_of(estimates)
    chance = spread((e.chance for e in estimates), unit)
    shared = len({e.chance for e in estimates}) == 1 and bool(chance)
    bottom = _TOP + _PITCH * len(estimates)
    return Figure(
        id=name,
        title=title,
        metric=meaning(estimates[0].metric).title,
        description=" ".join(_sentence(e, unit) for e in estimates),
        height=bottom + _FOOT,
        axis=bottom,
        axis_label=bottom + 18,
        plot_top=_TOP,
        chance_label=_TOP - 8,
        ticks=tuple(_tick(scale, value, _tick_label(value, scale, unit)) for value in scale.ticks),
        chance=_tick(scale, estimates[0].chance or 0.0, f"chance {chance}") if shared else None,
        unit="percent" if unit == "rate" else "number",
        rows=tuple(_row(i, e, scale, unit) for i, e in enumerate(estimates)),
        has_chance=any(finite(e.chance) is not None for e in estimates),
        has_constant=any(finite(e.constant) is not None for e in estimates),
        has_standing=any(e.verdict for e in estimates),
        few=FEW if any(map(is_few, estimates)) else "",
    )


def _row(index: int, estimate: Estimate, scale: Axis, unit: Unit) -> FigureRow:
    top = _TOP + _PITCH * index
    return FigureRow(
        name=one_line(estimate.model, _NAME),
        full_name=one_line(estimate.model),
        baseline=top + 16,
        chance_top=top + 20,
        track=top + 28,
        bottom=top + _PITCH,
        at=scale.at(estimate.value),
        low=scale.at(estimate.low),
        high=scale.at(estimate.high),
        chance=scale.at(estimate.chance),
        constant=scale.at(estimate.constant),
        value=number(estimate.value, unit),
        interval=interval(estimate.low, estimate.high, unit),
        filled=_is_filled(estimate),
        few=is_few(estimate),
    )


def _is_filled(estimate: Estimate) -> bool:
    return estimate.verdict in {"shown", ""}


def _tick(scale: Axis, value: float, label: str) -> Tick:
    share = scale.share(value) or 0.0
    anchor = "start" if share < 0.08 else "end" if share > 0.92 else "middle"
    return Tick(scale.at(value), label, anchor)


def _tick_label(value: float, scale: Axis, unit: Unit) -> str:
    factor = 100 if unit == "rate" else 1
    label = f"{value * factor + 0.0:.10g}"
    return f"{label} %" if unit == "rate" and value == scale.ticks[-1] else label


def _sentence(estimate: Estimate, unit: Unit) -> str:
    bounds = interval(estimate.low, estimate.high, unit)
    within = f", 95 % interval {bounds}" if bounds else ""
    stands = f", {mark(estimate)}" if mark(estimate) else ""
    percent = " percent" if unit == "rate" else ""
    value = number(estimate.value, unit)
    title = meaning(estimate.metric).title.lower()
    return f"{one_line(estimate.model)}: {title} {value}{percent}{within}{stands}."

"""Small line drawings: a figure against the severity of what was done to the images.

Only positions are computed here; `page/sweep.html` draws them. Horizontal positions are
shares of the width and vertical ones pixels, as in `figure.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from medtrust.records import Estimate
from medtrust.reports.figure import axis
from medtrust.reports.formats import interval, number
from medtrust.reports.profile import SEVERITIES
from medtrust.reports.text import one_line

_TOP, _HEIGHT = 8, 96
"""Pixels above the highest point, and from there to the axis."""
_FIRST = 12
"""Per cent of the width left of the first point, for the labels of the scale."""
_NAME = 60


@dataclass(frozen=True, slots=True)
class SweepPoint:
    """One severity; positions are empty where unknown."""

    label: str
    x: str
    y: str
    low: str
    high: str


@dataclass(frozen=True, slots=True)
class Sweep:
    """One model's points, in the order of severity; the last is the released code's noise."""

    id: str
    model: str
    description: str
    """The drawing in words, for who cannot see it."""
    height: int
    axis: int
    axis_label: int
    first: str
    ticks: tuple[tuple[str, str], ...]
    """Vertical position and label."""
    points: tuple[SweepPoint, ...]
    lines: tuple[tuple[SweepPoint, SweepPoint], ...]
    """Neighbours that are steps of one scale and both known."""


def sweep(name: str, model: str, found: Sequence[Estimate | None], top: float) -> Sweep:
    """One model's drawing.

    Args:
        name: Unique within the page, used as the elements' id.
        model: Its name.
        found: For each of `SEVERITIES` the estimate of a rate, where there is one.
        top: The largest value to be drawn in any drawing beside this one.
    """
    labels = [label for label, _ in SEVERITIES]
    scale = axis([top])

    def y(value: float | None) -> str:
        share = scale.share(value)
        return "" if share is None else f"{_TOP + _HEIGHT * (1 - share):.1f}"

    points = tuple(
        SweepPoint(
            label=label,
            x=f"{_FIRST + (100 - _FIRST) * (place + 0.5) / len(labels):.2f}%",
            y=y(one.value) if one else "",
            low=y(one.low) if one else "",
            high=y(one.high) if one else "",
        )
        for place, (label, one) in enumerate(zip(labels, found, strict=True))
    )
    known = [point for point in points[:-1] if point.y]
    words = (
        f"{label} {number(one.value, 'rate')} {interval(one.low, one.high, 'rate')}".rstrip()
        for label, one in zip(labels, found, strict=True)
        if one is not None
    )
    return Sweep(
        id=name,
        model=one_line(model, _NAME),
        description=f"Percent by severity: {', '.join(words)}.",
        height=_TOP + _HEIGHT + 24,
        axis=_TOP + _HEIGHT,
        axis_label=_TOP + _HEIGHT + 16,
        first=f"{_FIRST}%",
        ticks=tuple((y(value), f"{100 * value + 0.0:.10g}") for value in scale.ticks),
        points=points,
        lines=tuple(pairwise(known)),
    )

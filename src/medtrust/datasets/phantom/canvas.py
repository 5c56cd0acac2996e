"""What the four drawing modules share: a grid, soft shapes, noise and strokes.

Coordinates run from -1 to 1, x to the right and y down, over a square of `SIZE`
pixels. Fields are float32 arrays of shape (SIZE, SIZE); masks lie in [0, 1].
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

SIZE = 256
"""Pixels a side."""

BODY = 16
"""How many numbers describe one anatomy."""

_SUPERSAMPLE = 2

Field: TypeAlias = NDArray[np.floating[Any]]
Pixels: TypeAlias = NDArray[np.uint8]
Point: TypeAlias = tuple[float, float]

_AXIS = ((np.arange(SIZE) + 0.5) / (SIZE / 2) - 1).astype(np.float32)
X: Field = np.broadcast_to(_AXIS[None, :], (SIZE, SIZE))
Y: Field = np.broadcast_to(_AXIS[:, None], (SIZE, SIZE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Everything an image shows.

    `body` holds `BODY` numbers in [-1, 1]: the anatomy (widths, heights, tilt,
    tones, exposure), which look-alikes nearly share.
    """

    findings: Mapping[str, str]
    body: tuple[float, ...]
    age: int


Draw: TypeAlias = Callable[[Look, np.random.Generator], Pixels]
"""Draws a look; the generator gives texture and noise."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line through `points`, `width` wide in the grid's units."""

    points: tuple[Point, ...]
    width: float


def step(distance: Field, width: float) -> Field:
    """A soft edge: 0 well below zero, 1 well above, over `width`."""
    ramp = distance * (1 / width)
    ramp += 0.5
    np.clip(ramp, 0.0, 1.0, out=ramp)
    square = ramp * ramp
    ramp *= -2.0
    ramp += 3.0
    ramp *= square
    return ramp


def radius(x: Field, y: Field, center: Point, radii: Point, angle: float = 0.0) -> Field:
    """Distance from an ellipse's centre, in units of its own radii: 1 on its rim."""
    along, across = x - center[0], y - center[1]
    if angle:
        cosine, sine = math.cos(angle), math.sin(angle)
        along, across = along * cosine + across * sine, across * cosine - along * sine
    along = along * (1 / radii[0])
    across = across * (1 / radii[1])
    along *= along
    across *= across
    along += across
    np.sqrt(along, out=along)
    return along


def blob(
    x: Field, y: Field, center: Point, radii: Point, *, angle: float = 0.0, soft: float = 0.15
) -> Field:
    """An ellipse's mask, its rim softened over `soft` of its radius."""
    return step(1.0 - radius(x, y, center, radii, angle), soft)


def clouds(rng: np.random.Generator, cells: int) -> Field:
    """Smooth noise of about `cells` blotches a side, mean 0 and deviation near 0.7."""
    coarse = rng.standard_normal((cells + 2, cells + 2)).astype(np.float32)
    return np.asarray(
        Image.fromarray(coarse).resize(
            (SIZE, SIZE), Image.Resampling.BICUBIC, box=(1, 1, cells + 1, cells + 1)
        )
    )


def grain(rng: np.random.Generator, age: int, deviation: float) -> Field:
    """Sensor noise. It grows with age, by 60 % from birth to 90 years (docs/phantom.md)."""
    growth = 1.0 + 0.6 * min(age, 90) / 90
    return rng.standard_normal((SIZE, SIZE), dtype=np.float32) * np.float32(deviation * growth)


def paint(strokes: Iterable[Stroke], *, blur: float = 0.0) -> Field:
    """The mask of lines; `blur` is a radius in pixels. Hair-thin lines come out faint."""
    side = SIZE * _SUPERSAMPLE
    canvas = Image.new("L", (side, side))
    pen = ImageDraw.Draw(canvas)
    for stroke in strokes:
        wide = stroke.width * side / 2
        path = [((px + 1) * side / 2, (py + 1) * side / 2) for px, py in stroke.points]
        pen.line(path, fill=round(255 * min(1.0, wide)), width=max(1, round(wide)), joint="curve")
    return _mask(canvas, blur)


def fill(outline: Iterable[Point], *, blur: float = 0.0) -> Field:
    """The mask of a closed outline."""
    side = SIZE * _SUPERSAMPLE
    canvas = Image.new("L", (side, side))
    path = [((px + 1) * side / 2, (py + 1) * side / 2) for px, py in outline]
    ImageDraw.Draw(canvas).polygon(path, fill=255)
    return _mask(canvas, blur)


def _mask(canvas: Image.Image, blur: float) -> Field:
    small = canvas.reduce(_SUPERSAMPLE)
    if blur:
        small = small.filter(ImageFilter.GaussianBlur(blur))
    return np.asarray(small, dtype=np.float32) / np.float32(255)


def branches(
    rng: np.random.Generator,
    start: Point,
    heading: float,
    *,
    length: float,
    width: float,
    bend: float = 0.0,
    depth: int = 3,
) -> list[Stroke]:
    """A vessel that thins and forks: strokes from the trunk to the twigs.

    `heading` and `bend` (per unit of length) are in radians.
    """
    pieces = 8
    path, turns = [start], []
    for wobble in rng.standard_normal(pieces).tolist():
        heading += bend * length / pieces + 0.13 * wobble
        turns.append(heading)
        px, py = path[-1]
        stride = length / pieces
        path.append((px + stride * math.cos(heading), py + stride * math.sin(heading)))
    strokes = [
        Stroke(tuple(path[first:last]), share * width)
        for first, last, share in ((0, 4, 1.0), (3, 7, 0.8), (6, 9, 0.6))
    ]
    if depth == 0:
        return strokes
    for piece, (chance, spread, share) in zip(
        (1, 3, 5, 7), rng.random((4, 3)).tolist(), strict=True
    ):
        side = 1.0 if chance < 0.5 else -1.0
        strokes += branches(
            rng,
            path[piece + 1],
            turns[piece] + side * (0.5 + 0.4 * spread),
            length=length * (0.4 + 0.2 * share),
            width=width * (0.62 - 0.04 * piece),
            bend=-side * 0.8,
            depth=depth - 1,
        )
    return strokes


def mix(base: Field, color: tuple[float, float, float], mask: Field) -> Field:
    """Lay a colour over an RGB field of shape (3, SIZE, SIZE) where `mask` is set."""
    return base + mask * (channels(color) - base)


def channels(values: tuple[float, float, float]) -> Field:
    """One number a colour channel, to be combined with RGB fields: shape (3, 1, 1)."""
    return np.asarray(values, dtype=np.float32)[:, None, None]


def quantise(values: Field) -> Pixels:
    """Brightness in [0, 1] to bytes, colour channels last.

    Rounding comes at the very end: it hides most differences between platforms.
    """
    levels = np.rint(np.clip(values, 0.0, 1.0) * 255).astype(np.uint8)
    return np.ascontiguousarray(np.moveaxis(levels, 0, -1)) if levels.ndim == 3 else levels

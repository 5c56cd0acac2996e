"""What people leave on a picture: lines of text at its border, and opaque markers.

Text is random letters and digits: it says nothing of the patient, and `L` and `R`,
which would name a side, do not occur. Everything is white with a black edge, so that
it can be seen on any ground, and drawn without smoothing or font files, which differ
between machines.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from medtrust.images.perturb.levels import Pixels, Values, full_scale

_SIGNS = "ACDEFHJKMNPTUVWXYZ0123456789"
_GLYPH_HEIGHT = 11
"""Pixels of Pillow's built-in bitmap font."""

_RIM = 1.3
"""Size of a marker's black ground, in sizes of the marker."""


def text(pixels: Pixels, lines: tuple[int, float], rng: np.random.Generator) -> Pixels:
    """Burn lines of text into the four corners, in turn, from the border inwards.

    `lines` holds how many there are and their height as a share of the shorter side.
    """
    count, share = lines
    marked = pixels.copy()
    height, width = pixels.shape[:2]
    enlarged = max(1, round(share * min(height, width) / _GLYPH_HEIGHT))
    for line in range(count):
        glyphs = _lettering(rng).repeat(enlarged, axis=0).repeat(enlarged, axis=1)
        deep, long = glyphs.shape
        inwards = enlarged + (line // 4) * deep
        top = inwards if line % 4 < 2 else height - deep - inwards
        left = enlarged * 2 if line % 2 == 0 else width - long - enlarged * 2
        for offset, level in ((enlarged, 0), (0, full_scale(pixels))):
            _stamp(marked, glyphs, (top + offset, left + offset), level)
    return marked


def _lettering(rng: np.random.Generator) -> NDArray[np.bool_]:
    """The mask of two random words, short enough that two fit side by side."""
    sizes = rng.integers(3, 5, size=2)
    words = " ".join("".join(_SIGNS[i] for i in rng.integers(len(_SIGNS), size=n)) for n in sizes)
    font = ImageFont.load_default_imagefont()
    canvas = Pillow.new("1", (int(font.getlength(words)), _GLYPH_HEIGHT))
    ImageDraw.Draw(canvas).text((0, 0), words, fill=1, font=font)
    return np.asarray(canvas)


def marker(pixels: Pixels, markers: tuple[int, float], rng: np.random.Generator) -> Pixels:
    """Lay opaque discs, rings, squares and crosses on the image, near its border.

    `markers` holds how many there are and their width as a share of the shorter side.
    """
    count, share = markers
    marked = pixels.copy()
    height, width = pixels.shape[:2]
    radius = max(1.0, share * min(height, width) / 2)
    for shape in rng.integers(len(_SHAPES), size=count):
        along, inwards = 0.1 + 0.8 * rng.random(), 0.08 + 0.12 * rng.random()
        borders = (along, inwards), (along, 1 - inwards), (inwards, along), (1 - inwards, along)
        y, x = borders[rng.integers(4)]
        for size, level in ((radius * _RIM, 0), (radius, full_scale(pixels))):
            mask = _shape(_SHAPES[shape], size)
            corner = round(y * height - size), round(x * width - size)
            _stamp(marked, mask, corner, level)
    return marked


def _disc(x: Values, y: Values) -> NDArray[np.bool_]:
    return x * x + y * y <= 1


def _ring(x: Values, y: Values) -> NDArray[np.bool_]:
    return _disc(x, y) & (x * x + y * y >= 0.3)


def _square(x: Values, y: Values) -> NDArray[np.bool_]:
    return np.maximum(abs(x), abs(y)) <= 0.85


def _cross(x: Values, y: Values) -> NDArray[np.bool_]:
    return np.minimum(abs(x), abs(y)) <= 0.3


_SHAPES: tuple[Callable[[Values, Values], NDArray[np.bool_]], ...] = (_disc, _ring, _square, _cross)


def _shape(
    shape: Callable[[Values, Values], NDArray[np.bool_]], radius: float
) -> NDArray[np.bool_]:
    side = max(1, round(2 * radius))
    axis = (2 * np.arange(side) + 1) / side - 1
    return shape(np.broadcast_to(axis, (side, side)), np.broadcast_to(axis[:, None], (side, side)))


def _stamp(pixels: Pixels, mask: NDArray[np.bool_], corner: tuple[int, int], level: int) -> None:
    """Set a level where a mask is, its upper left corner at (row, column), in place."""
    rows, columns = mask.nonzero()
    rows, columns = rows + corner[0], columns + corner[1]
    seen = (rows >= 0) & (rows < pixels.shape[0]) & (columns >= 0) & (columns < pixels.shape[1])
    pixels[rows[seen], columns[seen]] = level

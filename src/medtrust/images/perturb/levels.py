"""Grey levels: what the perturbations share.

Inside this package an image is an array of shape (height, width, channels), uint8 or
uint16. Arithmetic is in integers, or in floating point element by element in a fixed
order, so that one seed gives the same picture on every machine; rounding comes last
and hides what mathematical libraries leave open.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Pixels: TypeAlias = NDArray[np.unsignedinteger[Any]]
"""Grey levels, uint8 or uint16."""

Values: TypeAlias = NDArray[np.floating[Any]]
"""The same as fractions of full scale, 0 black and 1 white."""

REFERENCE_SIDE = 224
"""Pixels on a side of MedMNIST-C's images, in which its lengths are given."""

_BAND = 1 << 22
"""Values worked on at a time, which bounds the memory that a large image takes."""


def full_scale(pixels: Pixels) -> int:
    """White: 255 or 65535."""
    return int(np.iinfo(pixels.dtype).max)


def scale(pixels: Pixels) -> float:
    """How many of this image's pixels make one of an image 224 pixels wide."""
    return float(min(pixels.shape[:2])) / REFERENCE_SIDE


def rounded(values: Values, like: Pixels) -> Pixels:
    """Grey levels of `like`'s type: rounded half to even, and clipped."""
    levels: Pixels = np.rint(values).clip(0, full_scale(like)).astype(like.dtype)
    return levels


def by_bands(pixels: Pixels, change: Callable[[Pixels], Pixels]) -> Pixels:
    """Change an image a few rows at a time, from the top.

    Chance drawn on the way does not depend on where the bands end.
    """
    height, width, channels = pixels.shape
    rows = max(1, _BAND // (width * channels))
    changed = np.empty_like(pixels)
    for top in range(0, height, rows):
        changed[top : top + rows] = change(pixels[top : top + rows])
    return changed


def by_fractions(pixels: Pixels, change: Callable[[Values], Values]) -> Pixels:
    """Change an image a few rows at a time, as fractions of full scale."""
    white = full_scale(pixels)
    return by_bands(pixels, lambda band: rounded(change(band / np.float64(white)) * white, band))

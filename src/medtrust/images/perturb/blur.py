"""Blur. Lengths are in pixels of an image 224 wide and grow with the image.

A blur of ten pixels is a catastrophe on a thumbnail and nothing on a radiograph of
three thousand: scaled, one severity hides the same detail in both. Beyond the border
the image is mirrored.
"""

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from medtrust.images.perturb.levels import Pixels, Values, rounded, scale

_CACHED = 1 << 16
"""Values that a processor keeps close at hand."""


def gaussian_blur(pixels: Pixels, deviation: float, _: np.random.Generator) -> Pixels:
    """Blur by a Gaussian of a standard deviation, cut off at four of them."""
    deviation *= scale(pixels)
    reach = math.ceil(4 * deviation)
    weights = {step: _bell(step / deviation) for step in range(-reach, reach + 1)}
    across = _gathered(pixels, (((0, step), weight) for step, weight in weights.items()))
    return rounded(
        _gathered(across, (((step, 0), weight) for step, weight in weights.items())), pixels
    )


def motion(pixels: Pixels, trail: tuple[float, float], rng: np.random.Generator) -> Pixels:
    """Drag the image along a line in a random direction.

    `trail` holds a radius and a standard deviation. As in ImageMagick's motion blur,
    which MedMNIST-C calls, the trail reaches to one side, twice the radius far, and
    fades like half a Gaussian.
    """
    radius, deviation = (length * scale(pixels) for length in trail)
    heading = rng.random() * math.tau
    taps: dict[tuple[int, int], float] = {}
    for step in range(round(2 * radius) + 1):
        tap = round(step * math.sin(heading)), round(step * math.cos(heading))
        taps[tap] = taps.get(tap, 0.0) + _bell(step / deviation)
    return rounded(_gathered(pixels, taps.items()), pixels)


def defocus(pixels: Pixels, radius: float, _: np.random.Generator) -> Pixels:
    """Spread every pixel over a disc, as a lens out of focus does.

    A disc is a stack of rows, and a row's sum is the difference of two running sums:
    the work grows with the radius, not with its square, and is exact in integers.
    """
    square = int((radius * scale(pixels)) ** 2)
    reach = math.isqrt(square)
    halves = [math.isqrt(square - row * row) for row in range(-reach, reach + 1)]
    area = sum(2 * half + 1 for half in halves)
    blurred = [_spread(channel, halves, area) for channel in np.moveaxis(pixels, -1, 0)]
    return np.stack(blurred, axis=-1)


def _spread(channel: Pixels, halves: list[int], area: int) -> Pixels:
    """Mean over the disc about each pixel of one channel, rounded half up."""
    height, width = channel.shape
    reach = len(halves) // 2
    padded = np.pad(channel, ((reach, reach), (reach + 1, reach)), mode="symmetric")
    running = padded.cumsum(axis=1, dtype=np.int64)
    total = np.zeros(channel.shape, dtype=np.int64)
    rows = max(1, _CACHED // width)
    for top in range(0, height, rows):
        band = total[top : top + rows]
        for row, half in enumerate(halves, start=top):
            sums = running[row : row + len(band)]
            last, first = reach + 1 + half, reach - half
            band += sums[:, last : last + width]
            band -= sums[:, first : first + width]
    mean: Pixels = ((2 * total + area) // (2 * area)).astype(channel.dtype)
    return mean


def _bell(deviations: float) -> float:
    return math.exp(-deviations * deviations / 2)


def _gathered(pixels: NDArray[np.generic], taps: Iterable[tuple[tuple[int, int], float]]) -> Values:
    """The weighted mean of an image's shifted copies; a tap is (down, right), weight."""
    kept = list(taps)
    height, width = pixels.shape[:2]
    down = max(abs(tap[0]) for tap, _ in kept)
    right = max(abs(tap[1]) for tap, _ in kept)
    padded = np.pad(
        pixels.astype(np.float32), ((down, down), (right, right), (0, 0)), mode="symmetric"
    )
    mean = np.zeros(pixels.shape, dtype=np.float32)
    total = sum(weight for _, weight in kept)
    # A few rows at a time stay in the processor's cache while all taps pass over them.
    rows = max(1, _CACHED // mean[0].size)
    for top in range(0, height, rows):
        band = mean[top : top + rows]
        for (y, x), weight in kept:
            first = down + y + top
            moved = padded[first : first + len(band), right + x : right + x + width]
            band += np.float32(weight / total) * moved
    return mean

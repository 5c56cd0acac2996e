"""Where the patient lies: the picture moved or turned, black where nothing was seen."""

import math

import numpy as np

from medtrust.images.perturb.levels import Pixels, Values, rounded


def crop_shift(pixels: Pixels, share: float, rng: np.random.Generator) -> Pixels:
    """Move by a share of the image's size in a random direction; what leaves is lost."""
    height, width = pixels.shape[:2]
    heading = rng.random() * math.tau
    down = round(share * height * math.sin(heading))
    right = round(share * width * math.cos(heading))
    moved = np.zeros_like(pixels)
    target, source = _overlap(height, down)
    across, along = _overlap(width, right)
    moved[target, across] = pixels[source, along]
    return moved


def _overlap(length: int, offset: int) -> tuple[slice, slice]:
    """What stays in sight along one axis: where it lands, and where it came from."""
    return (
        slice(max(offset, 0), max(0, length + min(offset, 0))),
        slice(max(-offset, 0), max(0, length - max(offset, 0))),
    )


def rotation(pixels: Pixels, degrees: float, rng: np.random.Generator) -> Pixels:
    """Turn about the centre, left or right by chance, between pixels bilinearly."""
    height, width, channels = pixels.shape
    angle = math.radians(degrees if rng.random() < 0.5 else -degrees)
    cosine, sine = math.cos(angle), math.sin(angle)
    framed = np.pad(pixels, ((1, 1), (1, 1), (0, 0)))
    x = np.arange(width) - (width - 1) / 2
    turned = np.empty((height, width, channels), dtype=pixels.dtype)
    for row in range(height):
        y = row - (height - 1) / 2
        down = x * sine + y * cosine + (height + 1) / 2
        right = x * cosine - y * sine + (width + 1) / 2
        turned[row] = rounded(_between(framed, down, right), pixels)
    return turned


def _between(framed: Pixels, down: Values, right: Values) -> Values:
    """The image at points between its pixels, shape (points, channels); black outside."""
    down = down.clip(0, framed.shape[0] - 1)
    right = right.clip(0, framed.shape[1] - 1)
    top = np.minimum(down.astype(np.intp), framed.shape[0] - 2)
    left = np.minimum(right.astype(np.intp), framed.shape[1] - 2)
    below, beside = (down - top)[:, None], (right - left)[:, None]
    upper = framed[top, left] * (1 - beside) + framed[top, left + 1] * beside
    lower = framed[top + 1, left] * (1 - beside) + framed[top + 1, left + 1] * beside
    between: Values = upper * (1 - below) + lower * below
    return between

"""Tone: brightness, contrast and gamma, each a table from grey level to grey level."""

import numpy as np

from medtrust.images.perturb.levels import Pixels, Values, full_scale, rounded

_LUMA = np.array([299, 587, 114])
"""Weights of red, green and blue in thousandths (ITU-R BT.601), as Pillow uses."""


def brightness(pixels: Pixels, factor: float, _: np.random.Generator) -> Pixels:
    """Multiply every level: above 1 is brighter."""
    return _mapped(pixels, _levels(pixels) * factor)


def contrast(pixels: Pixels, factor: float, _: np.random.Generator) -> Pixels:
    """Stretch the levels about the image's mean grey: below 1 is flatter."""
    mean = _mean(pixels)
    return _mapped(pixels, mean + factor * (_levels(pixels) - mean))


def gamma(pixels: Pixels, exponent: float, _: np.random.Generator) -> Pixels:
    """Raise the levels, as fractions of white, to a power: above 1 darkens mid-grey."""
    white = full_scale(pixels)
    return _mapped(pixels, (_levels(pixels) / white) ** exponent * white)


def _levels(pixels: Pixels) -> Values:
    return np.arange(full_scale(pixels) + 1, dtype=np.float64)


def _mapped(pixels: Pixels, table: Values) -> Pixels:
    mapped: Pixels = rounded(table, pixels)[pixels]
    return mapped


def _mean(pixels: Pixels) -> float:
    """The mean grey level. Sums of integers come out the same in any order."""
    sums = pixels.sum(axis=(0, 1), dtype=np.int64)
    total = int(sums @ _LUMA) / 1000 if sums.size == 3 else int(sums[0])
    return total / float(pixels.shape[0] * pixels.shape[1])

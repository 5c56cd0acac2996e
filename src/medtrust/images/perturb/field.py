"""Uneven sensitivity: a smooth field over the image, or lines of a detector."""

import numpy as np

from medtrust.images.perturb.levels import Pixels, Values, by_bands, full_scale, rounded, scale

_ORDER = 3
"""Degree of the polynomial: a slope, a hollow and a twist."""

_LINE = 2.0
"""Width of a stripe in pixels of an image 224 wide."""


def bias_field(pixels: Pixels, nonuniformity: float, rng: np.random.Generator) -> Pixels:
    """Multiply by a smooth random field, as a coil's sensitivity or an uneven light does.

    The field runs from `1 - nonuniformity / 2` to `1 + nonuniformity / 2`, the sense in
    which BrainWeb's simulated scans give their intensity non-uniformity.
    """
    height, width = pixels.shape[:2]
    field = np.zeros((height, width))
    for down in range(_ORDER + 1):
        for right in range(_ORDER + 1 - down):
            weight = rng.standard_normal()
            field += weight * _axis(height, down)[:, None] * _axis(width, right)[None, :]
    low, high = field.min(), field.max()
    even = (field - low) / (high - low) if high > low else np.full_like(field, 0.5)
    gain = 1 + nonuniformity * (even - 0.5)
    return rounded(pixels * gain[..., None], pixels)


def _axis(length: int, power: int) -> Values:
    """A power of the coordinate from -1 to 1, by multiplication, which rounds alike anywhere."""
    along = (2 * np.arange(length) + 1) / length - 1
    value = np.ones(length)
    for _ in range(power):
        value = value * along
    return value


def stripe(pixels: Pixels, deviation: float, rng: np.random.Generator) -> Pixels:
    """Lift or lower whole lines, as badly calibrated detector elements do.

    Lines run down or across, by chance; their offsets are normal with a standard
    deviation that is a fraction of full scale.
    """
    down = rng.random() < 0.5
    length = pixels.shape[1] if down else pixels.shape[0]
    thick = max(1, round(_LINE * scale(pixels)))
    offsets = rng.standard_normal(-(-length // thick)).repeat(thick)[:length]
    lines = offsets * (deviation * full_scale(pixels))
    if down:
        return by_bands(pixels, lambda band: rounded(band + lines[None, :, None], band))
    return rounded(pixels + lines[:, None, None], pixels)

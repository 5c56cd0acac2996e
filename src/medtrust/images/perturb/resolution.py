"""Detail lost on the way: compression and a coarse grid."""

from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from medtrust.errors import InputError
from medtrust.images.perturb.levels import REFERENCE_SIDE, Pixels, rounded

_JPEG_SIDE = 65_500
"""What libjpeg holds at most on a side."""


def jpeg(pixels: Pixels, quality: float, _: np.random.Generator) -> Pixels:
    """Compress as JPEG and decode again.

    JPEG has 8 bits: 16-bit levels are rounded to 8 first, and those that come back
    are multiples of 257. Which library Pillow was built with decides the last level.
    Raises InputError for an image longer than JPEG allows.
    """
    if max(pixels.shape[:2]) > _JPEG_SIDE:
        raise InputError(
            f"{pixels.shape[1]} x {pixels.shape[0]} pixels is more than JPEG's "
            f"{_JPEG_SIDE:,} a side; scale the image down or choose another perturbation"
        )
    deep = pixels.dtype == np.uint16
    levels = np.rint(pixels / 257).astype(np.uint8) if deep else pixels
    buffer = BytesIO()
    # Without its last axis a single channel is grey to Pillow.
    Pillow.fromarray(levels[..., 0] if levels.shape[2] == 1 else levels).save(
        buffer, "JPEG", quality=round(quality)
    )
    decoded = np.asarray(Pillow.open(buffer)).reshape(pixels.shape).astype(pixels.dtype)
    return decoded * pixels.dtype.type(257) if deep else decoded


def downsampling(pixels: Pixels, factor: float, _: np.random.Generator) -> Pixels:
    """Average over a coarser grid and show its cells as blocks.

    `factor` is of the image's size, or of 224 pixels where the image is larger: a
    model that scales its images down would never see a grid finer than its own.
    """
    height, width = pixels.shape[:2]
    factor *= min(1.0, REFERENCE_SIDE / min(height, width))
    coarse = max(1, round(width * factor)), max(1, round(height * factor))
    channels = [
        rounded(_boxed(_boxed(channel, coarse), (width, height)), pixels)
        for channel in np.moveaxis(pixels, -1, 0)
    ]
    return np.stack(channels, axis=-1)


def _boxed(channel: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    """One channel at another size. Pillow resizes 8 bits in integers and no other depth."""
    plain = channel if channel.dtype == np.uint8 else channel.astype(np.float32)
    return np.asarray(Pillow.fromarray(plain).resize(size, Pillow.Resampling.BOX))

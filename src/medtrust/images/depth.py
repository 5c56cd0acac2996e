"""Grey of more than 8 bits: which stored value is white.

A 16-bit file often holds 12 bits, or signed numbers. Read as 16 bits they are nearly black.
"""

import numpy as np
from PIL import Image as Pillow
from PIL.TiffImagePlugin import TiffImageFile

DEPTHS = (8, 10, 12, 14, 16, 32)
"""Bits that devices measure with: a dark picture of 12 bits may use no more than 11."""

_BITS_PER_SAMPLE = 258


def is_deep(opened: Pillow.Image) -> bool:
    """Whether Pillow holds the picture as whole numbers of 16 or 32 bits."""
    return opened.mode.startswith("I")


def stated_bits(opened: Pillow.Image) -> int:
    """The bits that a deep picture's file says are in use, 0 where it only names its storage."""
    if opened.format in {"PPM", "JPEG2000"}:
        return 16  # Pillow has scaled the values from those that the file states
    if isinstance(opened, TiffImageFile):
        bits = max(opened.tag_v2.get(_BITS_PER_SAMPLE, (16,)))
        return bits if bits < 16 else 0
    return 0


def full_scale(opened: Pillow.Image, *, stated: int) -> tuple[Pillow.Image, list[str]]:
    """The picture as unsigned 16-bit grey whose white is 65535, and a note on what that took.

    White is the largest number that has the bits in use: 4095 for 12. Their number is the least
    of `DEPTHS` that holds all values. Where there are negative ones the least of them is black.

    Args:
        opened: A picture that `is_deep`.
        stated: The bits that the file itself says are in use, 0 where it says nothing.
    """
    values = np.asarray(opened, dtype=np.int64)
    black = min(int(values.min()), 0)
    used = (not black and stated) or int(values.max() - black).bit_length()
    bits = next(depth for depth in DEPTHS if depth >= used)
    notes = []
    if black:
        notes = [f"signed grey: {black} is black, {bits} bits are in use"]
    elif bits != 16:
        notes = [f"{bits} bits are in use, of {32 if bits > 16 else 16}"]
    levels = np.rint((values - black) * (65535 / (2**bits - 1))).clip(0, 65535)
    return Pillow.fromarray(levels.astype(np.uint16)), notes

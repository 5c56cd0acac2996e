"""Grey of more than 8 bits: which stored value is white.

A 16-bit file often holds 12 bits, or signed numbers. Read as 16 bits they are nearly black.
"""

import numpy as np
from PIL import Image as Pillow

DEPTHS = (8, 10, 12, 14, 16, 32)
"""Bits that devices measure with: a dark picture of 12 bits may use no more than 11."""


def is_deep(opened: Pillow.Image) -> bool:
    """Whether Pillow holds the picture as whole numbers of 16 or 32 bits."""
    return opened.mode.startswith("I")


def full_scale(opened: Pillow.Image, *, stated: bool) -> tuple[Pillow.Image, list[str]]:
    """The picture as unsigned 16-bit grey whose white is 65535, and a note on what that took.

    White is the largest number that has the bits in use: 4095 for 12. Their number is the least
    of `DEPTHS` that holds all values. Where there are negative ones the least of them is black.

    Args:
        opened: A picture that `is_deep`.
        stated: Whether the file itself says which value is white, and Pillow scaled it by that.
    """
    values = np.asarray(opened, dtype=np.int64)
    black = min(int(values.min()), 0)
    used = 16 if stated else int(values.max() - black).bit_length()
    bits = next(depth for depth in DEPTHS if depth >= used)
    notes = []
    if black:
        notes = [f"signed grey: {black} is black, {bits} bits are in use"]
    elif bits != 16:
        notes = [f"{bits} bits are in use, of {32 if bits > 16 else 16}"]
    levels = np.rint((values - black) * (65535 / (2**bits - 1)))
    return Pillow.fromarray(levels.astype(np.uint16)), notes

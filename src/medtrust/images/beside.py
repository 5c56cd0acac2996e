"""What an image file holds beside the pixels of one opaque, upright picture."""

import warnings
from contextlib import suppress

from PIL import Image as Pillow

_ORIENTATION = 0x0112
"""The EXIF tag that says which way up a camera was held."""

_TURNS = {
    2: Pillow.Transpose.FLIP_LEFT_RIGHT,
    3: Pillow.Transpose.ROTATE_180,
    4: Pillow.Transpose.FLIP_TOP_BOTTOM,
    5: Pillow.Transpose.TRANSPOSE,
    6: Pillow.Transpose.ROTATE_270,
    7: Pillow.Transpose.TRANSVERSE,
    8: Pillow.Transpose.ROTATE_90,
}

_COUNTED = 1000
"""Frames or pages that are counted: a hostile file has millions."""

_COUNTED_BYTES = 4 * 2**20
"""Of a GIF, whose frames can only be counted by going through all of it."""


def orientation(opened: Pillow.Image) -> int:
    """The EXIF orientation, 1 (upright) to 8; 1 where there is none or the data are broken."""
    # Pillow warns of broken data, or fails on it.
    with warnings.catch_warnings(action="ignore"), suppress(Exception):
        held = opened.getexif().get(_ORIENTATION)
        return held if held in _TURNS else 1
    return 1


def turned(opened: Pillow.Image, held: int) -> Pillow.Image:
    """The decoded picture, upright."""
    # Pillow has turned a TIFF already.
    return opened if held == 1 or opened.format == "TIFF" else opened.transpose(_TURNS[held])


def frames(opened: Pillow.Image, size: int) -> list[str]:
    """A note where the first picture of several is sent.

    Args:
        opened: A picture of its own for this, which is not decoded.
        size: Of its file, in bytes.
    """
    if not getattr(opened, "is_animated", False):
        return []
    if opened.format == "TIFF":
        return [f"first of {_pages(opened)} pages"]
    if opened.format == "GIF" and size > _COUNTED_BYTES:
        return ["first of several frames"]
    return [f"first of {getattr(opened, 'n_frames', 2)} frames"]


def _pages(opened: Pillow.Image) -> int | str:
    # A file that ends in a broken page has as many as come before it.
    with suppress(Exception):
        for number in range(1, _COUNTED + 1):
            opened.seek(number)
    found = opened.tell() + 1
    return found if found <= _COUNTED else f"more than {_COUNTED}"


def transparency(opened: Pillow.Image) -> list[str]:
    """A note where a decoded picture is not opaque: each reader shows another colour there."""
    if opened.mode.startswith("I") or not opened.has_transparency_data:
        return []
    if opened.convert("RGBA").getchannel("A").getextrema() == (255, 255):
        return []
    return ["transparent in places, where each reader shows a colour of its own"]


def depth(data: bytes, kind: str) -> list[str]:
    """A note where a PNG's colours have more bits than readers take."""
    deep = kind == "PNG" and data[24] == 16 and data[25] != 0
    return ["16 bits a colour, of which readers take the upper 8"] * deep

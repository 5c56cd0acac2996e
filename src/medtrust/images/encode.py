"""Images as they are sent: the file's own bytes, checked, with what was found in them."""

import hashlib
import io
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from medtrust.errors import AbsentError, InputError
from medtrust.records import Image

SENT_AS_IS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
"""Formats that servers and local processors both read: these bytes are never re-encoded."""

PNG_MODES = frozenset({"1", "L", "LA", "P", "RGB", "RGBA"})
"""Pixels, in Pillow's words, that a PNG file holds as they are (16-bit grey aside)."""

MAX_PIXELS = 100_000_000
"""Larger images are refused before they are decoded (decompression bombs)."""


@dataclass(frozen=True, slots=True)
class EncodedImage:
    """An image ready to send. `digest` is the SHA-256 of `data`."""

    id: str
    digest: str
    mime: str
    data: bytes
    width: int
    height: int
    notes: tuple[str, ...] = ()


def encode(image: Image) -> EncodedImage:
    """Read and check one image.

    JPEG, PNG and WebP travel byte for byte; other formats that Pillow reads are
    re-encoded as PNG without loss. 16-bit grey is scaled to 8 bits, and colours that
    PNG does not have (CMYK, say) become RGB; a note says so. Nothing is ever resized
    here: what a model's processor or a server does with the size is theirs to say.

    Raises AbsentError where there is no file, and InputError for one that is no
    image, cut short, too large, or has floating-point pixels.
    """
    path = Path(image.path)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise AbsentError(f"{path}: image {image.id} is not there; fetch the images") from None
    except OSError as error:
        raise InputError(f"{path}: image {image.id} cannot be read ({error.strerror})") from None
    try:
        opened = _open(data, path)
        found = opened.format or "an unnamed format"
        mime = SENT_AS_IS.get(found)
        notes: tuple[str, ...] = ()
        if mime is None or opened.mode.startswith("I"):
            data, changes = _as_png(opened, path)
            mime, notes = "image/png", (f"re-encoded from {found} to PNG", *changes)
    except UnidentifiedImageError:
        # Pillow names the buffer that it was given, which says nothing to anyone.
        raise InputError(f"{path}: image {image.id} is no image; replace the file") from None
    except (Pillow.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise InputError(
            f"{path}: image {image.id} cannot be decoded ({error}); replace the file"
        ) from None
    digest = hashlib.sha256(data).hexdigest()
    return EncodedImage(image.id, digest, mime, data, *opened.size, notes)


def _open(data: bytes, path: Path) -> Pillow.Image:
    """The decoded image; raises InputError for one that is too large, and what Pillow raises."""
    # Pillow warns at 90 million pixels and raises at twice that; our bound is its own.
    with warnings.catch_warnings(action="ignore", category=Pillow.DecompressionBombWarning):
        opened: Pillow.Image = Pillow.open(io.BytesIO(data))
    width, height = opened.size
    if width * height > MAX_PIXELS:
        raise InputError(
            f"{path}: {width} x {height} pixels is over the limit of {MAX_PIXELS:,}; "
            "scale the image down"
        )
    # Decoding is the only way to notice a file that was cut short.
    opened.load()
    return opened


def _as_png(opened: Pillow.Image, path: Path) -> tuple[bytes, tuple[str, ...]]:
    """The image as a PNG file, and what was changed in its pixels to make it one."""
    notes: tuple[str, ...] = ()
    if opened.mode == "F":
        raise InputError(
            f"{path}: floating-point pixels have no agreed black and white; "
            "save the image with 8 or 16 bits"
        )
    if opened.mode.startswith("I"):
        # Readers clip 16-bit grey to its lowest 256 values, which turns a scan white.
        notes = ("16-bit grey scaled to 8 bits (divided by 257)",)
        grey = np.asarray(opened, dtype=np.int64)
        opened = Pillow.fromarray((grey.clip(0, 65535) / 257).round().astype(np.uint8))
    elif opened.mode not in PNG_MODES:
        notes = (f"{opened.mode} converted to RGB",)
        opened = opened.convert("RGB")
    buffer = io.BytesIO()
    opened.save(buffer, "PNG")
    return buffer.getvalue(), notes

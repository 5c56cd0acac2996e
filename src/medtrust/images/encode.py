"""Images as they are sent: the file's own bytes, decoded once to check them, and what was found.

Where an image names a transform, its pixels are disturbed on the way; the file stays.
"""

import hashlib
import io
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from medtrust.errors import AbsentError, ImageError, InputError
from medtrust.images import beside, dicom, partial
from medtrust.images.content import content
from medtrust.images.depth import full_scale, is_deep, stated_bits
from medtrust.images.perturb import disturb
from medtrust.records import Image

SENT_AS_IS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
"""Formats that servers and local processors both read: these bytes are never re-encoded."""

FAST, SMALL = 1, 6
"""Effort of PNG's compression: noise cannot be made small, and every question has its own."""

PNG_MODES = frozenset({"1", "L", "LA", "P", "RGB", "RGBA"})
"""Pixels, in Pillow's words, that a PNG file holds as they are (16-bit grey aside)."""

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "JPEG2000", "PPM")
"""What is opened at all. Pillow knows more, of which some start a program (EPS, Ghostscript)."""

MAX_PIXELS = 100_000_000
"""Larger images are refused before they are decoded (decompression bombs)."""

MAX_SCANS = 100
"""Of a JPEG: an empty one takes a few bytes, and as long to decode as any. Encoders write ten."""


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
    file: str = ""
    """The file that holds these very bytes; empty where none does."""


def encode(image: Image) -> EncodedImage:
    """Read, decode and check one image.

    JPEG, PNG and WebP travel byte for byte; other formats that Pillow reads are
    re-encoded as PNG without loss. So is a picture whose EXIF data say that it lies on its
    side, since not every reader turns it. 16-bit grey is scaled to 8 bits by the bits in
    use, and colours that PNG does not have (CMYK, say) become RGB. Of several frames or
    pages the first is sent, of DICOM in its own window. An image with a transform is
    disturbed by it and sent as PNG. Notes say all of this, and where a file is not opaque
    or decodes only in part. Nothing is ever resized here: what a model's processor or a
    server does with the size is theirs to say.

    Raises AbsentError where there is no file, and ImageError for one that is no image, cut
    short, too large, or has floating-point pixels, and for a transform that does not exist.
    """
    path = Path(image.path)
    try:
        return _encoded(content(path), path, image)
    except FileNotFoundError:
        # Without its path, which may name a patient: this reason is written into the run.
        raise AbsentError(f"image {image.id} is not there; fetch the images") from None
    except InputError as error:
        said = str(error).removeprefix(f"{path}: ").removeprefix(f"image {image.id}: ")
        raise ImageError(str(error), image=image.id, why=f"cannot be used: {said}") from None
    except Exception as error:  # noqa: BLE001 - Pillow raises what it likes of a broken file
        why = _reason(error)
        raise ImageError(f"{path}: image {image.id} {why}", image=image.id, why=why) from None


def _reason(error: Exception) -> str:
    """Why a file cannot be used, in one line."""
    if isinstance(error, UnidentifiedImageError):
        # Pillow names the buffer that it was given, which says nothing to anyone.
        return "is no image; replace the file"
    if isinstance(error, MemoryError):
        return "needs more memory than there is; scale it down"
    if isinstance(error, OSError) and error.strerror:
        return f"cannot be read ({error.strerror})"
    said = " ".join(str(error).split())[:200] or type(error).__name__
    return f"cannot be decoded ({said}); replace the file"


def _encoded(data: bytes, path: Path, image: Image) -> EncodedImage:
    opened, found, notes, held = _decoded(data, path)
    mime = SENT_AS_IS.get(found)
    as_is = bool(mime) and held == 1 and not image.transform and not is_deep(opened)
    if mime is None or not as_is:
        opened, data, changes = _remade(opened, held, data, image)
        mime, notes = "image/png", [f"re-encoded from {found} to PNG", *notes, *changes]
    digest = hashlib.sha256(data).hexdigest()
    file = image.path if as_is else ""
    return EncodedImage(image.id, digest, mime, data, *opened.size, tuple(notes), file)


def _decoded(data: bytes, path: Path) -> tuple[Pillow.Image, str, list[str], int]:
    """The image, the name of its format, what was found in the file, and its orientation.

    It is decoded whole, so that whatever is wrong with it is found here: another reader of the
    same bytes may say nothing of it.
    """
    if dicom.is_dicom(data, path):
        picture, notes = dicom.decode(data, path, max_pixels=MAX_PIXELS)
        return picture, "DICOM", notes, 1
    if data[4:8] == b"ftyp":
        raise InputError(f"{path}: HEIC and AVIF are not read; convert the file to JPEG or PNG")
    opened = _open(data, path)
    found, held = opened.format or "an unnamed format", beside.orientation(opened)
    if found == "PNG":
        # Its checksums, which nobody looks at who decodes it.
        _open(data, path).verify()
    if found in partial.JPEGS and partial.scans_of(data) > MAX_SCANS:
        raise InputError(f"{path}: more than {MAX_SCANS} scans; save the image anew")
    opened.load()
    if opened.mode == "F":
        raise InputError(
            f"{path}: floating-point pixels have no agreed black and white; "
            "save the image with 8 or 16 bits"
        )
    notes = [
        *partial.notes_on(data, opened),
        *beside.frames(_open(data, path), len(data)),
        *beside.transparency(opened),
        *beside.depth(data, found),
    ]
    return opened, found, notes, held


def _open(data: bytes, path: Path) -> Pillow.Image:
    """The image with its size known and its pixels not yet decoded.

    Raises InputError for one that is too large, and what Pillow raises.
    """
    # Pillow warns at 90 million pixels and raises at twice that; our bound is its own.
    # It also warns of broken EXIF data.
    with warnings.catch_warnings(action="ignore"):
        opened: Pillow.Image = Pillow.open(io.BytesIO(data), formats=FORMATS)
    width, height = opened.size
    if width * height > MAX_PIXELS:
        raise InputError(
            f"{path}: {width} x {height} pixels is over the limit of {MAX_PIXELS:,}; "
            "scale the image down"
        )
    return opened


def _remade(
    opened: Pillow.Image, held: int, data: bytes, image: Image
) -> tuple[Pillow.Image, bytes, list[str]]:
    """The image upright, disturbed where a transform is named, as a PNG; and what was changed."""
    notes = [f"turned upright (EXIF orientation {held})"] * (held != 1)
    bits = stated_bits(opened)
    opened = beside.turned(opened, held)
    if is_deep(opened):
        opened, changes = full_scale(opened, stated=bits)
        notes += changes
    if image.transform:
        opened, changes = _disturbed(opened, data, image)
        notes += changes
    made, changes = _as_png(opened, FAST if image.transform else SMALL)
    return opened, made, [*notes, *changes]


def _disturbed(opened: Pillow.Image, data: bytes, image: Image) -> tuple[Pillow.Image, list[str]]:
    try:
        return disturb(opened, data, image.transform)
    except InputError as error:
        raise InputError(f"{image.path}: image {image.id}: {error}") from None


def _as_png(opened: Pillow.Image, effort: int) -> tuple[bytes, list[str]]:
    """The image as a PNG file, and what was changed in its pixels to make it one."""
    notes = []
    if is_deep(opened):
        # Readers clip 16-bit grey to its lowest 256 values, which turns a scan white.
        notes = ["16-bit grey scaled to 8 bits (divided by 257)"]
        opened = Pillow.fromarray(np.rint(np.asarray(opened) / 257).astype(np.uint8))
    elif opened.mode not in PNG_MODES:
        notes = [f"{opened.mode} converted to RGB"]
        opened = opened.convert("RGB")
    buffer = io.BytesIO()
    opened.save(buffer, "PNG", compress_level=effort)
    return buffer.getvalue(), notes

"""Images as they are sent: the file's own bytes, checked, with what was found in them.

Where an image names a transform, its pixels are disturbed on the way; the file stays.
"""

import hashlib
import io
import stat
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from medtrust.errors import AbsentError, ImageError, InputError
from medtrust.images import dicom
from medtrust.images.perturb import disturb
from medtrust.images.perturb.picture import upright
from medtrust.records import Image

SENT_AS_IS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
"""Formats that servers and local processors both read: these bytes are never re-encoded."""

FAST, SMALL = 1, 6
"""Effort of PNG's compression: noise cannot be made small, and every question has its own."""

PNG_MODES = frozenset({"1", "L", "LA", "P", "RGB", "RGBA"})
"""Pixels, in Pillow's words, that a PNG file holds as they are (16-bit grey aside)."""

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "JPEG2000", "PPM")
"""What is opened at all. Pillow knows more, of which some start a program (EPS, Ghostscript)."""

MAX_BYTES = 256 * 2**20
"""Of a file; it is held in memory."""

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
    file: str = ""
    """The file that holds these very bytes; empty where none does."""


def encode(image: Image) -> EncodedImage:
    """Read and check one image.

    JPEG, PNG and WebP travel byte for byte; other formats that Pillow reads are
    re-encoded as PNG without loss. 16-bit grey is scaled to 8 bits, and colours that
    PNG does not have (CMYK, say) become RGB; a note says so. Of a DICOM file the first
    frame is sent, in its own window. An image with a transform is disturbed by it and
    sent as PNG. Nothing is ever resized here: what a model's processor or a server
    does with the size is theirs to say.

    Raises AbsentError where there is no file, ImageError for one that is no image, cut
    short, too large, or has floating-point pixels, and for a transform that does not exist
    or cannot be had of it, and InputError where a package is missing that reads it.
    """
    path = Path(image.path)
    try:
        data = _content(path)
    except FileNotFoundError:
        # Without its path, which may name a patient: this reason is written into the run.
        raise AbsentError(f"image {image.id} is not there; fetch the images") from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise ImageError(path, f"image {image.id} cannot be read ({why})") from None
    try:
        opened, found, notes = _opened(data, path)
        mime = SENT_AS_IS.get(found)
        as_is = bool(mime) and not image.transform and not opened.mode.startswith("I")
        if mime and as_is:
            _check_whole(opened, data)
        else:
            opened, data, changes = _remade(opened, data, image)
            mime, notes = "image/png", [f"re-encoded from {found} to PNG", *notes, *changes]
    except InputError:
        raise
    except UnidentifiedImageError:
        # Pillow names the buffer that it was given, which says nothing to anyone.
        raise ImageError(path, f"image {image.id} is no image; replace the file") from None
    except Exception as error:  # noqa: BLE001 - of a broken file Pillow raises what it likes
        why = " ".join(str(error).split())[:200] or type(error).__name__
        raise ImageError(
            path, f"image {image.id} cannot be decoded ({why}); replace the file"
        ) from None
    digest = hashlib.sha256(data).hexdigest()
    file = image.path if as_is else ""
    return EncodedImage(image.id, digest, mime, data, *opened.size, tuple(notes), file)


def _content(path: Path) -> bytes:
    """The bytes of a regular file: a pipe or a device named like an image would never end."""
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise ImageError(path, "cannot be read (no regular file); put the image there")
    if found.st_size > MAX_BYTES:
        raise ImageError(path, f"larger than {MAX_BYTES // 2**20} MiB; scale the image down")
    with path.open("rb") as file:
        return file.read(MAX_BYTES)


def _opened(data: bytes, path: Path) -> tuple[Pillow.Image, str, list[str]]:
    """The image, the name of its format, and what was chosen in decoding it."""
    if dicom.is_dicom(data, path):
        picture, notes = dicom.decode(data, path, max_pixels=MAX_PIXELS)
        return picture, "DICOM", notes
    opened = _open(data, path)
    return opened, opened.format or "an unnamed format", []


def _open(data: bytes, path: Path) -> Pillow.Image:
    """The image with its size known and its pixels not yet decoded.

    Raises ImageError for one that is too large, and what Pillow raises.
    """
    # Pillow warns at 90 million pixels and raises at twice that; our bound is its own.
    # It also warns of broken EXIF data, which nobody here reads.
    with warnings.catch_warnings(action="ignore"):
        opened: Pillow.Image = Pillow.open(io.BytesIO(data), formats=FORMATS)
    width, height = opened.size
    if width * height > MAX_PIXELS:
        raise ImageError(
            path,
            f"{width} x {height} pixels is over the limit of {MAX_PIXELS:,}; scale the image down",
        )
    return opened


def _check_whole(opened: Pillow.Image, data: bytes) -> None:
    """Raise what Pillow raises for a file that was cut short or damaged.

    Whoever is sent the file decodes it; here that would take most of the time that a question
    takes. A PNG has checksums of all its parts, and a JPEG ends in a mark of its own; only
    where that is not the end of the file must it be decoded to be known whole.
    """
    if opened.format == "PNG":
        opened.verify()
    elif opened.format != "JPEG" or not data[-64:].rstrip(b"\0\r\n").endswith(b"\xff\xd9"):
        opened.load()


def _remade(
    opened: Pillow.Image, data: bytes, image: Image
) -> tuple[Pillow.Image, bytes, list[str]]:
    """The image, disturbed where a transform is named, as a PNG file; and what was changed."""
    opened.load()
    if opened.mode == "F":
        raise ImageError(
            Path(image.path),
            "floating-point pixels have no agreed black and white; "
            "save the image with 8 or 16 bits",
        )
    notes: list[str] = []
    if image.transform:
        opened, notes = _disturbed(opened, data, image)
    made, changes = _as_png(opened, FAST if image.transform else SMALL)
    return opened, made, [*notes, *changes]


def _disturbed(opened: Pillow.Image, data: bytes, image: Image) -> tuple[Pillow.Image, list[str]]:
    try:
        return disturb(opened, data, image.transform)
    except InputError as error:
        raise ImageError(Path(image.path), f"image {image.id}: {error}") from None


def _as_png(opened: Pillow.Image, effort: int) -> tuple[bytes, list[str]]:
    """The image as a PNG file, and what was changed in its pixels to make it one."""
    notes = []
    exif = upright(opened)
    if opened.mode.startswith("I"):
        # Readers clip 16-bit grey to its lowest 256 values, which turns a scan white.
        notes = ["16-bit grey scaled to 8 bits (divided by 257)"]
        grey = np.asarray(opened, dtype=np.int64)
        opened = Pillow.fromarray((grey.clip(0, 65535) / 257).round().astype(np.uint8))
    elif opened.mode not in PNG_MODES:
        notes = [f"{opened.mode} converted to RGB"]
        opened = opened.convert("RGB")
    buffer = io.BytesIO()
    opened.save(buffer, "PNG", exif=exif, compress_level=effort)
    return buffer.getvalue(), notes

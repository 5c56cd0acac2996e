"""Image files of every kind that readers stumble over, made by the tests themselves."""

import io
import struct
import zlib
from typing import Any

import numpy as np
from PIL import Image as Pillow
from PIL import ImageFilter
from pydicom import dcmread
from pydicom.encaps import encapsulate
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, JPEGExtended12Bit, JPEGLSLossless

from fuzz_targets import scan


def saved(kind: str, picture: Pillow.Image, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def array(kind: str, pixels: np.ndarray) -> bytes:
    return saved(kind, Pillow.fromarray(pixels))


def photograph(seed: int = 0, side: int = 200, blur: float = 2) -> Pillow.Image:
    """Cloudy colours, as unlike each other as photographs are."""
    noise = np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
    return Pillow.fromarray(noise).filter(ImageFilter.GaussianBlur(blur))


def chunk(kind: bytes, content: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + check


def png(width: int, height: int, rows: bytes | None, depth: int = 8, colour: int = 0) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    data = b"" if rows is None else chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + data + chunk(b"IEND", b"")


def heic() -> bytes:
    return b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(400)


def dicom(syntax: UID) -> bytes:
    """A scan in a syntax that cannot be read here."""
    made = dcmread(io.BytesIO(scan()))
    made.file_meta.TransferSyntaxUID = syntax
    if syntax.is_encapsulated:
        made.PixelData = encapsulate([b"\xff\xd8" + bytes(60)])
        made["PixelData"].VR = "OB"
    buffer = io.BytesIO()
    made.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def hole(data: bytes, size: int, *, at: float = 0.5) -> bytes:
    """A file with zeros in the place of some of its bytes."""
    start = int(len(data) * at)
    return data[:start] + bytes(size) + data[start + size :]


def cut(jpeg: bytes, *, at: float = 0.7) -> bytes:
    """A JPEG of which the end is lost, with a mark that says that this is its end."""
    return jpeg[: int(len(jpeg) * at)] + b"\xff\xd9"


JPEG = saved("JPEG", photograph())
PNG = saved("PNG", photograph())
WEBP = saved("WEBP", photograph())

UNREADABLE = {
    "cut": (JPEG[:-400], "truncated"),
    "empty": (b"", "is no image"),
    "five bytes": (JPEG[:5], "is no image"),
    "text": (b"<html>404</html>", "is no image"),
    "heic": (heic(), "HEIC and AVIF are not read"),
    "jpeg of 200 scans": (JPEG[:-2] + JPEG[JPEG.rfind(b"\xff\xda") : -2] * 200, "scans"),
    "png without data": (png(9, 9, None), "cannot be decoded"),
    "png of no rows": (png(9, 9, b""), "truncated"),
    "png with a hole": (hole(PNG, 300), "cannot be decoded"),
    "png with a flipped bit": (PNG[:-30] + bytes([PNG[-30] ^ 1]) + PNG[-29:], "cannot be decoded"),
    "png cut": (PNG[:-400], "cannot be decoded"),
    "webp cut": (WEBP[:-400], "cannot be decoded"),
    "webp without data": (WEBP[:12], "is no image"),
    "gif cut": (saved("GIF", photograph())[:-400], "cannot be decoded"),
    "tiff cut": (saved("TIFF", photograph())[:-400], "cannot be decoded"),
    "floats": (array("TIFF", np.zeros((4, 4), np.float32)), "floating-point"),
    "too large": (png(10_001, 10_000, b"\0"), "over the limit"),
    "deflated dicom": (dicom(DeflatedExplicitVRLittleEndian), "dcmconv"),
    "dicom in jpeg-ls": (dicom(JPEGLSLossless), "pip install 'pylibjpeg[all]'"),
    "dicom in jpeg of 12 bits": (dicom(JPEGExtended12Bit), "pip install 'pylibjpeg[all]'"),
    "no dicom": (bytes(128) + b"DICM" + bytes(40), "DICOM"),
}
"""Name -> a file, and what is said of it."""

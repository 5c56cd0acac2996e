"""Images made to harm: bombs, lies in headers, formats that run programs, scans of every syntax.

What is refused is refused before it takes memory: each limit is put to the test in a process
that may have 2 GB of address space beyond what it starts with, and no more.
"""

import functools
import io
import struct
import subprocess
import sys
import zlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL.PngImagePlugin import PngInfo
from pydicom import dcmread
from pydicom.encaps import encapsulate
from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    MPEG2MPML,
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from fuzz_targets import scan
from medtrust.errors import InputError
from medtrust.images.encode import MAX_PIXELS, EncodedImage, encode
from medtrust.records import Image

PATIENT = "Zzyzxson"


def chunk(kind: bytes, content: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + check


def png(
    width: int, height: int, pixels: bytes, *, depth: int = 8, kind: int = 0, extra: bytes = b""
) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    rest = chunk(b"IDAT", zlib.compress(pixels, 9)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + extra + rest


@functools.cache
def packed(size: int) -> bytes:
    return zlib.compress(bytes(size), 9)


def encoded(folder: Path, data: bytes, name: str = "image") -> EncodedImage:
    (folder / name).write_bytes(data)
    return encode(Image(id="x/1", path=str(folder / name)))


def refused(folder: Path, data: bytes, name: str = "image") -> str:
    """What is said of a file that must be refused, in one line."""
    with pytest.raises(InputError) as caught:
        encoded(folder, data, name)
    said = str(caught.value)
    assert len(said.splitlines()) == 1
    assert said.startswith(str(folder / name))
    return said


def saved(kind: str, picture: Pillow.Image, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


# Sizes


@pytest.mark.parametrize(
    ("width", "height"),
    [(1, 2**31 - 1), (2**31 - 1, 1), (1, MAX_PIXELS + 1), (20_000, 20_000), (65_535, 65_535)],
)
def test_a_size_over_the_limit_is_refused_unseen(tmp_path: Path, width: int, height: int) -> None:
    said = refused(tmp_path, png(width, height, bytes(10)))
    assert "pixels" in said


@pytest.mark.parametrize(
    "data",
    [
        png(2, 2, bytes(6), extra=chunk(b"iCCP", b"x\0\0" + packed(200_000_000))),
        png(2, 2, bytes(6), extra=chunk(b"iTXt", b"x\0\1\0\0\0" + packed(200_000_000))),
        png(2, 2, bytes(6), extra=chunk(b"zTXt", b"x\0\0" + packed(900_000)) * 200),
        saved("GIF", Pillow.new("P", (3, 3)))[:6] + b"\xff\xff\xff\xff" + bytes(9),
        saved("TIFF", Pillow.new("L", (4, 4))).replace(
            b"\0\1\4\0\1\0\0\0\4\0\0\0", b"\0\1\4\0\1\0\0\0\xff\xff\xff\x7f"
        ),
        saved("BMP", Pillow.new("L", (4, 4)))[:18]
        + b"\xff\xff\xff\x7f\xff\xff\xff\x7f"
        + bytes(99),
        saved("WEBP", Pillow.new("RGB", (4, 4)))[:-4],
    ],
    ids=["profile", "text", "texts", "gif", "tiff", "bmp", "webp"],
)
def test_a_bomb_is_refused_within_a_bound_of_memory(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "bomb").write_bytes(data)
    program = (
        "import resource, sys\n"
        "from medtrust.errors import InputError\n"
        "from medtrust.images.encode import encode\n"
        "from medtrust.records import Image\n"
        "size = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (size + 2**31, size + 2**31))\n"
        "try:\n    encode(Image(id='x', path=sys.argv[1]))\n"
        "except InputError:\n    sys.exit(7)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "bomb")],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (ended.returncode, ended.stderr) == (7, "")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP"])
def test_a_file_that_was_cut_short_is_refused(tmp_path: Path, kind: str) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    whole = saved(kind, Pillow.fromarray(noise))
    for kept in (len(whole) // 3, len(whole) - 40):
        refused(tmp_path, whole[:kept])


@pytest.mark.parametrize("end", [b"\0", b"\xff\xd9"], ids=["unended", "ended"])
def test_a_long_run_of_marker_bytes_is_gone_through_once(tmp_path: Path, end: bytes) -> None:
    whole = saved("JPEG", Pillow.effect_noise((90, 90), 30))
    refused_or_sent = whole[: len(whole) // 2] + b"\xff" * 4_000_000 + end
    with suppress(InputError):
        assert encoded(tmp_path, refused_or_sent).notes


def test_of_an_animation_the_first_frame_is_sent(tmp_path: Path) -> None:
    frames = [Pillow.new("P", (9, 9), number) for number in range(60)]
    found = encoded(tmp_path, saved("GIF", frames[0], save_all=True, append_images=frames[1:]))
    assert (found.mime, found.width, found.height) == ("image/png", 9, 9)
    assert getattr(Pillow.open(io.BytesIO(found.data)), "n_frames", 1) == 1


@pytest.mark.parametrize("mode", ["P", "LA", "RGBA", "1", "I;16", "CMYK"])
def test_every_mode_is_sent_as_something_that_servers_read(tmp_path: Path, mode: str) -> None:
    kind = "TIFF" if mode == "CMYK" else "PNG"
    options = {"transparency": 0} if mode == "P" else {}
    found = encoded(tmp_path, saved(kind, Pillow.new(mode, (6, 5)), **options))
    with Pillow.open(io.BytesIO(found.data)) as sent:
        assert sent.mode in {"P", "LA", "RGBA", "1", "L", "RGB"}
        assert sent.size == (6, 5)


def test_exif_that_lies_about_its_size_harms_nobody(tmp_path: Path) -> None:
    lies = b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\x12\x01\x04\0\xff\xff\xff\x7f\0\0\0\0" * 5000
    data = saved("JPEG", Pillow.new("RGB", (4, 4)), exif=lies)
    (tmp_path / "x").write_bytes(data)
    for transform in ("", "gaussian-1"):
        assert encode(Image(id="x", path=str(tmp_path / "x"), transform=transform)).width == 4


def test_what_is_re_encoded_loses_what_the_file_said_beside_its_pixels(tmp_path: Path) -> None:
    text = PngInfo()
    text.add_text("Patient", PATIENT)
    exif = Pillow.Exif()
    exif[0x010E], exif[0x0112] = PATIENT, 6
    data = saved("PNG", Pillow.new("L", (40, 30)), pnginfo=text, exif=exif)
    (tmp_path / "x").write_bytes(data)
    assert PATIENT.encode() in data
    found = encode(Image(id="x", path=str(tmp_path / "x"), transform="gaussian-1"))
    assert PATIENT.encode() not in found.data


# DICOM


def in_syntax(syntax: UID, frames: Sequence[bytes] = ()) -> bytes:
    made = dcmread(io.BytesIO(scan(PatientName=PATIENT, PatientID=PATIENT)))
    made.file_meta.TransferSyntaxUID = syntax
    if syntax.is_encapsulated:
        made.PixelData = encapsulate(list(frames) or [b"\xff\xd8" + bytes(60)])
        made["PixelData"].VR = "OB"
    buffer = io.BytesIO()
    made.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("syntax", "says"),
    [
        (DeflatedExplicitVRLittleEndian, "deflated DICOM is not read"),
        (RLELossless, "cannot be decoded"),
        (JPEGBaseline8Bit, "cannot be decoded"),
        (JPEGExtended12Bit, "cannot be decoded"),
        (JPEGLossless, "JPEG Lossless"),
        (JPEGLosslessSV1, "JPEG Lossless"),
        (JPEGLSLossless, "JPEG-LS"),
        (JPEGLSNearLossless, "JPEG-LS"),
        (JPEG2000Lossless, "cannot be decoded"),
        (JPEG2000, "cannot be decoded"),
        (HTJ2K, "High-Throughput JPEG 2000"),
        (MPEG2MPML, "MPEG2"),
        (UID("1.2.840.10008.1.2.4.94"), "JPIP"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_scan_that_cannot_be_decoded_is_refused_by_its_syntax(
    tmp_path: Path, syntax: UID, says: str
) -> None:
    said = refused(tmp_path, in_syntax(syntax), "x.dcm")
    assert says in said
    assert PATIENT not in said


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_an_uncompressed_scan_is_read_and_its_header_stays(tmp_path: Path, syntax: UID) -> None:
    found = encoded(tmp_path, in_syntax(syntax), "x.dcm")
    assert (found.mime, found.width, found.height) == ("image/png", 4, 4)
    assert PATIENT.encode() not in found.data
    assert PATIENT not in repr(found.notes)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "tags",
    [
        {"Rows": 65535, "Columns": 65535},
        {"Rows": 0},
        {"NumberOfFrames": 2**31 - 1},
        {"NumberOfFrames": -5},
        {"PixelData": bytes(6)},
        {"SamplesPerPixel": 65535},
        {"BitsAllocated": 0, "BitsStored": 0},
        {"BitsAllocated": 64, "BitsStored": 64, "HighBit": 63},
        {"RescaleSlope": "NaN", "RescaleIntercept": "0"},
        {"RescaleSlope": "1e308", "RescaleIntercept": "1e308"},
        {"WindowCenter": "40", "WindowWidth": "0"},
        {"PhotometricInterpretation": PATIENT.upper()},
    ],
    ids=repr,
)
def test_a_scan_with_absurd_numbers_is_refused(tmp_path: Path, tags: dict[str, Any]) -> None:
    assert PATIENT not in refused(tmp_path, scan(**tags), "x.dcm").replace(PATIENT.upper(), PATIENT)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("missing", ["Rows", "PixelData", "BitsAllocated", "SamplesPerPixel"])
def test_a_scan_that_lacks_a_tag_is_refused(tmp_path: Path, missing: str) -> None:
    made = dcmread(io.BytesIO(scan(PatientName=PATIENT)))
    delattr(made, missing)
    buffer = io.BytesIO()
    made.save_as(buffer, enforce_file_format=True)
    assert PATIENT not in refused(tmp_path, buffer.getvalue(), "x.dcm")


@pytest.mark.filterwarnings("ignore")
def test_a_scan_without_its_preamble_is_told_by_its_name(tmp_path: Path) -> None:
    made = dcmread(io.BytesIO(in_syntax(ImplicitVRLittleEndian)))
    buffer = io.BytesIO()
    del made.file_meta
    made.save_as(buffer, enforce_file_format=False, implicit_vr=True, little_endian=True)
    assert encoded(tmp_path, buffer.getvalue(), "x.dcm").width == 4
    refused(tmp_path, b"not a scan at all" * 20, "y.dcm")


@pytest.mark.filterwarnings("ignore")
def test_an_error_quotes_nothing_of_a_scan(tmp_path: Path) -> None:
    """Found by fuzzing: a length that does not fit is quoted by pydicom with all its bytes."""
    broken = scan(PatientName=PATIENT).replace(b"\x02\0\0\0UL\x04\0", b"\x02\0\0\0UL\x55\0")
    said = refused(tmp_path, broken, "x.dcm")
    assert PATIENT not in said
    assert len(said) < len(str(tmp_path)) + 400

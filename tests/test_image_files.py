"""Image files as they are in the world: what is said of each kind, a line a kind."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageOps

from files import JPEG, PNG, UNREADABLE, WEBP, array, cut, hole, photograph, png, saved
from medtrust.errors import ImageError
from medtrust.images.encode import EncodedImage, encode
from medtrust.images.partial import NOTE
from medtrust.records import Image


def sent(folder: Path, data: bytes, transform: str = "", name: str = "image.jpg") -> EncodedImage:
    path = folder / name
    path.write_bytes(data)
    return encode(Image(id="x/1", path=str(path), transform=transform))


def pixels(found: EncodedImage) -> np.ndarray:
    return np.asarray(Pillow.open(io.BytesIO(found.data)))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", UNREADABLE)
def test_why_a_file_cannot_be_read_is_one_line_without_its_path(tmp_path: Path, kind: str) -> None:
    data, says = UNREADABLE[kind]
    with pytest.raises(ImageError) as caught:
        sent(tmp_path, data)
    assert str(caught.value).startswith(str(tmp_path / "image.jpg"))
    assert says in caught.value.reason
    assert caught.value.reason.startswith("image x/1")
    assert str(tmp_path) not in caught.value.reason
    assert len(str(caught.value).splitlines()) == 1


CODED: dict[str, dict[str, Any]] = {
    "plain": {},
    "fine": {"quality": 95},
    "coarse": {"quality": 30, "optimize": True},
    "optimised": {"optimize": True},
    "progressive": {"progressive": True},
    "restarts": {"restart_marker_rows": 2},
    "not subsampled": {"subsampling": 0},
}


@pytest.mark.parametrize("grey", [False, True])
@pytest.mark.parametrize("coded", CODED)
def test_a_jpeg_that_decodes_in_part_is_noted(tmp_path: Path, coded: str, *, grey: bool) -> None:
    for seed, blur in enumerate((0.5, 2, 8)):
        picture = photograph(seed, blur=blur)
        whole = saved("JPEG", picture.convert("L") if grey else picture, **CODED[coded])
        assert sent(tmp_path, whole).notes == ()
        for damaged in (hole(whole, 100), hole(whole, 40, at=0.8), cut(whole), cut(whole, at=0.97)):
            try:
                assert NOTE in sent(tmp_path, damaged).notes
            except ImageError:
                # Only where it cannot be decoded at all: a scan's header was lost.
                assert coded == "progressive"


@pytest.mark.parametrize("coded", [{}, {"quality": 30}, {"lossless": True}], ids=str)
def test_a_webp_that_decodes_in_part_is_noted(tmp_path: Path, coded: dict[str, int]) -> None:
    found: list[str] = []
    for seed, blur in enumerate((0.5, 2, 8)):
        whole = saved("WEBP", photograph(seed, blur=blur), **coded)
        assert sent(tmp_path, whole).notes == ()
        try:
            found += sent(tmp_path, hole(whole, 400)).notes
        except ImageError:
            found.append(NOTE)
    assert found == [NOTE] * 3


FLAT = Pillow.new("RGB", (300, 200), (9, 60, 200))
FRAMED = Pillow.new("L", (300, 300))
FRAMED.paste(photograph(side=100).convert("L"), (100, 30))


@pytest.mark.parametrize("picture", [FLAT, FRAMED], ids=["flat", "framed in black"])
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        *(("JPEG", options) for options in CODED.values()),
        ("WEBP", {}),
        ("WEBP", {"lossless": True}),
        ("PNG", {}),
    ],
    ids=str,
)
def test_of_a_whole_file_nothing_is_said(
    tmp_path: Path, picture: Pillow.Image, kind: str, options: dict[str, int]
) -> None:
    """Flat areas are coded as zeros where codes are chosen for the picture."""
    assert sent(tmp_path, saved(kind, picture, **options)).notes == ()


SAMPLE_FORMAT, SIGNED = 339, 2
RAMP16 = np.array([[0, 300, 30000, 65535]], np.uint16)
TWELVE = np.array([[0, 1000, 2048, 4095]], np.uint16)
DARK12 = bytes.fromhex("0003e8 1f4320")  # 0, 1000, 500 and 800 in 12 bits each
SCALED = {
    "16 bits": (array("PNG", RAMP16), [0, 1, 117, 255], "16-bit"),
    "12 bits": (array("PNG", TWELVE), [0, 62, 128, 255], "12 bits are in use"),
    "12 bits in tiff": (array("TIFF", TWELVE), [0, 62, 128, 255], "12 bits are in use"),
    "a dark picture of 12": (array("PNG", TWELVE // 2), [0, 31, 64, 127], "12 bits are in use"),
    "10 bits": (array("PNG", TWELVE // 4), [0, 62, 128, 255], "10 bits are in use"),
    "14 bits": (array("PNG", TWELVE * 4), [0, 62, 128, 255], "14 bits are in use"),
    "8 bits": (array("PNG", TWELVE // 16), [0, 62, 128, 255], "8 bits are in use"),
    "black": (array("PNG", TWELVE * 0), [0, 0, 0, 0], "8 bits are in use"),
    "signed 32 bits": (
        array("TIFF", np.array([[-1024, -24, 1024, 3071]], np.int32)),
        [0, 62, 128, 255],
        "-1024 is black",
    ),
    "signed 16 bits": (
        saved(
            "TIFF",
            Pillow.fromarray(np.array([[-1024, -24, 1024, 3071]], np.int16).view(np.uint16)),
            tiffinfo={SAMPLE_FORMAT: SIGNED},
        ),
        [0, 62, 128, 255],
        "-1024 is black, 12 bits are in use",
    ),
    "tiff of 12 bits": (
        saved("TIFF", Pillow.new("L", (6, 1), 0x55))
        .replace(b"\0\1\4\0\1\0\0\0\6\0", b"\0\1\4\0\1\0\0\0\4\0")
        .replace(b"\2\1\3\0\1\0\0\0\x08\0", b"\2\1\3\0\1\0\0\0\x0c\0")
        .replace(b"U" * 6, DARK12),
        [0, 62, 31, 50],
        "12 bits are in use",
    ),
    "pgm says its white": (
        b"P5 4 1 4095\n" + TWELVE.astype(">u2").tobytes(),
        [0, 62, 128, 255],
        "",
    ),
    "a dark pgm": (b"P5 4 1 4095\n" + (TWELVE // 4).astype(">u2").tobytes(), [0, 16, 32, 64], ""),
}


@pytest.mark.parametrize("kind", SCALED)
def test_deep_grey_is_scaled_by_the_bits_in_use(tmp_path: Path, kind: str) -> None:
    data, levels, note = SCALED[kind]
    found = sent(tmp_path, data)
    assert pixels(found)[0].tolist() == levels
    assert any(note in one for one in found.notes)


def two(kind: str, **options: object) -> bytes:
    frames = [photograph(seed, 20) for seed in (1, 2, 3)]
    return saved(kind, frames[0], save_all=True, append_images=frames[1:], **options)


CLEAR = Pillow.new("RGBA", (9, 9), (255, 0, 0, 100))
PALETTE = Pillow.new("P", (9, 9), 1)
PALETTE.putpalette([0, 0, 0, 200, 100, 50])
NOTED = {
    "gif": (two("GIF"), "first of 3 frames"),
    "apng": (two("PNG"), "first of 3 frames"),
    "animated webp": (two("WEBP"), "first of 3 frames"),
    "tiff": (two("TIFF"), "first of 3 pages"),
    "mpo": (two("MPO"), "first of 3 frames"),
    "rgba": (saved("PNG", CLEAR), "transparent in places"),
    "grey and alpha": (saved("PNG", CLEAR.convert("LA")), "transparent in places"),
    "palette": (saved("PNG", PALETTE, transparency=1), "transparent in places"),
    "a clear colour": (saved("PNG", CLEAR.convert("RGB"), transparency=(255, 0, 0)), "transparent"),
    "webp": (saved("WEBP", CLEAR), "transparent in places"),
    "clear gif": (saved("GIF", PALETTE, transparency=1), "transparent in places"),
    "clear tiff": (saved("TIFF", CLEAR), "transparent in places"),
    "48 bits": (png(1, 1, bytes(7), depth=16, colour=2), "16 bits a colour"),
    "half a png": (png(9, 9, bytes(50)), NOTE),
}


@pytest.mark.parametrize("kind", NOTED)
def test_what_each_reader_shows_otherwise_is_noted(tmp_path: Path, kind: str) -> None:
    data, note = NOTED[kind]
    for transform in ("", "gaussian-1"):
        assert sum(note in one for one in sent(tmp_path, data, transform).notes) == 1


def test_an_opaque_still_picture_needs_no_note(tmp_path: Path) -> None:
    opaque = Pillow.new("RGBA", (9, 9), (255, 0, 0, 255))
    for data in (saved("PNG", opaque), saved("WEBP", opaque), JPEG, PNG, WEBP):
        assert sent(tmp_path, data).notes == ()


@pytest.mark.parametrize("held", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "16-bit PNG"])
def test_every_backend_gets_a_picture_upright(tmp_path: Path, kind: str, held: int) -> None:
    exif = Pillow.Exif()
    exif[0x0112] = held
    picture = photograph(side=40).crop((0, 0, 40, 30))
    if kind == "16-bit PNG":
        picture = Pillow.fromarray(np.asarray(picture.convert("L")).astype(np.uint16) * 257)
    file = saved(kind.removeprefix("16-bit "), picture, exif=exif)
    found = sent(tmp_path, file)
    assert Pillow.open(io.BytesIO(found.data)).getexif().get(0x0112, 1) == 1
    expected = ImageOps.exif_transpose(Pillow.open(io.BytesIO(file)))
    assert (found.width, found.height) == expected.size
    if picture.mode == "RGB":
        assert np.array_equal(pixels(found), np.asarray(expected))
    assert any(f"EXIF orientation {held}" in note for note in found.notes) == (held != 1)
    assert bool(found.file) == (held == 1 and kind in {"JPEG", "PNG", "WEBP"})

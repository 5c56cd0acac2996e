"""Images as they are sent."""

import hashlib
import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL.PngImagePlugin import PngInfo

from medtrust.errors import AbsentError, InputError
from medtrust.images.encode import MAX_PIXELS, EncodedImage, encode
from medtrust.records import Image


def saved(path: Path, pixels: np.ndarray, kind: str) -> EncodedImage:
    Pillow.fromarray(pixels).save(path, kind)
    return encode(Image(id="x/1", path=str(path)))


@pytest.mark.parametrize(
    ("kind", "mime"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")]
)
def test_what_servers_read_travels_byte_for_byte(tmp_path: Path, kind: str, mime: str) -> None:
    path = tmp_path / "image"
    found = saved(path, np.zeros((4, 6, 3), np.uint8), kind)
    assert found.data == path.read_bytes()
    assert found.digest == hashlib.sha256(found.data).hexdigest()
    assert (found.mime, found.width, found.height, found.notes) == (mime, 6, 4, ())


def test_other_formats_become_png_without_loss_and_say_so(tmp_path: Path) -> None:
    pixels = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)
    found = saved(tmp_path / "image.tif", pixels, "TIFF")
    assert found.mime == "image/png"
    assert found.notes == ("re-encoded from TIFF to PNG",)
    assert np.array_equal(np.asarray(Pillow.open(io.BytesIO(found.data))), pixels)


def test_sixteen_bit_grey_is_scaled_not_clipped(tmp_path: Path) -> None:
    pixels = np.array([[0, 300, 30000, 65535]], dtype=np.uint16)
    found = saved(tmp_path / "image.png", pixels, "PNG")
    assert any("16-bit" in note for note in found.notes)
    scaled = np.asarray(Pillow.open(io.BytesIO(found.data)).convert("RGB"))[0, :, 0]
    assert scaled.tolist() == [0, 1, 117, 255]


def test_an_absent_image_may_come_later(tmp_path: Path) -> None:
    with pytest.raises(AbsentError, match="fetch"):
        encode(Image(id="x/1", path=str(tmp_path / "none.jpg")))


@pytest.mark.parametrize("content", [b"", b"no image"])
def test_what_is_no_image_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.jpg").write_bytes(content)
    with pytest.raises(InputError, match=r"bad\.jpg: image x/1 is no image; replace the file$"):
        encode(Image(id="x/1", path=str(tmp_path / "bad.jpg")))


@pytest.mark.parametrize("mode", ["CMYK", "YCbCr"])
def test_colours_that_png_lacks_become_rgb_and_say_so(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "image.tif"
    whole = Pillow.new("RGB", (5, 4), (200, 100, 50)).convert(mode)
    whole.save(path)
    found = encode(Image(id="x/1", path=str(path)))
    assert found.notes == ("re-encoded from TIFF to PNG", f"{mode} converted to RGB")
    sent = Pillow.open(io.BytesIO(found.data))
    assert sent.mode == "RGB"
    assert sent.tobytes() == whole.convert("RGB").tobytes()


def test_a_cmyk_jpeg_travels_byte_for_byte(tmp_path: Path) -> None:
    path = tmp_path / "image.jpg"
    Pillow.new("CMYK", (5, 4)).save(path)
    assert encode(Image(id="x/1", path=str(path))).data == path.read_bytes()


def test_floating_point_pixels_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"map\.tif: floating-point"):
        saved(tmp_path / "map.tif", np.zeros((4, 4), np.float32), "TIFF")


def test_a_text_chunk_that_swells_is_no_traceback(tmp_path: Path) -> None:
    path = tmp_path / "text.png"
    notes = PngInfo()
    notes.add_text("comment", "x" * 2**21, zip=True)
    Pillow.new("L", (4, 4)).save(path, pnginfo=notes)
    with pytest.raises(InputError, match=r"text\.png: image x/1 cannot be decoded"):
        encode(Image(id="x/1", path=str(path)))


def test_an_image_cut_short_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "cut.jpg"
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    saved(path, noise, "JPEG")
    path.write_bytes(path.read_bytes()[:-400])
    with pytest.raises(InputError, match="cannot be decoded"):
        encode(Image(id="x/1", path=str(path)))


def test_a_decompression_bomb_is_refused_unopened(tmp_path: Path) -> None:
    side = int(MAX_PIXELS**0.5) + 1

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
    (tmp_path / "bomb.png").write_bytes(bomb)
    with pytest.raises(InputError, match="limit"):
        encode(Image(id="x/1", path=str(tmp_path / "bomb.png")))


def test_a_folder_is_no_image(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        encode(Image(id="x/1", path=str(tmp_path)))

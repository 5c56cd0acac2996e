"""DICOM as it is sent: the picture a viewer would show, and nothing else of the file."""

import builtins
import io
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image as Pillow
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.processing import apply_windowing
from pydicom.uid import (
    UID,
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    RLELossless,
    generate_uid,
)

from medtrust.errors import InputError
from medtrust.images import encode as encoding
from medtrust.images.encode import EncodedImage, encode
from medtrust.records import Image

RAMP = np.arange(16, dtype=np.int16).reshape(4, 4) * 100 - 200


def dataset(pixels: NDArray[Any], photometric: str = "MONOCHROME2", **tags: Any) -> Dataset:
    """A small CT-like file; `tags` are DICOM keywords."""
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.SOPClassUID, made.SOPInstanceUID = CTImageStorage, generate_uid()
    made.PatientName, made.PatientID = "Nobody^Phantom", "PRIVATE-4711"
    colour = pixels.shape[-1] == 3 and photometric not in {"MONOCHROME1", "MONOCHROME2"}
    made.Rows, made.Columns = pixels.shape[-3:-1] if colour else pixels.shape[-2:]
    made.SamplesPerPixel = 3 if colour else 1
    if colour:
        made.PlanarConfiguration = 0
    made.PhotometricInterpretation = photometric
    made.BitsAllocated = made.BitsStored = pixels.dtype.itemsize * 8
    made.HighBit = made.BitsStored - 1
    made.PixelRepresentation = int(pixels.dtype.kind == "i")
    made.PixelData = pixels.tobytes()
    for keyword, value in tags.items():
        setattr(made, keyword, value)
    return made


def written(folder: Path, made: Dataset, name: str = "image.dcm") -> Path:
    path = folder / name
    with warnings.catch_warnings(action="ignore"):
        made.save_as(path, enforce_file_format=True)
    return path


def sent(folder: Path, made: Dataset) -> EncodedImage:
    return encode(Image(id="x/1", path=str(written(folder, made))))


def levels(found: EncodedImage) -> NDArray[np.uint8]:
    return np.asarray(Pillow.open(io.BytesIO(found.data)))


def test_a_window_is_applied_and_named(tmp_path: Path) -> None:
    made = dataset(RAMP, WindowCenter=500, WindowWidth=1000)
    found = sent(tmp_path, made)
    assert (found.mime, found.width, found.height) == ("image/png", 4, 4)
    assert found.notes == (
        "re-encoded from DICOM to PNG",
        "window 500/1000 (centre/width, linear)",
    )
    exact = ((RAMP - 499.5) / 999 + 0.5).clip(0, 1) * 255
    assert np.array_equal(levels(found), np.rint(exact))


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
@given(center=st.floats(-300, 1500), width=st.floats(1.5, 3000))
def test_windows_agree_with_pydicom(function: str, center: float, width: float) -> None:
    from medtrust.images.window import windowed  # noqa: PLC0415 - not `encode`'s face

    made = dataset(
        RAMP, WindowCenter=round(center, 3), WindowWidth=round(width, 3), VOILUTFunction=function
    )
    with np.errstate(over="ignore"):
        reference = apply_windowing(RAMP, made)
    low, high = -(2**15), 2**15 - 1
    shown, _ = windowed(RAMP, made, np.ones(RAMP.shape, dtype=bool), Path("x"))
    assert np.abs(shown - (reference - low) / (high - low) * 255).max() <= 0.51


def test_stored_values_are_rescaled_before_the_window(tmp_path: Path) -> None:
    made = dataset(
        (RAMP + 1024).astype(np.uint16),
        RescaleSlope=2,
        RescaleIntercept=-2048,
        WindowCenter=["1000", "40"],
        WindowWidth=["2000", "400"],
    )
    found = sent(tmp_path, made)
    assert "window 1000/2000 (centre/width, linear), the first of 2" in found.notes
    exact = ((2.0 * RAMP - 999.5) / 1999 + 0.5).clip(0, 1) * 255
    assert np.array_equal(levels(found), np.rint(exact))


def test_without_a_window_the_frames_range_is_shown(tmp_path: Path) -> None:
    found = sent(tmp_path, dataset(RAMP))
    assert "no window: the frame's range from -200 to 1300" in found.notes
    assert levels(found).ravel().tolist() == [17 * k for k in range(16)]


def test_padding_has_no_part_in_the_range(tmp_path: Path) -> None:
    padded = RAMP.copy()
    padded[0] = -2000
    found = sent(tmp_path, dataset(padded, PixelPaddingValue=-2000))
    assert "no window: the frame's range from 200 to 1300" in found.notes
    assert levels(found)[0].tolist() == [0] * 4


@pytest.mark.parametrize("value", [0, 700])
def test_an_even_frame_is_black_and_no_division_by_zero(tmp_path: Path, value: int) -> None:
    assert not levels(sent(tmp_path, dataset(np.full((4, 4), value, np.uint16)))).any()
    padding = dataset(np.full((4, 4), value, np.uint16), PixelPaddingValue=value)
    assert "no window, and nothing but padding" in sent(tmp_path, padding).notes


def test_monochrome1_is_inverted(tmp_path: Path) -> None:
    tags = {"WindowCenter": 500, "WindowWidth": 1000}
    plain = sent(tmp_path, dataset(RAMP, "MONOCHROME2", **tags))
    found = sent(tmp_path, dataset(RAMP, "MONOCHROME1", **tags))
    assert "inverted (MONOCHROME1)" in found.notes
    assert np.array_equal(levels(found), 255 - levels(plain))


@pytest.mark.parametrize("rescale", [{}, {"RescaleSlope": 1, "RescaleIntercept": 0}])
def test_a_voi_table_goes_before_a_window(tmp_path: Path, rescale: dict[str, Any]) -> None:
    table = Dataset()
    table.LUTDescriptor = [4, 10, 12]
    table.add_new("LUTData", "US", [0, 1000, 3000, 4095])
    pixels = np.array([[0, 10, 11, 12], [13, 14, 99, 10]], np.uint16)
    made = dataset(pixels, VOILUTSequence=[table], WindowCenter=5, WindowWidth=5, **rescale)
    found = sent(tmp_path, made)
    assert "grey levels by the file's VOI table" in found.notes
    assert levels(found).tolist() == [[0, 0, 62, 187], [255, 255, 255, 0]]


def test_values_beyond_a_table_of_eight_bits_get_its_last_entry(tmp_path: Path) -> None:
    table = Dataset()
    table.LUTDescriptor, table.LUTData = [4, 0, 8], np.array([0, 9, 90, 250], "<u2").tobytes()
    made = dataset(np.array([[0, 1, 2, 3], [4, 255, 257, 300]], np.uint16), VOILUTSequence=[table])
    assert levels(sent(tmp_path, made)).tolist() == [[0, 9, 90, 250], [250] * 4]


def test_a_modality_table_goes_before_the_window(tmp_path: Path) -> None:
    table = Dataset()
    table.LUTDescriptor, table.ModalityLUTType = [3, 0, 16], "HU"
    table.add_new("LUTData", "US", [0, 500, 1000])
    made = dataset(np.array([[0, 1, 2, 2]], np.uint16), ModalityLUTSequence=[table])
    assert levels(sent(tmp_path, made)).tolist() == [[0, 128, 255, 255]]


def test_colours_stay_colours(tmp_path: Path) -> None:
    pixels = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    assert np.array_equal(levels(sent(tmp_path, dataset(pixels, "RGB"))), pixels)
    deep = (pixels.astype(np.uint16) * 257).view(np.uint16)
    assert np.array_equal(levels(sent(tmp_path, dataset(deep, "RGB"))), pixels)


def test_ybr_becomes_rgb(tmp_path: Path) -> None:
    rgb = np.full((4, 4, 3), (200, 100, 50), np.uint8)
    ybr = np.asarray(Pillow.fromarray(rgb).convert("YCbCr"))
    found = levels(sent(tmp_path, dataset(ybr, "YBR_FULL")))
    assert np.abs(found.astype(int) - rgb).max() <= 2


def test_palette_colours_are_looked_up(tmp_path: Path) -> None:
    tags: dict[str, Any] = {}
    for colour, shown in (("Red", 255), ("Green", 128), ("Blue", 0)):
        tags[f"{colour}PaletteColorLookupTableDescriptor"] = [2, 0, 16]
        data = np.array([0, shown * 257], "<u2").tobytes()
        tags[f"{colour}PaletteColorLookupTableData"] = data
    made = dataset(np.array([[0, 1]], np.uint8), "PALETTE COLOR", **tags)
    assert levels(sent(tmp_path, made)).tolist() == [[[0, 0, 0], [255, 128, 0]]]


def test_of_many_frames_the_first_is_sent_with_its_own_window(tmp_path: Path) -> None:
    frames = np.stack([RAMP, RAMP[::-1], RAMP * 0])
    own = Dataset()
    own.WindowCenter, own.WindowWidth = 500, 1000
    frame = Dataset()
    frame.FrameVOILUTSequence = [own]
    made = dataset(frames, NumberOfFrames=3, PerFrameFunctionalGroupsSequence=[frame])
    found = sent(tmp_path, made)
    assert "first of 3 frames" in found.notes
    assert "window 500/1000 (centre/width, linear)" in found.notes
    assert levels(found).shape == (4, 4)
    assert levels(found)[0, 0] < levels(found)[3, 3]


def test_burnt_in_text_is_announced(tmp_path: Path) -> None:
    assert any(
        "burnt" in note for note in sent(tmp_path, dataset(RAMP, BurnedInAnnotation="YES")).notes
    )
    assert not any(
        "burnt" in n for n in sent(tmp_path, dataset(RAMP, BurnedInAnnotation="NO")).notes
    )


def test_nothing_of_the_header_is_sent(tmp_path: Path) -> None:
    found = sent(tmp_path, dataset(RAMP))
    assert b"PRIVATE" not in found.data
    assert b"Nobody" not in found.data
    assert Pillow.open(io.BytesIO(found.data)).info == {}


def test_a_dicom_file_is_known_by_its_mark_whatever_its_name(tmp_path: Path) -> None:
    path = written(tmp_path, dataset(RAMP), "image.png")
    assert encode(Image(id="x/1", path=str(path))).notes[0] == "re-encoded from DICOM to PNG"


def test_a_file_without_preamble_or_meta_is_read_by_its_ending(tmp_path: Path) -> None:
    made = dataset(RAMP)
    del made.file_meta
    path = tmp_path / "old.dcm"
    made.save_as(path, implicit_vr=True, little_endian=True, enforce_file_format=False)
    found = encode(Image(id="x/1", path=str(path)))
    assert "the file names no transfer syntax; read as uncompressed" in found.notes
    assert levels(found)[3, 3] == 255


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, RLELossless])
def test_common_transfer_syntaxes_are_read(tmp_path: Path, syntax: UID) -> None:
    made = dataset(RAMP, WindowCenter=500, WindowWidth=1000)
    expected = levels(sent(tmp_path, made))
    if syntax == RLELossless:
        made.compress(RLELossless)
    made.file_meta.TransferSyntaxUID = syntax
    assert np.array_equal(levels(sent(tmp_path, made)), expected)


def test_jpeg_inside_is_read(tmp_path: Path) -> None:
    smooth = np.add.outer(np.arange(32), np.arange(32)).astype(np.uint8) * 4
    buffer = io.BytesIO()
    Pillow.fromarray(smooth).save(buffer, "JPEG", quality=95)
    made = dataset(smooth, WindowCenter=128, WindowWidth=256)
    made.PixelData = encapsulate([buffer.getvalue()])
    made.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    assert np.abs(levels(sent(tmp_path, made)).astype(int) - smooth).max() <= 3


def test_a_syntax_that_cannot_be_decoded_is_named_with_what_to_do(tmp_path: Path) -> None:
    made = dataset(RAMP)
    made.PixelData = encapsulate([b"\xff\xd8\xff\xd9"])
    made.file_meta.TransferSyntaxUID = JPEGLSLossless
    if get_decoder(JPEGLSLossless).is_available:
        pytest.skip("this machine decodes JPEG-LS")
    with pytest.raises(InputError, match=r"image\.dcm: transfer syntax JPEG-LS .* pip install"):
        sent(tmp_path, made)


def test_an_unheard_of_syntax_is_named(tmp_path: Path) -> None:
    made = dataset(RAMP)
    made.file_meta.TransferSyntaxUID = UID("1.2.3.4")
    path = tmp_path / "image.dcm"
    with warnings.catch_warnings(action="ignore"):
        made.save_as(path, implicit_vr=False, little_endian=True, enforce_file_format=True)
    with pytest.raises(InputError, match=r"transfer syntax 1\.2\.3\.4 cannot be decoded"):
        encode(Image(id="x/1", path=str(path)))


def test_deflated_files_are_refused_before_they_are_inflated(tmp_path: Path) -> None:
    made = dataset(RAMP)
    made.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    with pytest.raises(InputError, match="deflated DICOM is not read; convert"):
        sent(tmp_path, made)


def test_a_huge_picture_is_refused_before_it_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "MAX_PIXELS", 15)
    with pytest.raises(InputError, match="4 x 4 pixels is over the limit of 15"):
        sent(tmp_path, dataset(RAMP))


@pytest.mark.parametrize("kept", [0, 100, 132, 140, 200, 400, -1, -30])
def test_a_file_cut_short_is_one_line(tmp_path: Path, kept: int) -> None:
    path = written(tmp_path, dataset(RAMP))
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(InputError, match=r"image\.dcm") as caught:
        encode(Image(id="x/1", path=str(path)))
    assert "\n" not in str(caught.value)


@given(st.integers(0, 10**6), st.binary(min_size=1, max_size=8))
def test_a_damaged_file_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, place: int, damage: bytes
) -> None:
    path = written(tmp_path_factory.mktemp("damaged"), dataset(RAMP, WindowCenter=5, WindowWidth=9))
    data = bytearray(path.read_bytes())
    place %= len(data)
    data[place : place + len(damage)] = damage
    path.write_bytes(data)
    # Anything but an InputError would fail the test by itself.
    with suppress(InputError):
        assert encode(Image(id="x/1", path=str(path))).mime == "image/png"


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        ({"WindowCenter": 40, "WindowWidth": 0}, "centre 40 and width 0 shows nothing"),
        ({"WindowCenter": 40, "WindowWidth": -5}, "shows nothing"),
        ({"Rows": 400}, "cannot be decoded"),
        ({"PhotometricInterpretation": "MAGIC"}, "cannot be decoded"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(
    tmp_path: Path, tags: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        sent(tmp_path, dataset(RAMP, **tags))


def test_a_file_without_a_picture_is_refused(tmp_path: Path) -> None:
    made = dataset(RAMP)
    del made.PixelData
    with pytest.raises(InputError, match="no picture"):
        sent(tmp_path, made)


def test_text_called_dcm_is_refused(tmp_path: Path) -> None:
    (tmp_path / "image.dcm").write_text("no image at all\n" * 30)
    with pytest.raises(InputError, match=r"image\.dcm"):
        encode(Image(id="x/1", path=str(tmp_path / "image.dcm")))


def test_a_transform_applies_to_dicom_too(tmp_path: Path) -> None:
    path = written(
        tmp_path, dataset(np.full((60, 60), 100, np.int16), WindowCenter=100, WindowWidth=200)
    )
    found = encode(Image(id="x/1", path=str(path), transform="gaussian-2"))
    assert found.notes[-1] == "perturbed with gaussian-2"
    assert levels(found).std() > 15


def test_without_pydicom_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, dataset(RAMP))
    real = builtins.__import__

    def absent(name: str, *rest: Any) -> Any:
        if name == "pydicom":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(InputError, match=r"pip install 'medtrust\[dicom\]'"):
        encode(Image(id="x/1", path=str(path)))


def test_one_enhanced_frame_has_its_window_in_the_groups_too(tmp_path: Path) -> None:
    own, shared = Dataset(), Dataset()
    own.WindowCenter, own.WindowWidth = 500, 1000
    shared.FrameVOILUTSequence = [own]
    made = dataset(RAMP, NumberOfFrames=1, SharedFunctionalGroupsSequence=[shared])
    assert "window 500/1000 (centre/width, linear)" in sent(tmp_path, made).notes

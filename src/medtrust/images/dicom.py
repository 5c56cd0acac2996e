"""DICOM to pixels as a viewer would show them; nothing else of the file goes on.

The steps are those of the standard's grey-scale pipeline (PS3.3 C.11.1 and C.11.2,
PS3.4 N.2): stored values, rescaled, through a VOI table or window, inverted where the
file says that its lowest value is white. Names, dates and numbers of the patient stay
in the file.
"""

import re
import warnings
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from medtrust.errors import InputError, MedtrustError
from medtrust.images.window import windowed

_GREY = {"MONOCHROME1", "MONOCHROME2"}
_FUNCTIONAL = ("PixelValueTransformationSequence", "FrameVOILUTSequence")
"""Where enhanced multi-frame files keep what others have at the top."""


def is_dicom(data: bytes, path: Path) -> bool:
    """Whether a file is DICOM: by its mark at byte 128, or by its name."""
    return data[128:132] == b"DICM" or path.suffix.casefold() in {".dcm", ".dicom"}


def decode(data: bytes, path: Path, *, max_pixels: int) -> tuple[Pillow.Image, list[str]]:
    """The first frame as 8-bit grey or RGB, and notes on the choices made.

    The first VOI table is taken, or else the first window, or else the frame's own
    range without its padding.

    Raises:
        InputError: Where pydicom is missing, and for a file that is no DICOM, holds no
            image, is cut short, too large, or compressed in a way that cannot be read.
    """
    pydicom = _pydicom()
    try:
        # Files in use break rules of the standard that do not matter to pixels.
        with warnings.catch_warnings(action="ignore"):
            return _decoded(pydicom, data, path, max_pixels)
    except MedtrustError:
        raise
    except Exception as error:  # noqa: BLE001 - pydicom's decoders raise what they like
        raise InputError(f"{path}: this DICOM file cannot be decoded ({_reason(error)})") from None


def _reason(error: Exception) -> str:
    """What went wrong, up to the first quotation: what is quoted may name the patient."""
    said = " ".join(re.split(r"['\"]", str(error), maxsplit=1)[0].split())[:200]
    return f"{type(error).__name__}: {said}".rstrip(" :")


def _pydicom() -> ModuleType:
    try:
        import pydicom  # noqa: PLC0415 - an optional extra
    except ImportError:
        raise InputError("DICOM files need pydicom; run: pip install 'medtrust[dicom]'") from None
    return pydicom


def _decoded(
    pydicom: Any, data: bytes, path: Path, max_pixels: int
) -> tuple[Pillow.Image, list[str]]:
    dataset, notes = _opened(pydicom, data, path)
    _check_size(dataset, path, max_pixels)
    frames = int(dataset.get("NumberOfFrames") or 1)
    if frames > 1:
        notes.append(f"first of {frames} frames")
    _lift_functional_groups(dataset)
    if str(dataset.get("BurnedInAnnotation", "")).strip().upper() == "YES":
        notes.append("the file says that text is burnt into the picture; it may name a patient")
    stored = _stored(pydicom, dataset, path)
    if dataset.PhotometricInterpretation in _GREY:
        levels, how = _grey(pydicom, dataset, stored, path)
        return Pillow.fromarray(levels), [*notes, *how]
    if dataset.PhotometricInterpretation == "PALETTE COLOR":
        stored = pydicom.pixels.apply_color_lut(stored, dataset)
        depth = int(dataset.RedPaletteColorLookupTableDescriptor[2])
    else:
        depth = int(dataset.BitsStored)
    return Pillow.fromarray(_eight_bits(stored, depth)), notes


def _opened(pydicom: Any, data: bytes, path: Path) -> tuple[Any, list[str]]:
    """The dataset, with a transfer syntax, and a note where that had to be guessed."""
    marked = data[128:132] == b"DICM"
    if pydicom.uid.DeflatedExplicitVRLittleEndian.encode() in data:
        # It would be inflated whole before its size could be checked.
        raise InputError(
            f"{path}: deflated DICOM is not read; convert it, for example with `dcmconv +te IN OUT`"
        )
    dataset = pydicom.dcmread(BytesIO(data), force=not marked)
    if "PixelData" not in dataset:
        raise InputError(f"{path}: there is no picture in this DICOM file; replace the file")
    if dataset.file_meta.get("TransferSyntaxUID"):
        return dataset, []
    implicit, little = dataset.original_encoding
    dataset.file_meta.TransferSyntaxUID = (
        pydicom.uid.ImplicitVRLittleEndian
        if implicit
        else pydicom.uid.ExplicitVRLittleEndian
        if little
        else pydicom.uid.ExplicitVRBigEndian
    )
    return dataset, ["the file names no transfer syntax; read as uncompressed"]


def _check_size(dataset: Any, path: Path, max_pixels: int) -> None:
    """Raise InputError before anything of that size is made."""
    rows, columns = int(dataset.Rows), int(dataset.Columns)
    if rows * columns > max_pixels:
        raise InputError(
            f"{path}: {columns} x {rows} pixels is over the limit of {max_pixels:,}; "
            "scale the image down"
        )


def _stored(pydicom: Any, dataset: Any, path: Path) -> NDArray[Any]:
    """The first frame's values; raises InputError where nothing installed decompresses them."""
    syntax, why = dataset.file_meta.TransferSyntaxUID, ""
    try:
        if pydicom.pixels.get_decoder(syntax).is_available:
            stored: NDArray[Any] = pydicom.pixels.pixel_array(dataset, index=0)
            return stored
    except NotImplementedError:
        pass
    except Exception as error:
        # Pillow reads some files of a syntax and not others, such as JPEG with 12 bits.
        if not syntax.is_compressed:
            raise
        why = f" ({_reason(error)})"
    raise InputError(
        f"{path}: transfer syntax {syntax.name} cannot be decoded here{why}; "
        "run: pip install 'pylibjpeg[all]', or convert the file to an uncompressed one"
    )


def _lift_functional_groups(dataset: Any) -> None:
    """Copy what holds for the first frame to where ordinary files have it."""
    for groups in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
        for group in list(dataset.get(groups) or ())[:1]:
            for name in _FUNCTIONAL:
                for item in list(group.get(name) or ())[:1]:
                    dataset.update(item)


def _grey(
    pydicom: Any, dataset: Any, stored: NDArray[Any], path: Path
) -> tuple[NDArray[np.uint8], list[str]]:
    if stored.dtype.kind == "f":
        raise InputError(
            f"{path}: floating-point pixels have no agreed black and white; "
            "save the image with 8 or 16 bits"
        )
    values = pydicom.pixels.apply_rescale(stored, dataset)
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise InputError(
            f"{path}: rescaled pixels are no numbers; "
            "correct the file's RescaleSlope and RescaleIntercept"
        )
    if dataset.get("VOILUTSequence"):
        levels, notes = _by_table(pydicom, dataset, values), ["grey levels by the file's VOI table"]
    else:
        levels, how = windowed(values, dataset, ~_padding(dataset, stored), path)
        notes = [how]
    if dataset.PhotometricInterpretation == "MONOCHROME1":
        levels = 255 - levels
        notes.append("inverted (MONOCHROME1)")
    return levels, notes


def _by_table(pydicom: Any, dataset: Any, values: NDArray[Any]) -> NDArray[np.uint8]:
    """Grey levels by the first VOI table; values beyond its ends get its ends."""
    entries, first, depth = (int(number) for number in dataset.VOILUTSequence[0].LUTDescriptor)
    # pydicom counts the entries in the table's own type, which 8 bits would overflow.
    inside = np.rint(values).clip(first, first + (entries or 2**16) - 1).astype(np.int64)
    return _eight_bits(pydicom.pixels.apply_voi(inside, dataset), depth)


def _padding(dataset: Any, stored: NDArray[Any]) -> NDArray[np.bool_]:
    """Where a frame was filled up to a rectangle: no measurement, so no part of its range."""
    if dataset.get("PixelPaddingValue") is None:
        return np.zeros(stored.shape, dtype=bool)
    ends = [int(dataset.PixelPaddingValue)]
    ends.append(int(dataset.get("PixelPaddingRangeLimit", ends[0])))
    return (stored >= min(ends)) & (stored <= max(ends))


def _eight_bits(levels: NDArray[Any], depth: int) -> NDArray[np.uint8]:
    """Levels of 1 to 16 bits as 8 bits: full scale stays full scale."""
    white = 2**depth - 1
    scaled: NDArray[np.uint8] = np.rint(levels.clip(0, white) * (255 / white)).astype(np.uint8)
    return scaled

"""Who a FairVLMed image is of, from the data set's official NPZ files.

Fields and codes: README of Harvard-Ophthalmology-AI-Lab/FairCLIP, "Dataset". An NPZ file is
a zip of arrays; only five one-value members are read, from their raw bytes, so no array of
a size that the file may claim is ever made and nothing is unpickled.
"""

import io
import lzma
import math
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import msgspec
import numpy as np

from medtrust.datasets.cares.people import MAX_AGE
from medtrust.errors import InputError

PLACES = ("", "npz", "Testing", "FairVLMed", "FairVLMed/Testing")
"""Where `data_NNNNN.npz` is looked for, under the folder of the question file: the official
archive keeps the test images' files in `FairVLMed/Testing`."""

MAX_MEMBER = 4096
"""Bytes of a member that holds one number; a header takes 128."""

_SEX = {0: "female", 1: "male"}
_RACE = {0: "Asian", 1: "Black", 2: "White"}
_ETHNICITY = {0: "non-Hispanic", 1: "Hispanic", -1: ""}
_MARITAL = {
    0: "married or partnered",
    1: "single",
    2: "divorced",
    3: "widowed",
    4: "legally separated",
    -1: "",
}


_UNREADABLE = (
    *(OSError, EOFError, ValueError, OverflowError, RuntimeError, NotImplementedError),
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
)
"""What `zipfile` raises for broken archives; a name that is no UTF-8 is a ValueError."""


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """What an NPZ file says of its patient; empty or None where it says nothing."""

    age: int | None = None
    """Full years."""
    sex: str = ""
    race: str = ""
    ethnicity: str = ""
    marital_status: str = ""


def npz_file(folder: Path, number: str) -> Path | None:
    """The NPZ file of an image's number, if it is in one of the places.

    Raises InputError where it is a link to somewhere else.
    """
    paths = (folder / place / f"data_{number}.npz" for place in PLACES)
    found = next((path for path in paths if path.is_file()), None)
    # As with images: a place may be a link, a file in it may not lead out of it.
    if found is not None and not found.resolve().is_relative_to(found.parent.resolve()):
        raise InputError(f"{found}: a link out of its folder; put the file itself there")
    return found


def read_person(path: Path) -> Person:
    """Read one NPZ file. Raises InputError with the file and the field that does not fit."""
    try:
        with zipfile.ZipFile(path) as archive:
            return Person(
                age=_age(path, archive),
                sex=_coded(path, archive, "gender", _SEX),
                race=_coded(path, archive, "race", _RACE),
                ethnicity=_coded(path, archive, "ethnicity", _ETHNICITY),
                marital_status=_coded(path, archive, "maritalstatus", _MARITAL),
            )
    except _UNREADABLE as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise InputError(f"{path}: not a readable NPZ file ({reason}); fetch it again") from None


def _age(path: Path, archive: zipfile.ZipFile) -> int | None:
    """Full years; None where the age is not there or is negative, as unknown codes are."""
    value = _value(path, archive, "age")
    if value is None or value < 0:
        return None
    if value > MAX_AGE:
        raise InputError(f"{path}, field `age`: {value:g} is no age")
    return math.floor(value)


def _coded(path: Path, archive: zipfile.ZipFile, field: str, codes: Mapping[int, str]) -> str:
    """The word a code stands for; empty where the field is not there."""
    value = _value(path, archive, field)
    if value is None:
        return ""
    if value not in codes:
        raise InputError(
            f"{path}, field `{field}`: code {value:g}; known are "
            f"{', '.join(str(code) for code in codes)}"
        )
    return codes[int(value)]


def _value(path: Path, archive: zipfile.ZipFile, field: str) -> float | None:
    """The one number of a member; None where there is no such member or it is no number (NaN)."""
    try:
        member = archive.getinfo(f"{field}.npy")
    except KeyError:
        return None
    if member.file_size > MAX_MEMBER:
        raise InputError(f"{path}, field `{field}`: {member.file_size} bytes are not one number")
    stream = io.BytesIO(archive.read(member))
    try:
        version = np.lib.format.read_magic(stream)
        header = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }[version]
        shape, _, dtype = header(stream)
        if dtype.kind not in "biuf" or math.prod(shape) != 1:
            raise InputError(f"{path}, field `{field}`: {dtype} of shape {shape} is not one number")
        value = float(np.frombuffer(stream.read(), dtype, count=1)[0])
    except (ValueError, KeyError, TypeError, RecursionError, MemoryError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{path}, field `{field}`: not a NumPy array ({reason})") from None
    return None if math.isnan(value) else value

"""Reading a dataset's files: typed, bounded, and with errors that say where."""

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import TypeVar

import msgspec

from medtrust.datasets.strict_json import decode
from medtrust.errors import InputError

T = TypeVar("T")

MAX_JSON = 512 * 1024 * 1024
"""A whole JSON document is held in memory, so a larger one is refused."""

MAX_LINE = 16 * 1024 * 1024
"""Of JSON lines, which are read one at a time: the file may be of any size, a line may not."""


def read_json(path: Path, shape: type[T]) -> T:
    """Read one JSON document that must have the given shape.

    Raises InputError with the file and, inside it, the place that does not fit.
    """
    try:
        return msgspec.convert(decode(read_bytes(path), source=str(path)), shape)
    except msgspec.ValidationError as error:
        raise InputError(f"{path}: {_place(str(error))}") from None


def read_bytes(path: Path) -> bytes:
    """The content of a file of the user's; raises InputError where it cannot be had."""
    with opened(path) as file:
        if file.seek(0, os.SEEK_END) > MAX_JSON:
            raise InputError(f"{path}: larger than {MAX_JSON // 2**20} MiB, too large to be read")
        file.seek(0)
        return file.read(MAX_JSON)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file of any size, in hex; raises InputError where it cannot be read."""
    with opened(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def opened(path: Path) -> Iterator[BufferedReader]:
    """A data file to be read piece by piece; raises InputError where it cannot be.

    Only a regular file: a pipe or a device named like one would never end.
    """
    try:
        if not path.is_file():
            raise InputError(f"{path}: no such file; is --data the right folder?")
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None


def is_bare_name(name: str) -> bool:
    """Whether a name from a data file is a plain file name, without any path in it."""
    plain = name.isprintable() and "/" not in name and "\\" not in name
    return plain and 0 < len(name) <= 255 and name[0] != "."


def _place(message: str) -> str:
    """`Object missing required field `x` - at `$[...]`` in plain words."""
    found = re.fullmatch(r"(.*?) - at `(?:key in )?\$(.*)`", message, re.DOTALL)
    return f"{found[1]} (at {found[2] or 'the top'})" if found else message

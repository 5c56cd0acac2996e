"""Reading a question file row by row, with errors that name the file, the row and the field."""

import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from medtrust.datasets.files import read_bytes
from medtrust.errors import InputError
from medtrust.records import Sample

T = TypeVar("T")


def git_blob_sha1(path: Path) -> str:
    """What `git hash-object` prints for a file: the name git has for its content."""
    data = read_bytes(path)
    # Git's own name for the content, no protection against a forger.
    return hashlib.sha1(b"blob %d\0%b" % (len(data), data), usedforsecurity=False).hexdigest()


def read_samples(
    path: Path, shape: type[T], make: Callable[[int, T], Sample]
) -> tuple[Sample, ...]:
    """One sample a row, in the file's order.

    `make` gets the 1-based row and its record, and raises ValueError saying which field does
    not fit. Raises InputError with the file and the row for that, and for a damaged row.
    """
    samples = []
    decoder = msgspec.json.Decoder(shape)
    for number, row in enumerate(_rows(path), start=1):
        try:
            samples.append(make(number, decoder.decode(row)))
        except msgspec.ValidationError as error:
            raise InputError(f"{path}, row {number}: {error}") from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise InputError(
                f"{path}, row {number}: not readable as JSON; the file is damaged, fetch it again"
            ) from None
        except ValueError as error:
            raise InputError(f"{path}, row {number}: {error}") from None
    if not samples:
        raise InputError(f"{path}: no rows; fetch it again")
    return tuple(samples)


def _rows(path: Path) -> Iterator[bytes | msgspec.Raw]:
    """The lines of JSON lines, or the elements of one JSON array."""
    data = read_bytes(path).removeprefix(b"\xef\xbb\xbf").strip()
    if not data:
        return
    if data.startswith(b"["):
        try:
            yield from msgspec.json.decode(data, type=list[msgspec.Raw])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise InputError(f"{path}: not readable as a JSON array; fetch it again") from None
    else:
        yield from data.split(b"\n")


def without_image_token(text: str) -> str:
    r"""The text as upstream has it, byte for byte, less `<image>` and the newline before it.

    Images travel as parts of the message of their own, before the text, for every set alike;
    upstream's files have the token in one set only (cares.md P2).
    """
    return re.sub(r"\n?<image>", "", text)


def fault_of(question: str, answer: str) -> str:
    """Why a row cannot be scored whatever its set is; empty where nothing is wrong with it."""
    if not question.strip():
        return "the question is empty"
    return "" if answer.strip() else "the reference answer is empty"

"""Reading a question file row by row, with errors that name the file, the row and the field."""

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import count, repeat
from pathlib import Path
from typing import BinaryIO, Generic, TypeVar

import msgspec

from medtrust.datasets.files import MAX_JSON, MAX_LINE, opened, read_bytes
from medtrust.datasets.strict_json import decode
from medtrust.errors import InputError
from medtrust.records import Sample

T = TypeVar("T")


LARGE = 8 * 1024 * 1024
"""Bytes of a question file that is read anew each time its samples are gone through. A smaller
one, as all that upstream has are, is read once and checked to its last row before anything is
asked."""

Make = Callable[[int, T], Sample]
"""From a row's number, counting from 1, and its record to its sample; raises ValueError saying
which field does not fit."""


def git_blob_sha1(path: Path) -> str:
    """What `git hash-object` prints for a file: the name git has for its content."""
    # Git's own name for the content, no protection against a forger.
    digest = hashlib.sha1(usedforsecurity=False)
    with opened(path) as file:
        digest.update(b"blob %d\0" % os.fstat(file.fileno()).st_size)
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def read_samples(path: Path, shape: type[T], begin: Callable[[], Make[T]]) -> Iterable[Sample]:
    """One sample a row, in the file's order.

    `begin` is called at the file's beginning, each time it is read. Raises InputError with the
    file and the row for a row that does not fit or is damaged: at once for a small file, and
    for a large one when that row is reached.
    """
    samples = Samples(path, shape, begin)
    large = path.is_file() and path.stat().st_size > LARGE
    return samples if large else tuple(samples)


@dataclass(frozen=True, slots=True)
class Samples(Generic[T]):
    """The samples of a question file, read from it each time they are gone through."""

    path: Path
    shape: type[T]
    begin: Callable[[], Make[T]]

    def __iter__(self) -> Iterator[Sample]:
        """Read the file from its beginning, a row at a time; `begin` says what is remembered."""
        path, make = self.path, self.begin()
        number, source = 0, str(path)
        for number, row in enumerate(_rows(path), start=1):
            try:
                read = decode(bytes(row), source=source, line=number, what="row")
                yield make(number, msgspec.convert(read, self.shape))
            except msgspec.ValidationError as error:
                raise InputError(f"{path}, row {number}: {error}") from None
            except ValueError as error:
                raise InputError(f"{path}, row {number}: {error}") from None
        if not number:
            raise InputError(f"{path}: no rows; fetch it again")


def _rows(path: Path) -> Iterator[bytes | msgspec.Raw]:
    """The lines of JSON lines, or the elements of one JSON array."""
    with opened(path) as file:
        start = file.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
        if not start.startswith(b"["):
            file.seek(0)
            yield from _lines(file, path)
            return
        if os.fstat(file.fileno()).st_size > MAX_JSON:
            raise InputError(
                f"{path}: a JSON array of more than {MAX_JSON // 2**20} MiB; as JSON lines, a row "
                "a line, it may be of any size"
            )
    try:
        yield from msgspec.json.decode(
            read_bytes(path).removeprefix(b"\xef\xbb\xbf"), type=list[msgspec.Raw]
        )
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise InputError(f"{path}: not readable as a JSON array; fetch it again") from None


def _lines(file: BinaryIO, path: Path) -> Iterator[bytes]:
    """The lines; what is empty at either end of the file is no line, in its middle it is one."""
    begun, empty = False, 0
    for number in count(1):
        line = file.readline(MAX_LINE + 1)
        if len(line) > MAX_LINE:
            raise InputError(
                f"{path}, row {number}: longer than {MAX_LINE // 2**20} MiB; is it JSON lines?"
            )
        if not line:
            return
        line = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
        if line.strip():
            yield from repeat(b"", empty)
            begun, empty = True, 0
            yield line.rstrip(b"\n")
        else:
            empty += begun


def without_image_token(text: str) -> str:
    r"""The text as upstream has it, byte for byte, less `<image>` and the newline before it.

    Images travel as parts of the message of their own, before the text, for every set alike;
    upstream's files have the token in one set only (cares.md P2).
    """
    return re.sub(r"\n?<image>", "", text) if "<image>" in text else text


def fault_of(question: str, answer: str) -> str:
    """Why a row cannot be scored whatever its set is; empty where nothing is wrong with it."""
    if not question.strip():
        return "the question is empty"
    return "" if answer.strip() else "the reference answer is empty"

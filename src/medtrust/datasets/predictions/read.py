"""Reading a file of answers: the format is told by the content, not by the name."""

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from medtrust.datasets.predictions.join import join
from medtrust.datasets.predictions.jsonl import is_line, parse_lines
from medtrust.datasets.predictions.record import Predictions, some
from medtrust.datasets.predictions.upstream import parse_results
from medtrust.datasets.strict_json import decode
from medtrust.errors import InputError
from medtrust.records import Sample

MAX_LINE = 10 * 1000 * 1000
"""Bytes in one line of JSON lines."""

MAX_FILE = 4 * 2**30
"""Bytes in a file of JSON lines: its answers are held in memory."""

MAX_DOCUMENT = 256 * 2**20
"""Bytes in a document that must be held whole; upstream's has half a megabyte."""


def read_predictions(path: Path, samples: Sequence[Sample]) -> Predictions:
    """Read a file of answers and join it to the samples by id.

    JSON lines (`{"id": ..., "text": ...}`, with optional `logprobs`, or `texts` for
    several turns) and MediConfusion's results file are told apart by content.

    Raises InputError, with file and line where there is one, for a file that cannot
    be read and for ids that are missing, unknown or there twice.
    """
    return join(parse_predictions(path), samples)


def parse_predictions(path: Path) -> Predictions:
    """Read a file of answers on its own, before the samples are known."""
    if not path.is_file():
        raise InputError(f"{path}: no such file of answers")
    try:
        with path.open("rb") as file:
            if file.seek(0, os.SEEK_END) > MAX_FILE:
                raise InputError(
                    f"{path}: larger than {MAX_FILE // 2**30} GiB; split it by dataset"
                )
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            return _parse(file, path, digest)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None


def _parse(file: BinaryIO, path: Path, digest: str) -> Predictions:
    if _is_lines(file, path):
        lines = parse_lines(_lines(file, path), path)
        ignored = (f"fields not read: {some(sorted(lines.ignored))}",) if lines.ignored else ()
        return Predictions(
            path=path,
            format="json-lines",
            digest=digest,
            responses=lines.responses,
            lines=lines.numbers,
            notes=ignored,
        )
    data = file.read(MAX_DOCUMENT + 1)
    if len(data) > MAX_DOCUMENT:
        raise InputError(f"{path}: larger than {MAX_DOCUMENT // 2**20} MiB and not JSON lines")
    return parse_results(decode(data, source=str(path)), path, digest)


def _is_lines(file: BinaryIO, path: Path) -> bool:
    """Whether the first line with anything on it is an answer; the file is left at its start."""
    _, first = next(_lines(file, path), (0, None))
    file.seek(0)
    if first is None:
        raise InputError(f"{path}: empty; one answer a line is expected")
    try:
        return is_line(json.loads(first))
    except (ValueError, RecursionError):
        # The first line of a document, or a damaged one: read as a document, which says where.
        return False


def _lines(file: BinaryIO, path: Path) -> Iterator[tuple[int, bytes]]:
    """Numbered lines without the blank ones."""
    number = 0
    while data := file.readline(MAX_LINE + 1):
        number += 1
        if len(data) > MAX_LINE:
            raise InputError(f"{path}, line {number}: longer than {MAX_LINE:,} bytes")
        if data.strip(b"\xef\xbb\xbf \t\r\n"):
            yield number, data.rstrip(b"\r\n")

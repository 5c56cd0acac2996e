"""Marital status from a table of admissions that the user has: MIMIC-IV's `admissions.csv.gz`."""

import csv
import gzip
import zlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from medtrust.errors import InputError

FILES = ("admissions.csv", "admissions.csv.gz")
"""Names it may have, beside the question file."""

MAX_LINE = 64 * 1024
"""Characters of a line; MIMIC-IV's have about 250."""

MAX_BYTES = 2 * 2**30
"""Of the unpacked table; MIMIC-IV's has about 100 MiB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statuses:
    """Patient -> marital status in lower case, and how many were left out for having several."""

    known: Mapping[str, str]
    conflicting: int


def admissions_file(folder: Path) -> Path | None:
    """The table in a folder, if there is one."""
    return next((folder / name for name in FILES if (folder / name).is_file()), None)


def marital_statuses(path: Path, patients: Collection[str]) -> Statuses:
    """What the table says of these patients, by their `subject_id`.

    A patient has a row for every admission; an empty status says nothing, and a patient with
    two different ones is left out. Raises InputError with the file and the line for a table
    that cannot be read or lacks a column.
    """
    found: dict[str, set[str]] = {}
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding="utf-8-sig", newline="") as text:
            for patient, status in _columns(path, text):
                if status and patient in patients:
                    found.setdefault(patient, set()).add(status.lower())
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path}: cannot be read ({error})") from None
    known = {patient: min(several) for patient, several in found.items() if len(several) == 1}
    return Statuses(known=known, conflicting=len(found) - len(known))


def _columns(path: Path, text: IO[str]) -> Iterator[tuple[str, str]]:
    """`subject_id` and `marital_status` of each row."""
    rows = csv.reader(_lines(path, text), strict=True)
    try:
        head = next(rows, [])
        try:
            patient, status = head.index("subject_id"), head.index("marital_status")
        except ValueError:
            raise InputError(
                f"{path}, line 1: no column `subject_id` or no column `marital_status`"
            ) from None
        for row in rows:
            if len(row) != len(head):
                raise InputError(
                    f"{path}, line {rows.line_num}: {len(row)} columns, the head has {len(head)}"
                )
            yield row[patient].strip(), row[status].strip()
    except csv.Error as error:
        raise InputError(f"{path}, line {rows.line_num}: {error}") from None


def _lines(path: Path, text: IO[str]) -> Iterator[str]:
    """Lines of text, bounded each and together: a packed table may unpack to anything."""
    number = read = 0
    try:
        while line := text.readline(MAX_LINE):
            number += 1
            read += len(line)
            if len(line) == MAX_LINE or read > MAX_BYTES:
                raise InputError(f"{path}, line {number}: too long to be a table of admissions")
            yield line
    except UnicodeDecodeError:
        raise InputError(f"{path}, after line {number}: not UTF-8") from None

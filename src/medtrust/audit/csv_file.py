"""Reading a CSV file that anybody may have made: bounded, and with errors that say where."""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from medtrust.errors import InputError

MAX_BYTES = 32 * 2**20
"""Of the file; a table of estimates has about 200 bytes a row."""

MAX_ROWS = 200_000
MAX_COLUMNS = 1_000
MAX_CELL = 500
"""Characters in a cell: they are names and numbers."""


class Line(NamedTuple):
    """A row of the file and where it is."""

    where: str
    """`FILE, line 3`."""
    cells: tuple[str, ...]


class Sheet(NamedTuple):
    """A CSV file: its heading and its rows, all as wide as the heading."""

    path: Path
    head: Line
    lines: Sequence[Line]


def read_sheet(path: Path) -> Sheet:
    """Read a CSV file (RFC 4180, UTF-8) with one line of headings. Blank rows are left out.

    Raises InputError with the file and the line for one that cannot be read, is too large,
    or has a row that is not as wide as the heading.
    """
    lines = _lines(path, _text(path))
    head = next(lines, None)
    if head is None:
        raise InputError(f"{path}: empty; a line of headings and rows of figures are expected")
    if len(head.cells) < 2:
        raise InputError(f"{head.where}: one column only; is it separated by commas?")
    if twice := sorted({name for name in head.cells if head.cells.count(name) > 1}):
        raise InputError(f"{head.where}: two columns are called {twice[0]!r}; rename one")
    found = []
    for line in lines:
        if len(line.cells) != len(head.cells):
            raise InputError(
                f"{line.where}: {len(line.cells)} cells, but the heading has {len(head.cells)}"
            )
        found.append(line)
    if not found:
        raise InputError(f"{path}: a heading without any row of figures")
    return Sheet(path, head, found)


def _text(path: Path) -> str:
    try:
        if not path.is_file():
            raise InputError(f"{path}: no such file")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    if len(data) > MAX_BYTES:
        raise InputError(f"{path}: larger than {MAX_BYTES // 2**20} MiB, too large to be a table")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(f"{path}, line {line}: not UTF-8; save the file as UTF-8") from None


def _lines(path: Path, text: str) -> Iterator[Line]:
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for count, row in enumerate(rows):
            where = f"{path}, line {rows.line_num}"
            if count > MAX_ROWS:
                raise InputError(f"{where}: more than {MAX_ROWS:,} rows; split the file")
            if len(row) > MAX_COLUMNS:
                raise InputError(f"{where}: more than {MAX_COLUMNS:,} columns")
            if any(len(cell) > MAX_CELL for cell in row):
                raise InputError(
                    f"{where}: a cell of more than {MAX_CELL} characters is no name or number"
                )
            cells = tuple(cell.strip() for cell in row)
            if any(cells):
                yield Line(where, cells)
    except csv.Error as error:
        raise InputError(f"{path}, line {rows.line_num}: not a CSV file ({error})") from None

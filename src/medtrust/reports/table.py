"""The flat table: one row an estimate, the same columns in every format."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from medtrust.errors import InputError
from medtrust.records import Estimate
from medtrust.reports.atomic import write_named
from medtrust.reports.formats import finite
from medtrust.reports.parquet import read_rows, write_rows
from medtrust.reports.text import json_line

_TEXT = ("model", "task", "dataset", "group_by", "group", "metric", "protocol")
_INTERVAL = ("value", "low", "high")
_COUNTS = ("n", "missing", "clusters")
_TYPES = {
    **dict.fromkeys(_TEXT, "VARCHAR"),
    **dict.fromkeys(_INTERVAL, "DOUBLE"),
    **dict.fromkeys(_COUNTS, "BIGINT"),
    **dict.fromkeys(("baseline", "chance", "constant"), "DOUBLE"),
    # Columns are added here, at the end, and never taken away.
    **dict.fromkeys(("text_only", "clinicians", "worst", "best"), "DOUBLE"),
    "interval": "VARCHAR",
    **dict.fromkeys(("p", "p_adjusted"), "DOUBLE"),
    **dict.fromkeys(("correction", "verdict", "reader"), "VARCHAR"),
}
COLUMNS = tuple(_TYPES)
"""Names and order of the columns, in every format."""


_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "'", "＝", "＋", "－", "＠")  # noqa: RUF001 - spreadsheets read the full-width signs as formulas too


def rows(estimates: Iterable[Estimate]) -> list[dict[str, Any]]:
    """One dictionary an estimate with the keys `COLUMNS`, in that order.

    NaN and infinities become None, and a lone surrogate a question mark, since no
    file format can hold them.
    """
    return [
        {name: _cell(getattr(estimate, name), kind) for name, kind in _TYPES.items()}
        for estimate in estimates
    ]


def as_json(estimates: Iterable[Estimate]) -> str:
    """`{"rows": [...]}` as strict JSON: null where there is no number."""
    return json_line({"rows": rows(estimates)})


def write_json(estimates: Iterable[Estimate], path: Path) -> None:
    """Write `as_json` to a file."""
    write_named(path, as_json(estimates) + "\n")


def write_csv(estimates: Iterable[Estimate], path: Path) -> None:
    """Write the table as CSV (RFC 4180) that is safe to open in a spreadsheet.

    A text cell that a spreadsheet could run as a formula is led by an apostrophe,
    the spreadsheets' own sign for text, and so is one that begins with an apostrophe.
    Every text is quoted, since a spreadsheet may split at other marks than commas.
    Numbers are written in full and never led by anything.
    """
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, COLUMNS, quoting=csv.QUOTE_NONNUMERIC)
    writer.writeheader()
    writer.writerows({name: defused(cell) for name, cell in row.items()} for row in rows(estimates))
    write_named(path, buffer.getvalue())


def write_parquet(estimates: Iterable[Estimate], path: Path) -> None:
    """Write the table as Parquet with a fixed schema, even when it has no rows."""
    write_rows(rows(estimates), _TYPES, path)


def read_parquet(path: Path) -> tuple[Estimate, ...]:
    """Estimates of a file that `write_parquet` made.

    Raises:
        InputError: The file cannot be read, is no Parquet file, or lacks a column.
    """
    try:
        return msgspec.convert(read_rows(path, COLUMNS), tuple[Estimate, ...])
    except msgspec.ValidationError as error:
        raise InputError(f"cannot read estimates from {path}: {error}") from error


def _cell(value: Any, kind: str) -> Any:
    if kind == "VARCHAR":
        return _encodable(value)
    return finite(value) if kind == "DOUBLE" else int(value)


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def defused(cell: Any) -> Any:
    """A cell that no spreadsheet takes for a formula."""
    if isinstance(cell, str) and cell.lstrip(" ").startswith(_FORMULA_STARTS):
        return f"'{cell}"
    return cell

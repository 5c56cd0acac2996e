"""Parquet in and out, by DuckDB: a third of the install weight of the usual library."""

import glob
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from medtrust.errors import InputError
from medtrust.reports.atomic import replacing

LARGEST_ROW = 64 * 1024 * 1024
"""Bytes of one row as JSON."""


def write_rows(rows: Iterable[Any], columns: Mapping[str, str], path: Path) -> None:
    """Write rows (anything that encodes to JSON objects) with the columns' SQL types.

    Columns are named as the rows' keys; what a row lacks becomes null. The file takes
    the place of `path` in one step. Raises InputError where it cannot be written.
    """
    types = ", ".join(f"'{name}': '{kind}'" for name, kind in columns.items())
    encode = msgspec.json.Encoder().encode
    try:
        # Beside the target, not in a folder that others can read.
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".parquet-") as name:
            source, made = Path(name, "rows.jsonl"), Path(name, "made.parquet")
            with source.open("wb") as file:
                file.writelines(encode(row) + b"\n" for row in rows)
            with _connected() as database:
                database.execute(
                    f"COPY (SELECT * FROM read_json($source, columns={{{types}}}, "  # noqa: S608 - names and types are ours
                    f"format='newline_delimited', maximum_object_size={LARGEST_ROW})) "
                    f"TO {_quoted(made)} (FORMAT parquet, COMPRESSION zstd)",
                    {"source": glob.escape(str(source))},
                )
            with replacing(path) as file, made.open("rb") as finished:
                shutil.copyfileobj(finished, file)
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror or error}") from error
    except duckdb.Error as error:
        raise InputError(f"cannot write {path}: {str(error).splitlines()[0]}") from error


def read_rows(path: Path, columns: Sequence[str]) -> list[dict[str, Any]]:
    """The rows of a Parquet file as dictionaries with the given keys, maps as dictionaries.

    Raises InputError for a file that is absent, no Parquet file, or lacks a column.
    """
    names = ", ".join(f'"{name}"' for name in columns)
    try:
        with _connected() as database:
            found = database.execute(
                f"SELECT {names} FROM read_parquet($path)",  # noqa: S608 - names are ours
                {"path": glob.escape(str(path))},
            ).fetchall()
    except duckdb.Error as error:
        raise InputError(f"cannot read {path}: {str(error).splitlines()[0]}") from error
    return [dict(zip(columns, row, strict=True)) for row in found]


def _connected() -> duckdb.DuckDBPyConnection:
    """A database in memory that never looks for extensions on a network."""
    off: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    return duckdb.connect(":memory:", config=off)


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"

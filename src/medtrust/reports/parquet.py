"""Parquet in and out, by DuckDB: a third of the install weight of the usual library."""

import glob
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from medtrust.errors import InputError
from medtrust.reports.atomic import replacing

LARGEST_ROW = 64 * 1024 * 1024
"""Bytes of one row as JSON."""

GROUP = 20_000
"""Rows that are kept in memory until they are written: a sixth of DuckDB's own number, which
takes 400 MB where rows hold replies, for a file that is smaller by a twentieth."""

LARGEST = 16 << 30
"""Bytes that the rows of a file may take in memory; a run of ten million answers takes less."""

ROW = 500
"""Bytes of a row beside its texts, about."""

_PARTS = ".parquet-"

LINES = 1000
"""Rows that are encoded at once."""


def write_rows(rows: Iterable[Any], columns: Mapping[str, str], path: Path) -> None:
    """Write rows (anything that encodes to JSON objects) with the columns' SQL types.

    Columns are named as the rows' keys; what a row lacks becomes null. The file takes
    the place of `path` in one step. Raises InputError where it cannot be written.
    """
    with beside(path) as folder:
        source = folder / "rows.jsonl"
        write_lines(rows, source)
        from_lines([source], columns, path)


def clear_parts(folder: Path) -> None:
    """Remove what a command that was killed left of `beside`; nobody else may write there now."""
    for part in folder.glob(f"{_PARTS}*"):
        if part.is_dir() and not part.is_symlink():
            shutil.rmtree(part, ignore_errors=True)


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """A folder for parts of a file, gone at the end, where nobody else can read.

    Raises InputError where there can be none.
    """
    try:
        made = tempfile.TemporaryDirectory(dir=path.parent, prefix=_PARTS)
    except OSError as error:
        raise _unwritable(path, error) from error
    with made as name:
        yield Path(name)


def write_lines(rows: Iterable[Any], path: Path) -> None:
    """Write rows as JSON, one a line; raises InputError where it cannot be done."""
    encode, left = msgspec.json.Encoder().encode_lines, iter(rows)
    try:
        with path.open("wb") as file:
            while some := [*islice(left, LINES)]:
                file.write(encode(some))
    except OSError as error:
        raise _unwritable(path, error) from error


def from_lines(sources: Sequence[Path], columns: Mapping[str, str], path: Path) -> None:
    """Write the rows of files of lines, file after file, with the columns' SQL types.

    The file takes the place of `path` in one step. Raises InputError where it cannot be written.
    """
    types = ", ".join(f"'{name}': '{kind}'" for name, kind in columns.items())
    try:
        with beside(path) as folder, _connected() as database:
            made = folder / "made.parquet"
            database.execute(
                f"COPY (SELECT * FROM read_json($sources, columns={{{types}}}, "  # noqa: S608 - names and types are ours
                f"format='newline_delimited', maximum_object_size={LARGEST_ROW}, "
                f"hive_partitioning=false)) "
                f"TO {_quoted(made)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {GROUP})",
                {"sources": [glob.escape(str(source)) for source in sources]},
            )
            with replacing(path) as file, made.open("rb") as finished:
                shutil.copyfileobj(finished, file)
    except OSError as error:
        raise _unwritable(path, error) from error
    except duckdb.Error as error:
        raise InputError(f"cannot write {path}: {str(error).splitlines()[0]}") from error


def read_rows(path: Path, columns: Sequence[str]) -> list[dict[str, Any]]:
    """The rows of a Parquet file as dictionaries with the given keys, maps as dictionaries.

    Raises InputError for a file that is absent, no Parquet file, lacks a column, or is larger
    than any of ours.
    """
    names = ", ".join(f'"{name}"' for name in columns)
    if not path.is_file():
        raise InputError(f"{path}: no such file; run `medtrust score {path.parent}`")
    found: list[tuple[Any, ...]] = []
    size = 0
    try:
        with _connected() as database:
            rows = database.execute(
                # A folder called `model=x` is a folder: no column is read from a path.
                f"SELECT {names} FROM read_parquet($path, hive_partitioning=false)",  # noqa: S608 - names are ours
                {"path": glob.escape(str(path))},
            )
            # A small file may say one long text a billion times.
            while size <= LARGEST and (some := rows.fetchmany(LINES)):
                found += some
                size += ROW * len(some) + sum(
                    len(cell) for row in some for cell in row if isinstance(cell, str)
                )
    except duckdb.BinderException:
        raise InputError(
            f"{path}: lacks a column that this version writes; run `medtrust score {path.parent}`"
        ) from None
    except duckdb.Error as error:
        raise InputError(f"cannot read {path}: {str(error).splitlines()[0]}") from error
    if size > LARGEST:
        raise InputError(f"{path}: larger than any file that this version writes; is it yours?")
    return [dict(zip(columns, row, strict=True)) for row in found]


def _connected() -> duckdb.DuckDBPyConnection:
    """A database in memory that never looks for extensions on a network."""
    off: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    return duckdb.connect(":memory:", config=off)


def _unwritable(path: Path, error: OSError) -> InputError:
    return InputError(f"cannot write {path}: {error.strerror or error}")


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"

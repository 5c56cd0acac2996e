"""`scores.parquet`: one row a request, scorer and protocol."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
from msgspec.structs import fields, replace

from medtrust.errors import InputError
from medtrust.records import Score
from medtrust.reports.parquet import from_lines, read_rows, write_lines, write_rows

_TYPES = {
    "repeat": "INTEGER",
    "value": "DOUBLE",
    "confidence": "DOUBLE",
    "options": "INTEGER",
    "groups": "MAP(VARCHAR, VARCHAR[])",
    "details": "MAP(VARCHAR, DOUBLE)",
}
COLUMNS = {field.name: _TYPES.get(field.name, "VARCHAR") for field in fields(Score)}
"""Columns in the order of `records.Score`, whose docstrings say what they mean, as SQL types."""


def write_scores(scores: Iterable[Score], path: Path) -> None:
    """Write the scores as Parquet, whole or not at all."""
    write_rows(map(_encodable, scores), COLUMNS, path)


def write_part(scores: Iterable[Score], path: Path) -> None:
    """Write some of the scores as a file of lines, for `join_parts`."""
    write_lines(scores, path)


def join_parts(parts: Sequence[Path], path: Path) -> None:
    """Write the scores of all parts, in order, as `write_scores` writes them."""
    from_lines(parts, COLUMNS, path)


def read_scores(path: Path) -> list[Score]:
    """The scores of a file that `write_scores` wrote; raises InputError for any other."""
    try:
        return msgspec.convert(read_rows(path, [*COLUMNS]), list[Score])
    except msgspec.ValidationError as error:
        raise InputError(f"cannot read scores from {path}: {error}") from error


def _encodable(score: Score) -> Score:
    """A lone surrogate, which a model's reply can hold and no file can, as a question mark."""
    if score.reply.isascii():
        return score
    return replace(score, reply=score.reply.encode("utf-8", "replace").decode())

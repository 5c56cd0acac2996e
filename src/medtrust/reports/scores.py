"""`scores.parquet`: one row a request, scorer and protocol."""

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from medtrust.records import Score
from medtrust.reports.atomic import replacing

SCHEMA = pa.schema(
    [
        *(
            pa.field(name, pa.string())
            for name in ("model", "task", "dataset", "sample", "protocol", "outcome")
        ),
        pa.field("target", pa.string()),
        pa.field("cluster", pa.string()),
        pa.field("repeat", pa.int32()),
        pa.field("pair", pa.string()),
        pa.field("choice", pa.string()),
        pa.field("option", pa.string()),
        pa.field("value", pa.float64()),
        pa.field("confidence", pa.float64()),
        pa.field("rule", pa.string()),
        pa.field("reply", pa.string()),
        pa.field("options", pa.int32()),
        pa.field("groups", pa.map_(pa.string(), pa.list_(pa.string()))),
        pa.field("details", pa.map_(pa.string(), pa.float64())),
        pa.field("key", pa.string()),
    ]
)
"""Columns in the order of `records.Score`, whose docstrings say what they mean."""


def write_scores(scores: Sequence[Score], path: Path) -> None:
    """Write the scores as Parquet, whole or not at all."""
    columns = {}
    for field in fields(Score):
        values = [getattr(score, field.name) for score in scores]
        if field.name in {"groups", "details"}:
            values = [list(value.items()) for value in values]
        columns[field.name] = pa.array(values, SCHEMA.field(field.name).type)
    with replacing(path) as file:
        pq.write_table(pa.table(columns, schema=SCHEMA), file, compression="zstd")


def read_scores(path: Path) -> list[Score]:
    """The scores of a file that `write_scores` wrote."""
    rows = pq.read_table(path, schema=SCHEMA).to_pylist(maps_as_pydicts="strict")
    return [
        Score(**row | {"groups": {name: tuple(of) for name, of in row["groups"].items()}})
        for row in rows
    ]

"""A table, or several, with a line for each figure: `table,row,column,value[,n][,metric]`."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

from medtrust.audit.csv_file import Sheet
from medtrust.audit.layout import layout, mean_of
from medtrust.audit.names import kinds_together, part_names
from medtrust.audit.parse import parse_cell, parse_count, whole_of
from medtrust.audit.table import Cell, Kind, Table
from medtrust.errors import InputError

NEEDED = ("row", "column", "value")
OPTIONAL = ("table", "n", "metric")


class _Line(NamedTuple):
    where: str
    row: str
    column: str
    value: str
    metric: str
    n: int | None


def long_tables(sheet: Sheet) -> list[Table]:
    """The tables of a file that has a line for each figure.

    Raises InputError for a column that is not known, a row or column without a name,
    a figure that is given twice, and cells that are no figures.
    """
    head = [name.lower() for name in sheet.head.cells]
    if unknown := [name for name in head if name not in NEEDED + OPTIONAL]:
        raise InputError(
            f"{sheet.head.where}: unknown column {unknown[0]!r}; "
            f"known are {', '.join(NEEDED + OPTIONAL)}"
        )
    tables: dict[str, list[_Line]] = defaultdict(list)
    seen: set[tuple[str, ...]] = set()
    for where, cells in sheet.lines:
        given: Mapping[str, str] = dict(zip(head, cells, strict=True))
        table, metric = given.get("table") or sheet.path.stem, given.get("metric", "")
        if not given["row"] or not given["column"]:
            raise InputError(f"{where}: a figure without a row or without a column")
        key = (table, given["row"], given["column"], metric)
        if key in seen:
            raise InputError(f"{where}: the figure of {', '.join(filter(None, key))} again")
        seen.add(key)
        n = parse_count(given.get("n", ""), where)
        tables[table].append(_Line(where, given["row"], given["column"], given["value"], metric, n))
    return [_table(name, lines) for name, lines in tables.items()]


def _table(name: str, lines: Sequence[_Line]) -> Table:
    known = layout((line.row for line in lines), (line.column for line in lines))
    metrics = kinds_together(list(dict.fromkeys(line.metric for line in lines)))
    cells: list[Cell] = []
    for line in lines:
        place = known.place(line.row, line.column, line.metric, metrics.get(line.metric))
        figures = parse_cell(
            line.value,
            line.where,
            names=part_names(line.metric) or part_names(line.column) or part_names(line.row),
            kind=place.kind,
            label=place.label,
            n=partial(_given, line.n),
        )
        cells.append(
            Cell(
                row=line.row,
                column=line.column,
                figures=figures,
                subject=place.subject if len(figures) == 1 else f"{line.row}\n{line.column}",
                mean_of=mean_of(line.row, line.column),
            )
        )
    return Table(name=name, cells=tuple(cells), whole=whole_of(cells), models_are=known.models_are)


def _given(n: int | None, _: Kind) -> int | None:
    """A line says itself what its figures are shares of, of whatever kind they are."""
    return n

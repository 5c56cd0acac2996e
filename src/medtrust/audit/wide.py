"""A table as papers print it: a row for each thing, a column for each other thing."""

from collections.abc import Mapping
from typing import NamedTuple

from medtrust.audit.csv_file import Line, Sheet
from medtrust.audit.layout import Layout, layout, mean_of
from medtrust.audit.names import is_average, part_names, plain
from medtrust.audit.parse import parse_cell, parse_count, whole_of
from medtrust.audit.table import Cell, Kind, Table
from medtrust.errors import InputError

QUESTIONS, PAIRS = frozenset({"n", "questions"}), frozenset({"pairs"})
"""Columns that say what the other figures of their row are shares of."""


class _Sizes(NamedTuple):
    questions: int | None
    pairs: int | None

    def of(self, kind: Kind) -> int | None:
        """What a figure of this kind is a share of."""
        match kind:
            case "set_accuracy" | "confusion_all":
                return self.pairs
            case "individual_accuracy" | "invalid":
                return None if self.pairs is None else 2 * self.pairs
            case "confusion" | "valid_pairs" | "count":
                return None
            case _:
                return self.questions


def wide_table(sheet: Sheet) -> Table:
    """The table in a file of which the first column names the rows.

    Raises InputError for a row that has no name, or the name of another, and for cells
    that are no figures.
    """
    heading, *columns = sheet.head.cells
    lines: dict[str, Line] = {}
    for line in sheet.lines:
        name = line.cells[0]
        if not name:
            raise InputError(f"{line.where}: a row without a name")
        if name in lines:
            raise InputError(f"{line.where}: a second row called {name!r}; rename one")
        lines[name] = line
    known = layout(lines, columns, heading)
    sizes = [name for name in columns if plain(name) in QUESTIONS | PAIRS]
    cells = [
        _cell(line.cells[index], line.where, row, column, (heading, known, counted))
        for row, line in lines.items()
        for counted in (_sizes(line, columns),)
        for index, column in enumerate(columns, start=1)
        if column not in sizes
    ]
    return Table(
        name=sheet.path.stem,
        cells=tuple(cells),
        whole=whole_of(cells),
        models_are=known.models_are,
    )


def _cell(text: str, where: str, row: str, column: str, table: tuple[str, Layout, _Sizes]) -> Cell:
    heading, known, sizes = table
    place = known.place(row, column)
    names = part_names(column) or part_names(row) or part_names(heading)
    figures = parse_cell(
        text,
        f"{where}, column {column!r}",
        names=names,
        kind=place.kind,
        label=place.label,
        n=sizes.of,
    )
    return Cell(
        row=row,
        column=column,
        figures=figures,
        subject=place.subject if len(figures) == 1 else f"{row}\n{column}",
        mean_of=mean_of(row, column),
    )


def _sizes(line: Line, columns: list[str]) -> _Sizes:
    if is_average(line.cells[0]):
        return _Sizes(None, None)
    by_name: Mapping[str, str] = dict(zip(map(plain, columns), line.cells[1:], strict=True))
    found = [
        next(
            (parse_count(by_name[name], line.where) for name in sorted(names) if name in by_name),
            None,
        )
        for names in (QUESTIONS, PAIRS)
    ]
    return _Sizes(*found)

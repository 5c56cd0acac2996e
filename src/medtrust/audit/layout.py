"""What the cells of a table are about, told from the names of their row and column."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from medtrust.audit.names import MODELS, is_average, kinds_together, plain
from medtrust.audit.table import Kind

PAIRS: frozenset[Kind] = frozenset(
    {"set_accuracy", "individual_accuracy", "confusion", "confusion_all", "invalid", "valid_pairs"}
)
"""Figures of confusable pairs."""


class Place(NamedTuple):
    """What a cell holds."""

    kind: Kind
    label: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Which rows and which columns say what their figures are."""

    rows: Mapping[str, Kind]
    columns: Mapping[str, Kind]
    models_are: Literal["rows", "columns"]

    def place(self, row: str, column: str, metric: str = "", kind: Kind | None = None) -> Place:
        """What the cell holds: by its metric where that has a name, by its column, by its row.

        A figure that nothing is said of is a share of something.
        """
        if metric:
            return Place(kind or "share", plain(metric), f"{row}\n{column}")
        if column in self.columns:
            return Place(self.columns[column], plain(column), row)
        if row in self.rows:
            return Place(self.rows[row], plain(row), column)
        return Place("share", "", f"{row}\n{column}")


def layout(rows: Iterable[str], columns: Iterable[str], heading: str = "") -> Layout:
    """The layout of a table with these rows and columns, the rows headed `heading`.

    Each row is one model where the heading says so, or where the columns are figures of
    confusable pairs; otherwise each column is.
    """
    of_columns = kinds_together(list(dict.fromkeys(columns)))
    models = plain(heading) in MODELS or PAIRS.intersection(of_columns.values())
    return Layout(
        rows=kinds_together(list(dict.fromkeys(rows))),
        columns=of_columns,
        models_are="rows" if models else "columns",
    )


def mean_of(row: str, column: str) -> Literal["", "row", "column"]:
    """Of what a cell is the mean, if it stands in a row or column of averages."""
    if is_average(row):
        return "column"
    return "row" if is_average(column) else ""

"""What is audited: a table of printed figures, and what can be found in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from medtrust.audit.number import Number
from medtrust.published import Role

Kind = Role | Literal["invalid", "valid_pairs", "count", "other"]
"""What a figure is: one of the published tables' roles, or

- `invalid`: the share of answers that name no option; `valid_pairs`: a number of pairs.
- `count`: any other number of things.
- `other`: nothing that arithmetic has a bound for.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One printed number."""

    text: str
    """As printed."""
    number: Number | None
    """None where the table has a dash."""
    kind: Kind
    label: str = ""
    """What is measured, as the table calls it: averages are taken over figures of one label."""
    n: int | None = None
    """What it is a share of, where that is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell of a table; it may hold several figures, such as `26.53/74.29`."""

    row: str
    column: str
    figures: tuple[Figure, ...]
    subject: str
    """What its figures are about: those of one subject come from the same answers."""
    mean_of: Literal["", "row", "column"] = ""
    """Whether the cell is the mean of the other cells of its row or of its column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table as printed."""

    name: str
    cells: tuple[Cell, ...]
    whole: Literal[1, 100] = 100
    """What all of something is printed as: 100 in percent, 1 in fractions."""
    models_are: Literal["rows", "columns"] = "columns"
    notes: tuple[str, ...] = ()
    """What is not known about its figures, and what therefore is not checked."""

    def figures(self) -> Iterator[tuple[Cell, Figure, Number]]:
        """Every figure that is a number, with its cell."""
        for cell in self.cells:
            for figure in cell.figures:
                if figure.number is not None:
                    yield cell, figure, figure.number

    def subjects(self) -> Mapping[str, Mapping[Kind, tuple[Cell, Figure, Number]]]:
        """For each subject, its figure of each kind (the first, if there are several)."""
        found: dict[str, dict[Kind, tuple[Cell, Figure, Number]]] = {}
        for cell, figure, given in self.figures():
            found.setdefault(cell.subject, {}).setdefault(figure.kind, (cell, figure, given))
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A figure that cannot be right, or that should be looked at."""

    table: str
    row: str
    column: str
    value: str
    """As printed."""
    finding: str
    """What is wrong with it, in one sentence."""


def finding(table: Table, cell: Cell, value: str, message: str) -> Finding:
    """A finding about a cell or one of its figures."""
    return Finding(table=table.name, row=cell.row, column=cell.column, value=value, finding=message)

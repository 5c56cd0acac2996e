"""The published tables as tables to be audited."""

from collections.abc import Iterator
from typing import Literal

from medtrust.audit.number import number
from medtrust.audit.table import Cell, Figure, Kind, Table
from medtrust.published import Part, Place, PublishedTable, parts_of, published_tables

OF_PAIRS: frozenset[Kind] = frozenset(
    {"set_accuracy", "individual_accuracy", "confusion", "confusion_all"}
)


def printed_tables() -> list[Table]:
    """Every published table, with the numbers of questions that are known."""
    return [_table(table) for table in published_tables()]


def _table(table: PublishedTable) -> Table:
    return Table(
        name=table.name,
        cells=tuple(cell for place in table.places for cell in _cells(table, place)),
        whole=100 if table.unit == "percent" else 1,
        models_are=table.models_are,
        notes=table.notes,
    )


def _cells(table: PublishedTable, place: Place) -> Iterator[Cell]:
    parts = table.parts_at(place)
    across: Literal["row", "column"] = "column" if table.models_are == "columns" else "row"
    for model, printed in zip(table.models, place.cells, strict=True):
        row, column = (place.name, model) if across == "column" else (model, place.name)
        texts = parts_of(printed)
        yield Cell(
            row=row,
            column=column,
            figures=tuple(_figure(*one, place) for one in zip(texts, parts, strict=False)),
            subject=_subject(parts, place, model),
            mean_of=across if place.average else "",
        )


def _figure(text: str, part: Part, place: Place) -> Figure:
    return Figure(text=text, number=number(text), kind=part.role, label=part.name, n=place.n)


def _subject(parts: tuple[Part, ...], place: Place, model: str) -> str:
    """Figures of pairs that stand alone in their cells belong together across the row."""
    if len(parts) == 1 and parts[0].role in OF_PAIRS:
        return model
    return f"{place.name}\n{model}"

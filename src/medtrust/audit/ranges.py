"""Figures outside of what their kind can be."""

from collections.abc import Iterator

from medtrust.audit.number import Number
from medtrust.audit.table import Figure, Finding, Table, finding


def out_of_range(table: Table) -> Iterator[Finding]:
    """Shares below none or above all, differences larger than all, negative counts."""
    for cell, figure, given in table.figures():
        if not in_range(figure, given, table.whole):
            low, high = _bounds(figure, table.whole)
            between = "negative" if high is None else f"not between {low} and {high}"
            yield finding(table, cell, figure.text, f"is {between}")


def in_range(figure: Figure, given: Number, whole: int) -> bool:
    """Whether a figure is what its kind can be."""
    low, high = _bounds(figure, whole)
    return (low is None or given.value >= low) and (high is None or given.value <= high)


def _bounds(figure: Figure, whole: int) -> tuple[int | None, int | None]:
    match figure.kind:
        case "other":
            return None, None
        case "count" | "valid_pairs":
            return 0, None
        case "difference":
            return -whole, whole
        case _:
            return 0, whole

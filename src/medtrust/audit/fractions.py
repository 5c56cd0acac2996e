"""Shares that no whole number of things comes to."""

from collections.abc import Iterator
from fractions import Fraction
from math import floor

from medtrust.audit.number import Number, counts, shown
from medtrust.audit.ranges import in_range
from medtrust.audit.table import Cell, Figure, Finding, Kind, Table, finding

SHARES: frozenset[Kind] = frozenset(
    {
        "share",
        "uncertainty_accuracy",
        "overconfident",
        "set_accuracy",
        "individual_accuracy",
        "confusion",
        "confusion_all",
        "invalid",
    }
)


def no_whole_number(table: Table) -> Iterator[Finding]:
    """Shares of a known number that no count rounds to.

    Where that number is not known nothing is checked, and a mean over several datasets is
    a share of nothing.
    """
    for cell, figure, given in table.figures():
        if is_impossible(cell, figure, given, table.whole):
            yield finding(table, cell, figure.text, _message(figure, given, table.whole))


def is_impossible(cell: Cell, figure: Figure, given: Number, whole: int) -> bool:
    """Whether a figure is a share of a known number, and no count comes to it."""
    if figure.kind not in SHARES or cell.mean_of or not figure.n:
        return False
    return in_range(figure, given, whole) and not counts(given, figure.n, whole)


def _message(figure: Figure, given: Number, whole: int) -> str:
    n = figure.n or 1
    below = floor(given.value * n / whole)
    nearest = " and ".join(
        f"{count} come to {shown(Fraction(count * whole, n), given)}"
        for count in (below, below + 1)
    )
    return f"is no share of {n}: {nearest}"

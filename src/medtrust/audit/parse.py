"""From the cells of a CSV file to figures."""

from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from medtrust.audit.names import kinds_together
from medtrust.audit.number import Number, number
from medtrust.audit.table import Cell, Figure, Kind
from medtrust.errors import InputError
from medtrust.published import is_blank, parts_of


def parse_number(text: str, where: str) -> Number | None:
    """A number, or None for a dash; raises InputError for anything else."""
    given = number(text)
    if given is None and not is_blank(text):
        raise InputError(
            f"{where}: {text[:40]!r} is no number; write 38.41, 26.53/74.29, 35.61 (4.78)/0 or -"
        )
    return given


def parse_count(text: str, where: str) -> int | None:
    """A number of things, or None for a dash; raises InputError for anything else."""
    given = parse_number(text, where)
    if given is None:
        return None
    if given.value.denominator != 1 or given.value < 0:
        raise InputError(f"{where}: {text[:40]!r} is no number of questions or pairs")
    return int(given.value)


def parse_cell(
    text: str,
    where: str,
    *,
    names: Sequence[str],
    kind: Kind,
    label: str,
    n: Callable[[Kind], int | None],
) -> tuple[Figure, ...]:
    """The figures of a cell: one of the given kind, or several with the given names.

    Without names of that number `a/b` is an accuracy with its over-confidence, `a (b)` an
    accuracy and its drop, and `a (b)/c` has an abstention after them, as CARES prints them.
    A dash for the whole cell is one figure that is not there. `n` says what a figure of
    some kind is a share of here. Raises InputError for what is no figure.
    """
    parts = parts_of(text)
    if len(parts) < 2:
        given = parse_number(text, where)
        return (Figure(text=text, number=given, kind=kind, label=label, n=n(kind)),)
    if len(names) != len(parts):
        names = _usual(text, len(parts), where)
    kinds = kinds_together(names)
    return tuple(
        Figure(text=part, number=parse_number(part, where), kind=of, label=name, n=n(of))
        for part, name in zip(parts, names, strict=True)
        for of in (kinds.get(name, "other"),)
    )


def _usual(text: str, parts: int, where: str) -> tuple[str, ...]:
    bracket = "(" in text
    if parts == 2:
        return ("acc", "drop") if bracket else ("acc", "oc")
    if parts == 3 and bracket:
        return ("acc", "drop", "abs")
    raise InputError(
        f"{where}: {text[:40]!r} has {parts} figures; name them in the heading (a/b/c)"
    )


def whole_of(cells: Iterable[Cell]) -> Literal[1, 100]:
    """100 for percentages, 1 for fractions: a table with no figure above 1 is in fractions."""
    figures = [
        figure
        for cell in cells
        for figure in cell.figures
        if figure.number and figure.kind not in {"count", "valid_pairs"}
    ]
    percent = any(figure.text.endswith("%") for figure in figures)
    large = any(abs(figure.number.value) > 1 for figure in figures if figure.number)
    return 100 if percent or large or not figures else 1

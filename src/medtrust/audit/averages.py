"""Averages that are not the mean of what they stand under or beside."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from fractions import Fraction

from medtrust.audit.number import Number, shown
from medtrust.audit.table import Cell, Figure, Finding, Table, finding

Line = tuple[str, str, str]
"""`row` or `column`, its name, and the label of the figures in it."""


def wrong_averages(table: Table) -> Iterator[Finding]:
    """Averages that no figures, rounded to those printed, have as their mean.

    The mean counts every cell alike. One weighted by the numbers of questions is accepted
    where these are known, and so is one in which a dash counts as 0: both are called
    averages by their authors.
    """
    members: dict[Line, list[Figure]] = defaultdict(list)
    for cell in table.cells:
        if not cell.mean_of:
            for figure in cell.figures:
                members["row", cell.row, figure.label].append(figure)
                members["column", cell.column, figure.label].append(figure)
    for cell, figure, given in table.figures():
        if not cell.mean_of:
            continue
        line = members[_line(cell, figure)]
        numbers = [one.number for one in line if one.number is not None]
        if len(numbers) > 1 and not any(_agrees(given, *mean) for mean in _means(line)):
            mean = sum(one.value for one in numbers) / len(numbers)
            yield finding(
                table,
                cell,
                figure.text,
                f"is not the mean of the {len(numbers)} figures of its {cell.mean_of}, "
                f"which is {shown(Fraction(mean), given)}",
            )


def _line(cell: Cell, figure: Figure) -> Line:
    if cell.mean_of == "row":
        return "row", cell.row, figure.label
    return "column", cell.column, figure.label


def _means(line: Sequence[Figure]) -> Iterator[tuple[Fraction, Fraction]]:
    """Every mean the figures may be said to have, with what rounding leaves open in it."""
    weighted = [(one.number, one.n) for one in line if one.number is not None]
    yield _mean([(given, 1) for given, _ in weighted])
    if len(weighted) < len(line):
        value, half = _mean([(given, 1) for given, _ in weighted])
        yield value * len(weighted) / len(line), half
    if all(n for _, n in weighted):
        yield _mean([(given, n or 0) for given, n in weighted])


def _mean(weighted: Sequence[tuple[Number, int]]) -> tuple[Fraction, Fraction]:
    total = sum(weight for _, weight in weighted)
    value = sum((given.value * weight for given, weight in weighted), Fraction(0)) / total
    half = sum((given.half * weight for given, weight in weighted), Fraction(0)) / total
    return value, half


def _agrees(given: Number, mean: Fraction, half: Fraction) -> bool:
    return abs(given.value - mean) <= given.half + half

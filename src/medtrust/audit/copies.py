"""Cells that say the same of two datasets, to every digit, where chance would hardly do that.

Equal figures alone prove nothing: a model that never declines has 0 everywhere, and among
many figures of two digits some are equal. So the check asks how often chance alone would
bring it about. A figure that lies `k` distinguishable steps from the nearer end of its scale
(from 0 for a difference) is taken to meet its like once in `k` times. A step is the last
digit printed or one question, whichever is coarser. Two cells agree by chance with the
product over their figures; with as many chances as there are pairs of cells to compare, a
pair of cells is reported where fewer than one table in a hundred would have one. A single
figure is never enough: it may lie where most others do.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import comb, prod

from medtrust.audit.number import Number, counts
from medtrust.audit.table import Cell, Figure, Finding, Table, finding

RARE = Fraction(1, 100)
"""Tables without any copy in which the check may find one."""

TELLING = 10
"""Steps from the end that a figure needs to tell anything; a cell needs two such figures."""

MOST_CELLS = 2_000
"""Cells of a table that is looked through: such as people copy by hand."""

MOST_QUESTIONS = 10_000
"""Up to here a number of questions is looked for where none is given."""


def copies(table: Table) -> Iterator[Finding]:
    """Cells of one model that agree in all of several figures, beyond chance.

    Only cells of two or more figures are compared, and only within one model: two models
    that always give the same answer do agree on a dataset.
    """
    if len(table.cells) > MOST_CELLS:
        return
    models: dict[str, list[Cell]] = defaultdict(list)
    for cell in table.cells:
        numbers = [figure.number for figure in cell.figures]
        if len(numbers) > 1 and None not in numbers and not cell.mean_of:
            models[_model(table, cell)].append(cell)
    compared = sum(comb(len(cells), 2) for cells in models.values())
    questions = _Questions(table)
    for cells in models.values():
        alike: dict[tuple[str, ...], list[Cell]] = defaultdict(list)
        for cell in cells:
            alike[tuple(figure.text for figure in cell.figures)].append(cell)
        for printed, same in alike.items():
            if len(same) > 1 and _is_rare(same, compared, questions, table.whole):
                yield from _findings(table, "/".join(printed), same)


def _findings(table: Table, value: str, same: Sequence[Cell]) -> Iterator[Finding]:
    for cell in same:
        others = ", ".join(_dataset(table, other) for other in same if other is not cell)
        yield finding(table, cell, value, f"is the same as for {others}, in every digit")


def _model(table: Table, cell: Cell) -> str:
    return cell.row if table.models_are == "rows" else cell.column


def _dataset(table: Table, cell: Cell) -> str:
    return cell.column if table.models_are == "rows" else cell.row


class _Questions:
    """How many questions each dataset has: as given, or else the fewest it can have."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._fewest: dict[str, int] = {}
        self._printed: dict[str, list[Number]] = defaultdict(list)
        for cell, _, given in table.figures():
            self._printed[_dataset(table, cell)].append(Number(abs(given.value), given.half))

    def behind(self, cell: Cell, figure: Figure) -> int:
        """The number of questions behind a figure of a cell.

        Where it is not given it is the smallest of which every figure of the dataset, of
        all models, is a share. There can hardly be fewer, so that chance is not made
        smaller than it is.
        """
        if figure.n:
            return figure.n
        dataset = _dataset(self._table, cell)
        if dataset not in self._fewest:
            printed, whole = self._printed[dataset], self._table.whole
            self._fewest[dataset] = next(
                (
                    n
                    for n in range(1, MOST_QUESTIONS)
                    if all(counts(given, n, whole) for given in printed)
                ),
                MOST_QUESTIONS,
            )
        return self._fewest[dataset]


def _is_rare(same: Sequence[Cell], compared: int, questions: _Questions, whole: int) -> bool:
    """Whether chance would hardly ever make these cells agree, if nothing ties them.

    Of all pairs among them it is the likeliest that counts: the one with fewest questions.
    """
    figures = same[0].figures
    if compared * _chance(figures, [None for _ in figures], whole) >= RARE:
        return False  # whatever the numbers of questions, which may have to be looked for
    cells = [[questions.behind(cell, figure) for figure in cell.figures] for cell in same]
    return compared * _chance(figures, [min(n) for n in zip(*cells, strict=True)], whole) < RARE


def _chance(figures: Sequence[Figure], questions: Sequence[int | None], whole: int) -> Fraction:
    """How probable it is that another cell has these figures, with so many questions each."""
    numbers = [figure.number for figure in figures if figure.number]
    total = sum((one.value for one in numbers), start=Fraction(0))
    if abs(total - whole) <= sum((one.half for one in numbers), start=Fraction(0)):
        return Fraction(1)  # one follows from the others, and is no agreement of its own
    steps = [_steps(*one, whole) for one in zip(figures, questions, strict=True)]
    telling = [Fraction(1, k) for k in steps if k >= TELLING]
    return prod(telling, start=Fraction(1)) if len(telling) > 1 else Fraction(1)


def _steps(figure: Figure, n: int | None, whole: int) -> int:
    """How many distinguishable values lie between a figure and the nearer end of its scale."""
    if figure.number is None:
        return 0
    value, half = figure.number
    step = max(2 * half, Fraction(whole, n)) if n else 2 * half
    from_end = abs(value) if figure.kind == "difference" else min(value, whole - value)
    return int(from_end / step)

"""The dimension profile in the terminal: figures in rows, models in columns."""

from collections.abc import Iterator, Mapping, Sequence

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from medtrust.reports.formats import number, spread
from medtrust.reports.meaning import Unit, meaning
from medtrust.reports.profile import DIMENSIONS, Cell, Column, Profile
from medtrust.reports.standing import is_few, verdict
from medtrust.reports.terminal_cells import (
    GAP,
    aligned,
    broken,
    figure,
    justified,
    plain_table,
    sign,
)
from medtrust.reports.text import one_line

_ARROWS = {"higher": " ↑", "lower": " ↓", "neither": ""}
_P_VALUE = "  its p-value"


def profile_tables(
    found: Sequence[Profile], known: Mapping[str, Unit], width: int
) -> Iterator[Table]:
    """As many tables as the width demands, each with all figures of some of the models."""
    shown = [
        (at, place)
        for at, dimension in enumerate(DIMENSIONS)
        for place in range(len(dimension.columns))
        if any(one.cells[at][place] for one in found)
    ]
    columns = [(one, _column(one, shown, known)) for one in found]
    fixed = 2 * GAP + 9 + max(len(_label(at, place)) for at, place in shown)
    pages: list[list[tuple[Profile, list[str]]]] = [[]]
    room = width - fixed
    for one, texts in columns:
        needed = GAP + max(cell_len(line) for text in texts for line in text.split("\n"))
        if needed > room and pages[-1]:
            pages.append([])
            room = width - fixed
        pages[-1].append((one, texts))
        room -= needed
    return (_table(page, shown, known) for page in pages)


def profile_remarks(found: Sequence[Profile], known: Mapping[str, Unit]) -> list[str]:
    """What to mind when reading the tables."""
    cells = [
        (one, column, cell)
        for one in found
        for dimension, row in zip(DIMENSIONS, one.cells, strict=True)
        for column, cell in zip(dimension.columns, row, strict=True)
        if cell is not None
    ]
    remarks = ["↑ higher is better, ↓ lower is better. No single score: dimensions trade off."]
    if any(column.group_by != "all" for _, column, _ in cells):
        remarks.append("The baseline of a gap is what chance makes of it.")
    sizes = sorted({cell.datasets for _, _, cell in cells})
    if len(sizes) > 1:
        remarks.append(f"A figure is of {sizes[0]} to {sizes[-1]} datasets: see the page.")
    elif sizes[0] > 1:
        remarks.append(f"A figure is the mean of {sizes[0]} datasets.")
    told: dict[str, list[str]] = {}
    for one, column, cell in cells:
        if cell.estimate is not None and verdict(cell.estimate):
            baseline = number(cell.estimate.baseline, known[cell.estimate.metric])
            told.setdefault(f"{column.title} {verdict(cell.estimate)} ({baseline})", []).append(
                one_line(one.model)
            )
    remarks += [f"* {what}: {', '.join(models)}." for what, models in told.items()]
    return remarks


def has_few(found: Sequence[Profile]) -> bool:
    """Whether any figure rests on too few clusters to judge it."""
    return any(
        cell is not None and cell.estimate is not None and is_few(cell.estimate)
        for one in found
        for row in one.cells
        for cell in row
    )


def _table(
    page: Sequence[tuple[Profile, list[str]]],
    shown: Sequence[tuple[int, int]],
    known: Mapping[str, Unit],
) -> Table:
    table = plain_table()
    table.add_column(Text("percent [95 % interval]"), overflow="fold")
    table.add_column(Text("baseline"), justify="right", no_wrap=True)
    for _, (heading, *_) in page:
        table.add_column(Text(heading), no_wrap=True)
    place = 1
    before = -1
    for at, column in shown:
        if at != before:
            table.add_row(Text(DIMENSIONS[at].name, style="bold"))
            before = at
        cells = [one.cells[at][column] for one, _ in page]
        table.add_row(
            _label(at, column), _baseline(cells, known), *(Text(texts[place]) for _, texts in page)
        )
        if _has_p_value(at, column):
            place += 1
            table.add_row(_P_VALUE, "", *(Text(texts[place]) for _, texts in page))
        place += 1
    return table


def _column(one: Profile, shown: Sequence[tuple[int, int]], known: Mapping[str, Unit]) -> list[str]:
    """The model's name and its cells from top to bottom, p-values on lines of their own."""
    figures, signs = [], []
    for at, place in shown:
        cell = one.cells[at][place]
        estimate = cell.estimate if cell else None
        figures.append(figure(estimate, known[estimate.metric]) if estimate else "-")
        signs.append(sign(estimate))
        if _has_p_value(at, place):
            figures.append(spread(cell.p_values, "p-value") if cell else "")
            signs.append("")
    name = broken(one_line(one.model))
    if one.benchmark != "phantom":
        name += f"\non {one_line(one.benchmark, 20)}"
    return [name, *justified(aligned(figures, signs))]


def _baseline(cells: Sequence[Cell | None], known: Mapping[str, Unit]) -> str:
    found = [cell.estimate for cell in cells if cell is not None and cell.estimate is not None]
    if not found or all(meaning(e.metric).is_difference and e.chance is None for e in found):
        return ""  # no change, which goes without saying
    return spread((e.baseline for e in found), known[found[0].metric])


def _label(at: int, place: int) -> str:
    column = _of(at, place)
    return f"  {column.title}{_ARROWS[column.better]}"


def _has_p_value(at: int, place: int) -> bool:
    return _of(at, place).group_by != "all"


def _of(at: int, place: int) -> Column:
    return DIMENSIONS[at].columns[place]

"""The part of the page about the dimensions of a model: the leaderboard's columns."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from medtrust.records import Estimate
from medtrust.reports.formats import counted, finite, number, spread
from medtrust.reports.meaning import Unit, meaning
from medtrust.reports.profile import (
    DIMENSIONS,
    SEVERITIES,
    Cell,
    Column,
    Dimension,
    Profile,
    Step,
)
from medtrust.reports.section_tasks import BLANK, figure_cell
from medtrust.reports.standing import baseline_name
from medtrust.reports.sweep import Sweep, sweep
from medtrust.reports.text import one_line
from medtrust.reports.view import CellView, DimensionView, ProfileView, RowView, TableView

_AVERAGES = (
    "Each dimension on its own, in percent with 95 % intervals, in the corrected reading. A figure "
    "over several datasets is their unweighted mean, as in the published leaderboard. One over "
    "several prompts is their mean too; its bounds are the means of their bounds, which is as wide "
    "as the interval can need to be, since the prompts ask about the same images."
)
_NO_TOTAL = (
    "No single score stands here. The dimensions trade off against each other (a model that "
    "declines everything is private, safe and useless), and how much each should weigh is for "
    "whoever uses the model to say."
)

_REMARKS = {
    "Trustfulness": "Is it right, and does it know when it is not?",
    "Fairness": "A gap is the largest difference in factuality between two groups with enough "
    "answers. Chance alone makes one: beside it stand the gap that chance gives on average and "
    "the p-value, how often chance gives one at least as large.",
    "Safety": "Three prompts that ask for harm, three harmless ones, and one that encourages rude "
    "answers.",
    "Privacy": "Prompts that ask for the patient's social security number or marital status: "
    "zero-shot, and few-shot, where the prompt tells a value. Disclosed is a value of the kind "
    "asked for, true or not.",
    "Robustness": "Released noise is what the released code adds to images, which is mostly white "
    "specks. Where nothing is said of which way is better, neither is.",
}

_BETTER = {"higher": " (higher is better)", "lower": " (lower is better)", "neither": ""}

_LABELS = tuple(label for label, _ in SEVERITIES)


def profile_view(found: Sequence[Profile], known: Mapping[str, Unit]) -> ProfileView | None:
    """A table for each dimension that has figures; None where there is no profile."""
    if not found:
        return None
    views = (
        _dimension(dimension, [(one, one.cells[place]) for one in found], known)
        for place, dimension in enumerate(DIMENSIONS)
    )
    noisy = [one for one in found if any(step.label != SEVERITIES[0][0] for step in one.sweep)]
    return ProfileView(
        about=(_AVERAGES, _NO_TOTAL),
        dimensions=tuple(view for view in views if view.table.rows),
        sweeps=tuple(_sweeps(noisy)),
        sweep_table=_sweep_table(noisy, known) if noisy else None,
    )


def to_beat(estimate: Estimate, unit: Unit) -> str:
    """The baseline in words: `to beat 39.8 (best constant)`; empty where there is none."""
    baseline = finite(estimate.baseline)
    if baseline is None:
        return ""
    if not meaning(estimate.metric).is_difference:
        name = baseline_name(estimate)
        # A mean of baselines, of which each is the better one of its dataset, is neither.
        of = f" ({name})" if name in {"chance", "best constant"} else ""
        return f"to beat {number(baseline, unit)}{of}"
    return f"by chance {number(baseline, unit)}" if estimate.chance is not None else ""


def p_values(cell: Cell) -> str:
    """`p 0.402`, or `p 0.012 to 0.402` where there is one for each of several datasets."""
    shown = spread(cell.p_values, "p-value")
    return f"p {shown}" if shown else ""


def _dimension(
    dimension: Dimension,
    rows: Iterable[tuple[Profile, Sequence[Cell | None]]],
    known: Mapping[str, Unit],
) -> DimensionView:
    filled = [(one, cells) for one, cells in rows if any(cells)]
    shown = [
        place
        for place in range(len(dimension.columns))
        if any(cells[place] is not None for _, cells in filled)
    ]
    table = TableView(
        caption=_REMARKS[dimension.name],
        columns=("Model", *(heading(dimension.columns[place]) for place in shown)),
        rows=tuple(
            _row(one, [(dimension.columns[place], cells[place]) for place in shown], known)
            for one, cells in filled
        ),
    )
    return DimensionView(dimension.name, table)


def heading(column: Column) -> str:
    """The column's title, with which way is better."""
    return column.title + _BETTER[column.better]


def _row(
    one: Profile, cells: Sequence[tuple[Column, Cell | None]], known: Mapping[str, Unit]
) -> RowView:
    sizes = Counter(cell.datasets for _, cell in cells if cell is not None)
    usual = sizes.most_common(1)[0][0]
    return RowView(
        name=one_line(one.model),
        note=one_line(one.benchmark) + (f", mean of {usual} datasets" if usual > 1 else ""),
        cells=tuple(_cell(column, cell, usual, known) for column, cell in cells),
    )


def _cell(column: Column, cell: Cell | None, usual: int, known: Mapping[str, Unit]) -> CellView:
    if cell is None:
        return BLANK
    notes = []
    if cell.estimate is not None:
        notes.append(to_beat(cell.estimate, known[cell.estimate.metric]))
        if column.group_by != "all":
            notes.append(p_values(cell))
        if cell.estimate.protocol == "official":
            notes.append("official reading")
    if cell.tasks < len(column.tasks):
        notes.append(f"{cell.tasks} of {len(column.tasks)} prompts")
    if cell.estimate is None:
        notes.append(f"{counted(cell.datasets, 'dataset')}, no mean over them")
    elif cell.datasets != usual:
        notes.append(counted(cell.datasets, "dataset"))
    shown = figure_cell(cell.estimate, known) if cell.estimate else CellView("n/a")
    return replace(shown, note="\n".join(filter(None, notes)))


def _sweeps(found: Sequence[Profile]) -> Iterator[Sweep]:
    shown = [
        {step.label: step.score.estimate for step in one.sweep if step.score.estimate}
        for one in found
    ]
    bounds = (finite(x) for one in shown for e in one.values() for x in (e.value, e.high))
    top = max((bound for bound in bounds if bound is not None), default=1.0)
    for place, (one, scores) in enumerate(zip(found, shown, strict=True), start=1):
        name = f"{one.model} on {one.benchmark}"
        yield sweep(f"sweep-{place}", name, [scores.get(label) for label in _LABELS], top)


def _sweep_table(found: Sequence[Profile], known: Mapping[str, Unit]) -> TableView:
    rows = []
    for one in found:
        steps = {step.label: step for step in one.sweep}
        rows.append(
            RowView(
                name=one_line(one.model),
                note=one_line(one.benchmark),
                cells=tuple(_step(steps.get(label), known) for label in _LABELS),
            )
        )
    return TableView(
        caption="Factuality by severity of noise, in percent, and what is lost of it. None is the "
        "plain question; 1 to 5 are Gaussian noise, ever stronger; released is what the released "
        "code adds.",
        columns=(
            "Model",
            *(f"Severity {label}" if label.isdigit() else label.capitalize() for label in _LABELS),
        ),
        rows=tuple(rows),
    )


def _step(step: Step | None, known: Mapping[str, Unit]) -> CellView:
    if step is None:
        return BLANK
    shown = figure_cell(step.score.estimate, known)
    if step.lost is None or step.lost.estimate is None:
        return shown
    lost = figure_cell(step.lost.estimate, known)
    remarks = dict.fromkeys(filter(None, (shown.remark, lost.remark)))
    note = f"lost {lost.text}\n{lost.interval}".rstrip()
    return replace(shown, note=note, remark=", ".join(remarks))

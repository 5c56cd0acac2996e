"""The part of the page about single tasks: figure, table, every number."""

from collections.abc import Mapping, Sequence

from medtrust.records import Estimate
from medtrust.reports.figure import forest
from medtrust.reports.formats import counted, interval, number, spread
from medtrust.reports.meaning import Unit, meaning, rank
from medtrust.reports.standing import mark, verdict
from medtrust.reports.summary import REFERENCES, Line, Summary, reference
from medtrust.reports.text import one_line
from medtrust.reports.view import CellView, RowView, TableView, TaskView

BLANK = CellView("")

_COUNTS = {"aside": "quarantined"}

_TOLD = 4
"""Models whose main figure stands in the line that a result is folded into."""

_ARROWS = {"higher": "", "lower": " (lower is better)", "neither": ""}

_CONTROLS = {
    "control/text-only": "The same questions without their images. A model that scores as well "
    "without the image does not look at it.",
    "control/option-swap": "The same questions with their options in another order. A model that "
    "knows the answer gives it under either letter.",
    "control/image-shuffle": "The same questions, each with the image of another one. A model that "
    "looks at the image should now do no better than chance.",
    "control/repeat": "The same questions asked again, word for word. What changes is chance.",
}


def figure_cell(estimate: Estimate | None, known: Mapping[str, Unit]) -> CellView:
    """An estimate as a cell: value, interval, and what to mind about it."""
    if estimate is None:
        return BLANK
    unit = known[estimate.metric]
    return CellView(
        text=number(estimate.value, unit),
        interval=interval(estimate.low, estimate.high, unit),
        remark=mark(estimate),
        note=f"if all missing: {bounds}" if (bounds := if_missing(estimate, unit)) else "",
    )


def task_view(
    name: str, summary: Summary, estimates: Sequence[Estimate], known: Mapping[str, Unit]
) -> TaskView:
    """Everything about one task.

    Args:
        name: Unique within the page.
        summary: The task's main figures.
        estimates: Every estimate of the task and dataset, groups included.
        known: Units, by metric.
    """
    main = summary.metrics[0]
    title = meaning(main).title
    drawn = [line.cells[0] for line in summary.headlines if line.cells[0] is not None]
    unit = known[main]
    caption = f"{title}, {one_line(summary.name)}"
    return TaskView(
        id=name,
        name=one_line(summary.name),
        main=_told(summary, unit),
        about=_CONTROLS.get(summary.task.partition(":")[0], ""),
        figure=forest(f"{name}-figure", caption, drawn, unit) if drawn else None,
        table=_main_table(summary, known),
        remarks=(f"n and missing count what {title.lower()} is a share of.",),
        detail=_detail(summary, estimates, known),
    )


def line_remark(line: Line) -> str:
    """What to mind about a line whose main figure alone is shown.

    Where the main figure has no baseline, such as factuality over open and closed questions
    together, the verdict on another figure of the same answers is what tells.
    """
    main, *others = line.cells
    if main is not None and mark(main):
        return mark(main)
    verdicts = (
        f"{meaning(cell.metric).title.lower()} {verdict(cell)}"
        for cell in others
        if cell is not None and verdict(cell)
    )
    return ", ".join(verdicts)


def _told(summary: Summary, unit: Unit) -> str:
    """The main figure of up to `_TOLD` models in a line."""
    figures = [
        f"{one_line(line.model, 30)} {number(cell.value, unit)}"
        + (f" ({remark})" if (remark := line_remark(line)) else "")
        for line in summary.headlines
        if (cell := line.cells[0]) is not None
    ]
    more = ", …" if len(figures) > _TOLD else ""
    title = meaning(summary.metrics[0]).title
    return f"{title}: {', '.join(figures[:_TOLD])}{more}" if figures else title


def _main_table(summary: Summary, known: Mapping[str, Unit]) -> TableView:
    references = (
        RowView(
            name=label,
            cells=tuple(
                CellView(reference(summary, metric, kind, known[metric]))
                for metric in summary.metrics
            ),
            is_reference=True,
        )
        for label, kind in REFERENCES
    )
    return TableView(
        caption="Rates in percent, with 95 % intervals.",
        columns=("Model", *map(_heading, summary.metrics)),
        rows=(
            *(row for row in references if any(cell.text for cell in row.cells)),
            *(_model_row(line, known) for line in summary.headlines),
        ),
    )


def _model_row(line: Line, known: Mapping[str, Unit]) -> RowView:
    notes = [f"{_COUNTS.get(name, name)} {many}" for name, many in line.counts.items()]
    if line.protocol == "official":
        notes.append("official reading")
    return RowView(
        name=one_line(line.model),
        note=", ".join(notes),
        cells=tuple(figure_cell(cell, known) for cell in line.cells),
    )


def _heading(metric: str) -> str:
    known = meaning(metric)
    return known.title + _ARROWS[known.direction]


def _detail(
    summary: Summary, estimates: Sequence[Estimate], known: Mapping[str, Unit]
) -> TableView:
    """One row an estimate of the task that is about no single group of patients."""
    whole = [e for e in estimates if e.group_by in {"all", "class", "error"}]
    rows = [_detail_row(e, known) for e in sorted(whole, key=_detail_key)]
    return TableView(
        caption=f"Every number of {one_line(summary.name)} as a whole: {counted(len(rows), 'row')}",
        columns=(
            *("Model", "Metric", "Reading", "Value", "95 % interval", "n", "Missing"),
            *("If all missing", "Clusters", "Chance", "Constant", "Text only", "To beat"),
            *("p", "p, adjusted", "Verdict", "Interval made by"),
        ),
        rows=tuple(rows),
    )


def _detail_key(e: Estimate) -> tuple[str, str, str, tuple[int, str]]:
    return (e.model, e.protocol, e.group, rank(e.metric))


def _detail_row(estimate: Estimate, known: Mapping[str, Unit]) -> RowView:
    unit = known[estimate.metric]
    name = estimate.metric if estimate.group == "all" else f"{estimate.metric}: {estimate.group}"
    baselines = (estimate.chance, estimate.constant, estimate.text_only, estimate.baseline)
    adjusted = spread((estimate.p_adjusted,), "p-value")
    texts = (
        one_line(name, 80),
        estimate.protocol,
        number(estimate.value, unit),
        interval(estimate.low, estimate.high, unit),
        str(estimate.n),
        str(estimate.missing),
        if_missing(estimate, unit),
        str(estimate.clusters),
        *(spread((value,), unit) for value in baselines),
        spread((estimate.p,), "p-value"),
        f"{adjusted} ({estimate.correction})" if adjusted else "",
        estimate.verdict,
        one_line(estimate.interval, 120),
    )
    return RowView(name=one_line(estimate.model), cells=tuple(map(CellView, texts)))


def if_missing(estimate: Estimate, unit: Unit) -> str:
    """`60.0 to 90.0`: the value were every missing answer against or for the model."""
    return spread((estimate.worst, estimate.best), unit) if estimate.missing else ""

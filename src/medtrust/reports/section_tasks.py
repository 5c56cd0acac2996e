"""The part of the page about single tasks: figure, table, every number, groups."""

from collections.abc import Iterable, Mapping, Sequence

from medtrust.records import Estimate
from medtrust.reports.figure import Axis, forest, scale_of, spark
from medtrust.reports.formats import counted, interval, number, spread
from medtrust.reports.glossary import WILSON, Unit, base_name, meaning, rank
from medtrust.reports.standing import verdict
from medtrust.reports.summary import Line, Summary, is_main, reference
from medtrust.reports.text import one_line
from medtrust.reports.view import CellView, GroupsView, RowView, TableView, TaskView

BLANK = CellView("")

_ARROWS = {"higher": "", "lower": " (lower is better)", "neither": ""}

_GROUPINGS = {
    "category/any": "pairs with at least one image of the category",
    "category/both": "pairs with both images of the category",
    "category": "weighted as in the released code, which counts a pair once for each of its "
    "images in the category",
}
"""The groupings that need explaining, in the order in which they are shown."""

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
    """An estimate as a cell: value, interval, and its standing where that is not good."""
    if estimate is None:
        return BLANK
    unit = known[estimate.metric]
    return CellView(
        text=number(estimate.value, unit),
        interval=interval(estimate.low, estimate.high, unit),
        remark=verdict(estimate),
    )


def task_view(
    name: str, summary: Summary, estimates: Sequence[Estimate], known: Mapping[str, Unit]
) -> TaskView:
    """Everything about one task.

    Args:
        name: Unique within the page.
        summary: The task's main figures.
        estimates: Every estimate of the task and dataset, groups and twins included.
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
        about=_CONTROLS.get(summary.task.partition(":")[0], ""),
        figure=forest(f"{name}-figure", caption, drawn, unit) if drawn else None,
        table=_main_table(summary, known),
        remarks=(f"n and missing count what {title.lower()} is a share of.",),
        detail=_detail(summary, estimates, known),
    )


def groups_view(
    name: str, summary: Summary, estimates: Sequence[Estimate], known: Mapping[str, Unit]
) -> GroupsView | None:
    """The main metric by group, a table for each grouping; None where there is none."""
    grouped = [e for e in estimates if e.group_by != "all" and is_main(e.metric)]
    headline = {(line.model, line.protocol) for line in summary.headlines}
    kept = [e for e in grouped if (e.model, e.protocol) in headline]
    order = [*_GROUPINGS]
    groupings = sorted(
        {e.group_by for e in kept},
        key=lambda g: (order.index(g) if g in order else len(order), g),
    )
    tables = tuple(_group_table(g, [e for e in kept if e.group_by == g], known) for g in groupings)
    return GroupsView(id=name, name=one_line(summary.name), tables=tables) if tables else None


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
        for label, kind in (("Chance", "chance"), ("Best constant answer", "constant"))
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
    notes = [f"n {line.main.n}, missing {line.main.missing}"] if line.main else []
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


def _group_table(grouping: str, estimates: list[Estimate], known: Mapping[str, Unit]) -> TableView:
    metric = min((e.metric for e in estimates), key=rank)
    chosen = [e for e in estimates if e.metric == metric]
    models = list(dict.fromkeys(e.model for e in chosen))
    cells = {(e.group, e.model): e for e in chosen}
    unit = known[metric]
    scale = scale_of(chosen)
    rows = []
    for group in dict.fromkeys(e.group for e in chosen):
        own = [e for e in chosen if e.group == group]
        chance = spread((e.chance for e in own), unit)
        rows.append(
            RowView(
                name=one_line(group),
                note=f"n {_counts(e.n for e in own)}" + (f", chance {chance}" if chance else ""),
                cells=tuple(_group_cell(cells.get((group, m)), unit, scale) for m in models),
            )
        )
    explained = _GROUPINGS.get(grouping)
    label = one_line(grouping.partition("/")[0] if explained else grouping)
    return TableView(
        caption=f"{meaning(metric).title} by {label}" + (f": {explained}" if explained else ""),
        columns=(label[:1].upper() + label[1:], *map(one_line, models)),
        rows=tuple(rows),
    )


def _group_cell(estimate: Estimate | None, unit: Unit, scale: Axis) -> CellView:
    if estimate is None:
        return BLANK
    return CellView(
        text=number(estimate.value, unit),
        interval=interval(estimate.low, estimate.high, unit),
        spark=spark(estimate, scale),
    )


def _counts(numbers: Iterable[int]) -> str:
    ordered = sorted(numbers)
    low, high = ordered[0], ordered[-1]
    return str(low) if low == high else f"{low} to {high}"


def _detail(
    summary: Summary, estimates: Sequence[Estimate], known: Mapping[str, Unit]
) -> TableView:
    """One row an estimate; a Wilson twin joins the row of the estimate it belongs to."""
    twins = {_detail_key(e): e for e in estimates if e.metric.endswith(WILSON)}
    ordered = sorted((e for e in estimates if not e.metric.endswith(WILSON)), key=_detail_key)
    rows = [_detail_row(e, twins.pop(_detail_key(e), None), known) for e in ordered]
    rows += [_detail_row(e, e, known) for e in twins.values()]
    return TableView(
        caption=f"Every number of {one_line(summary.name)}: {counted(len(rows), 'row')}",
        columns=(
            *("Model", "Metric", "Reading", "Group", "Value", "95 % interval"),
            *("Wilson interval", "n", "Missing", "Clusters", "Chance", "Constant", "To beat"),
        ),
        rows=tuple(rows),
    )


def _detail_key(e: Estimate) -> tuple[str, str, str, str, tuple[int, str]]:
    return (e.model, e.protocol, e.group_by, e.group, rank(base_name(e.metric)))


def _detail_row(estimate: Estimate, twin: Estimate | None, known: Mapping[str, Unit]) -> RowView:
    """A row of an estimate and its twin; a twin on its own is given as both."""
    unit = known[estimate.metric]
    group = "" if estimate.group_by == "all" else f"{estimate.group_by}: {estimate.group}"
    texts = (
        one_line(estimate.metric),
        estimate.protocol,
        one_line(group),
        number(estimate.value, unit),
        "" if estimate is twin else interval(estimate.low, estimate.high, unit),
        interval(twin.low, twin.high, unit) if twin is not None else "",
        str(estimate.n),
        str(estimate.missing),
        str(estimate.clusters),
        *(
            spread((value,), unit)
            for value in (estimate.chance, estimate.constant, estimate.baseline)
        ),
    )
    return RowView(name=one_line(estimate.model), cells=tuple(map(CellView, texts)))

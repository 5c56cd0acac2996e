"""The parts of the page about all tasks: overview, missing answers, calibration, readings."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from medtrust.records import Estimate
from medtrust.reports.formats import counted, finite, number
from medtrust.reports.meaning import INTERVALS, Unit, meaning, rank
from medtrust.reports.profile import is_mean
from medtrust.reports.section_tasks import BLANK, figure_cell, line_remark
from medtrust.reports.summary import Line, Summary, task_name
from medtrust.reports.text import one_line, visible
from medtrust.reports.view import CellView, RowView, TableView, TermView

_ABOUT = (
    "What an interval covers: the value on more questions of this kind, from more patients or "
    "images of this kind. One about these questions covers only the chance of draws. None covers "
    "another hospital, another prompt, or wrong references."
)
_BETTER = {"higher": "higher is better", "lower": "lower is better", "neither": ""}


def overview(summaries: Sequence[Summary], known: Mapping[str, Unit]) -> TableView:
    """The main figure of each task (rows) and model (columns)."""
    scored = [s for s in summaries if not s.is_control] or list(summaries)
    models = list(dict.fromkeys(line.model for s in scored for line in s.lines))
    rows = []
    for summary in scored:
        cells = {
            line.model: replace(figure_cell(line.cells[0], known), remark=line_remark(line))
            for line in summary.headlines
            if line.cells[0] is not None
        }
        rows.append(
            RowView(
                name=one_line(summary.name),
                note=meaning(summary.metrics[0]).title,
                cells=tuple(cells.get(model, BLANK) for model in models),
            )
        )
    return TableView(
        caption="Main figure of each task in percent, with its 95 % interval.",
        columns=("Task", *map(one_line, models)),
        rows=tuple(rows),
    )


def missing(summaries: Sequence[Summary]) -> TableView | None:
    """Which tasks lack answers of which model; None where no answer is missing."""
    rows = [
        RowView(
            name=one_line(line.model),
            note=one_line(summary.name),
            cells=(
                CellView(f"{cell.missing:,}"),
                CellView(meaning(cell.metric).title),
            ),
        )
        for summary in summaries
        for line in summary.headlines
        if (cell := _most_missing(line)) is not None
    ]
    if not rows:
        return None
    return TableView(
        caption="Not counted because an answer is missing. Missing answers are never "
        "scored as wrong.",
        columns=("Model and task", "Missing", "Counted for"),
        rows=tuple(rows),
        is_text=True,
    )


def calibration(estimates: Sequence[Estimate], known: Mapping[str, Unit]) -> TableView | None:
    """Calibration figures of every task and model; None where there are none."""
    found = [
        e for e in estimates if e.group_by == "all" and meaning(e.metric).place == "calibration"
    ]
    if not found:
        return None
    metrics = sorted({e.metric for e in found}, key=rank)
    cells = {(e.task, e.dataset, e.model, e.protocol, e.metric): e for e in found}
    rows = []
    for key in dict.fromkeys((e.task, e.dataset, e.model, e.protocol) for e in found):
        task, dataset, model, protocol = key
        rows.append(
            RowView(
                name=one_line(model),
                note=one_line(f"{task_name(task, dataset)}, {protocol} reading"),
                cells=tuple(figure_cell(cells.get((*key, metric)), known) for metric in metrics),
            )
        )
    return TableView(
        caption="How sure the models are of their answers, and how rightly. In percent, with "
        "95 % intervals.",
        columns=("Model and task", *(meaning(metric).title for metric in metrics)),
        rows=tuple(rows),
    )


def readings(summaries: Sequence[Summary], known: Mapping[str, Unit]) -> TableView | None:
    """Official beside corrected, with how many answers they disagree on; None without both."""
    rows = []
    for summary in summaries:
        official = {line.model: line for line in summary.lines if line.protocol == "official"}
        differing = {e.model: e for e in summary.disagreements}
        for line in summary.headlines:
            other = official.get(line.model)
            if line is other or (other is None and line.model not in differing):
                continue
            rows.append(
                RowView(
                    name=one_line(line.model),
                    note=one_line(f"{summary.name}, {meaning(summary.metrics[0]).title.lower()}"),
                    cells=(
                        _plain(other.cells[0] if other else None, known),
                        _plain(line.cells[0], known),
                        _change(other, line, known),
                        _share(differing.get(line.model)),
                    ),
                )
            )
    if not rows:
        return None
    return TableView(
        caption="The main figure of each task in both readings, in percent, and the answers for "
        "which the two readings choose differently.",
        columns=("Model and task", "Official", "Corrected", "Change", "Answers chosen differently"),
        rows=tuple(rows),
    )


def glossary(estimates: Sequence[Estimate]) -> tuple[TermView, ...]:
    """An entry for each metric of the result, in order, then for each kind of interval."""
    names = sorted({e.metric for e in estimates}, key=rank)
    made = {e.interval.split(" ")[0] for e in estimates if e.interval}
    terms = [
        TermView(
            title=meaning(name).title,
            name=one_line(name),
            plain=meaning(name).sentence,
            better=_BETTER[meaning(name).direction],
        )
        for name in names
    ]
    terms += [
        TermView(title="Interval", name=name, plain=plain, better="")
        for name, plain in INTERVALS.items()
        if name in made
    ]
    if made:
        like = "questions like these"
        terms.append(TermView(title="Interval", name=like, plain=_ABOUT, better=""))
    return tuple(terms)


def notes(given: Sequence[str]) -> tuple[str, ...]:
    """Warnings, each bounded in length but none left out."""
    return tuple(visible(note) for note in given)


def title(summaries: Sequence[Summary]) -> str:
    """The page's title: how much it is about."""
    models = {line.model for s in summaries for line in s.lines}
    tasks = {s.task for s in summaries if not s.is_control}
    return f"Trust report: {counted(len(models), 'model')}, {counted(len(tasks), 'task')}"


def lead(summaries: Sequence[Summary]) -> str:
    """What was measured, in one plain paragraph."""
    models = {line.model for s in summaries for line in s.lines}
    datasets = {s.dataset for s in summaries if not is_mean(s.dataset)}
    controls = {s.task for s in summaries if s.is_control}
    tasks = {s.task for s in summaries} - controls
    checks = f" and {counted(len(controls), 'control')}" if controls else ""
    return (
        f"{counted(len(models), 'model')} answered {counted(len(tasks), 'task')}{checks} on "
        f"{counted(len(datasets), 'dataset')}. Each figure comes with its 95 % interval. "
        "Beside it stand baselines that need no ability: chance, which is what random answers "
        "would score, the best constant answer, and, where it was asked, the model without the "
        "images. A figure that is not shown to be better than all of them on the same questions "
        "is marked."
    )


def _most_missing(line: Line) -> Estimate | None:
    """The main figure if it lacks answers, else whichever figure lacks most."""
    cells = [cell for cell in line.cells if cell is not None and cell.missing > 0]
    if line.main in cells:
        return line.main
    return max(cells, key=lambda cell: cell.missing, default=None)


def _plain(estimate: Estimate | None, known: Mapping[str, Unit]) -> CellView:
    return replace(figure_cell(estimate, known), remark="")


def _change(other: Line | None, line: Line, known: Mapping[str, Unit]) -> CellView:
    pair = (other.cells[0] if other else None, line.cells[0])
    if pair[0] is None or pair[1] is None:
        return BLANK
    before, after = finite(pair[0].value), finite(pair[1].value)
    if before is None or after is None:
        return BLANK
    change = number(after - before, known[pair[1].metric])
    return CellView(change if change.startswith("-") else f"+{change}")


def _share(estimate: Estimate | None) -> CellView:
    if estimate is None:
        return BLANK
    return CellView(f"{round((estimate.value or 0) * estimate.n):,} of {estimate.n:,}")

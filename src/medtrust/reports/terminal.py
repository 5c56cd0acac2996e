"""The main figures in the terminal: plain text that needs neither colour nor width."""

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from medtrust.records import Estimate
from medtrust.reports.brief import brief
from medtrust.reports.formats import NOTHING, interval, number, units
from medtrust.reports.glossary import Unit, meaning
from medtrust.reports.result import Result
from medtrust.reports.standing import verdict
from medtrust.reports.summary import Line, Summary, reference, summarize
from medtrust.reports.text import one_line, visible

_NAME = 30
"""Columns of the terminal given to a model's name; a longer one is folded."""
_GAP = 2
"""Blanks between two columns: one of padding, one of the box."""
_HEAD = "percent [95 % interval]"
_OFFICIAL = "  in the official reading"


def print_tables(result: Result, console: Console) -> None:
    """Print one table for each task and dataset, then what to mind when reading it.

    A table wider than the console is continued below with its further metrics.
    """
    known = units(result.estimates)
    for note in result.notes:
        console.print(Text(f"! {one_line(note, 300)}", style="bold"))
    for whole in summarize(result.estimates):
        summary, left_out = brief(whole)
        console.print()
        console.print(Text(one_line(summary.name), style="bold"), soft_wrap=False)
        for metrics in _pages(summary, known, console.width):
            console.print(_table(summary, metrics, known))
            console.print()
        for remark in (*left_out, *_remarks(summary, known)):
            console.print(Text(visible(remark, 2000)))
    if any(estimate.group_by != "all" for estimate in result.estimates):
        console.print()
        console.print(Text("Figures by group are in the page and in the exported table."))


def _pages(summary: Summary, known: dict[str, Unit], width: int) -> list[list[str]]:
    """Metrics in as many tables as the width demands, the first with n and missing."""
    names = max([len(_HEAD), *(cell_len(_name(line)) for line in summary.lines)])
    fixed = min(names, _NAME) + _GAP
    pages: list[list[str]] = [[]]
    room = width - fixed - 2 * (len("missing") + _GAP)
    for metric in summary.metrics:
        needed = _GAP + max(map(cell_len, _column(summary, metric, known[metric])))
        if needed > room and pages[-1]:
            pages.append([])
            room = width - fixed
        pages[-1].append(metric)
        room -= needed
    return pages


def _table(summary: Summary, metrics: list[str], known: dict[str, Unit]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 0, 0, 1), pad_edge=False, show_edge=False)
    table.add_column(Text(_HEAD), max_width=_NAME, overflow="fold")
    for metric in metrics:
        table.add_column(Text(one_line(meaning(metric).title, 24)), justify="right", no_wrap=True)
    counted = metrics[:1] == list(summary.metrics[:1])
    if counted:
        table.add_column("n", justify="right", no_wrap=True)
        table.add_column("missing", justify="right", no_wrap=True)
    columns = [_column(summary, metric, known[metric])[1:] for metric in metrics]
    names = ["chance", "best constant", *(_name(line) for line in summary.lines)]
    counts = [("", ""), ("", ""), *(_counts(line) for line in summary.lines)]
    for name, numbers, cells in zip(names, counts, zip(*columns, strict=True), strict=True):
        if name in {"chance", "best constant"} and not any(cells):
            continue
        shown = [name, *cells, *(numbers if counted else ())]
        table.add_row(*map(Text, shown))
    return table


def _column(summary: Summary, metric: str, unit: Unit) -> list[str]:
    """A metric's heading and cells, from top to bottom."""
    at = summary.metrics.index(metric)
    return [
        one_line(meaning(metric).title, 24),
        _aligned(reference(summary, metric, "chance", unit)),
        _aligned(reference(summary, metric, "constant", unit)),
        *(_cell(line.cells[at], unit) for line in summary.lines),
    ]


def _cell(estimate: Estimate | None, unit: Unit) -> str:
    if estimate is None:
        return _aligned(NOTHING)
    bounds = interval(estimate.low, estimate.high, unit)
    mark = "*" if verdict(estimate) else " "
    return f"{number(estimate.value, unit)} {bounds}".rstrip() + mark


def _aligned(text: str) -> str:
    """With room for the mark that other cells of the column may have."""
    return f"{text} " if text else ""


def _counts(line: Line) -> tuple[str, str]:
    return (str(line.main.n), str(line.main.missing)) if line.main else ("", "")


def _name(line: Line) -> str:
    return one_line(line.model) if line.headline else _OFFICIAL


def _remarks(summary: Summary, known: dict[str, Unit]) -> list[str]:
    title = meaning(summary.metrics[0]).title.lower()
    remarks = [f"n and missing count what {title} is a share of."]
    lower = [m for m in map(meaning, summary.metrics) if m.direction == "lower"]
    if lower:
        remarks.append(f"Lower is better: {', '.join(m.title.lower() for m in lower)}.")
    remarks += [
        remark
        for column, metric in enumerate(summary.metrics)
        for remark in _marked(summary, column, known[metric])
    ]
    shares = [
        f"{one_line(e.model)} {round((e.value or 0) * e.n)} of {e.n}" for e in summary.disagreements
    ]
    if shares:
        remarks.append(f"Answers that the two readings disagree on: {', '.join(shares)}.")
    return remarks


def _marked(summary: Summary, column: int, unit: Unit) -> list[str]:
    """What the asterisks of a column say, one remark for each verdict."""
    found: dict[str, dict[str, list[Line]]] = {}
    for line in summary.lines:
        cell = line.cells[column]
        if cell is not None and verdict(cell):
            against = f"{verdict(cell)} ({number(cell.baseline, unit)})"
            found.setdefault(against, {}).setdefault(line.model, []).append(line)
    title = meaning(summary.metrics[column]).title
    return [
        f"* {title} {against}: {', '.join(map(_whose, models.values()))}."
        for against, models in found.items()
    ]


def _whose(lines: list[Line]) -> str:
    """A model, and which of its readings where that is not the one to quote."""
    name = one_line(lines[0].model)
    if len(lines) > 1:
        return f"{name} (both readings)"
    return name if lines[0].headline else f"{name} (official)"

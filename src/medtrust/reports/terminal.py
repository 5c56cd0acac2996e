"""The main figures in the terminal: plain text that needs neither colour nor width."""

import re

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
from medtrust.reports.standing import FEW, is_few, mark, verdict
from medtrust.reports.summary import Line, Summary, reference, summarize
from medtrust.reports.text import one_line, visible

_NAME = 30
"""Columns of the terminal given to a model's name; a longer one goes on below."""
_GAP = 2
"""Blanks between two columns: one of padding, one of the box."""
_HEAD = "percent [95 % interval]"
_OFFICIAL = "  in the official reading"


def print_tables(result: Result, console: Console) -> None:
    """Print one table for each task and dataset, then what to mind when reading it.

    A table wider than the console is continued below with its further metrics.
    """
    known = units(result.estimates)
    for note in result.warnings:
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
        console.print(Text("Figures by group: `--json`, or `medtrust report RUN --html FILE`."))


def _pages(summary: Summary, known: dict[str, Unit], width: int) -> list[list[str]]:
    """Metrics in as many tables as the width demands, the first with n and missing."""
    names = max(
        [len(_HEAD), *(cell_len(row) for line in summary.lines for row in _name(line).split("\n"))]
    )
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
    columns = [_column(summary, metric, known[metric]) for metric in metrics]
    for heading, *_ in columns:
        table.add_column(Text(heading), no_wrap=True)
    counted = metrics[:1] == list(summary.metrics[:1])
    if counted:
        table.add_column("n", justify="right", no_wrap=True)
        table.add_column("missing", justify="right", no_wrap=True)
    rows = zip(*(cells for _, *cells in columns), strict=True)
    names = ["chance", "best constant", *(_name(line) for line in summary.lines)]
    counts = [("", ""), ("", ""), *(_counts(line) for line in summary.lines)]
    for name, numbers, cells in zip(names, counts, rows, strict=True):
        if name in {"chance", "best constant"} and not any(map(str.strip, cells)):
            continue
        shown = [name, *cells, *(numbers if counted else ())]
        table.add_row(*map(Text, shown))
    return table


def _column(summary: Summary, metric: str, unit: Unit) -> list[str]:
    """A metric's heading and cells, from top to bottom."""
    at = summary.metrics.index(metric)
    cells = [line.cells[at] for line in summary.lines]
    references = [reference(summary, metric, kind, unit) for kind in ("chance", "constant")]
    marks = ["", "", *map(_mark, cells)]
    # Room in every cell for the mark that another one has keeps the figures aligned.
    room = max(1, *map(len, marks))
    figures = [*references, *(_figure(cell, unit) for cell in cells)]
    texts = [
        one_line(meaning(metric).title, 24),
        *(
            figure + found.ljust(room) if figure else ""
            for figure, found in zip(figures, marks, strict=True)
        ),
    ]
    # Justified here, since rich takes the room away again when it justifies to the right.
    width = max(map(cell_len, texts))
    return [" " * (width - cell_len(text)) + text for text in texts]


def _figure(estimate: Estimate | None, unit: Unit) -> str:
    if estimate is None:
        return NOTHING
    bounds = interval(estimate.low, estimate.high, unit)
    return f"{number(estimate.value, unit)} {bounds}".rstrip()


def _mark(estimate: Estimate | None) -> str:
    if estimate is None or not mark(estimate):
        return ""
    return " few" if is_few(estimate) else "*"


def _counts(line: Line) -> tuple[str, str]:
    return (str(line.main.n), str(line.main.missing)) if line.main else ("", "")


def _name(line: Line) -> str:
    return _broken(one_line(line.model)) if line.headline else _OFFICIAL


def _broken(name: str) -> str:
    """A name too long for its column, such as a path, on several lines that end in `/`."""
    if cell_len(name) <= _NAME:
        return name
    lines = [""]
    for part in map(_shortened, re.findall(r"[^/]*/|[^/]+", name)):
        if lines[-1] and cell_len(lines[-1] + part) > _NAME:
            lines.append("")
        lines[-1] += part
    return "\n".join(lines)


def _shortened(part: str) -> str:
    """The part, without its middle where it does not fit in a line."""
    cut = part
    while cell_len(cut) > _NAME:
        kept = len(cut.replace("…", "")) - 1
        head = kept // 2
        cut = f"{part[:head]}…{part[len(part) - (kept - head) :]}"
    return cut


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
    if any(cell is not None and is_few(cell) for line in summary.lines for cell in line.cells):
        remarks.append(f"few: {FEW}.")
    shares = [
        f"{one_line(e.model)} {round((e.value or 0) * e.n)} of {e.n}" for e in summary.disagreements
    ]
    if shares:
        told = "Answers for which the two readings choose differently"
        remarks.append(f"{told}: {', '.join(shares)}.")
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

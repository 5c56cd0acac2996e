"""The main figures in the terminal: plain text that needs neither colour nor width."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from medtrust.reports.brief import brief
from medtrust.reports.formats import number, units
from medtrust.reports.meaning import Unit, meaning
from medtrust.reports.profile import Profile, profiles
from medtrust.reports.result import Result
from medtrust.reports.section_tasks import if_missing
from medtrust.reports.standing import FEW, is_few, verdict
from medtrust.reports.summary import (
    ASIDE,
    LONG,
    REFERENCES,
    Line,
    Summary,
    numbered,
    reference,
    summarize,
)
from medtrust.reports.terminal_cells import (
    GAP,
    NAME,
    aligned,
    broken,
    figure,
    justified,
    plain_table,
    sign,
)
from medtrust.reports.terminal_lines import line_tables
from medtrust.reports.terminal_profile import has_few, profile_remarks, profile_tables
from medtrust.reports.text import one_line, visible

_NOTES = 12
"""Warnings that are printed; the page has them all."""
_HEAD = "percent [95 % interval]"
_OFFICIAL = "  in the official reading"


def print_tables(result: Result, console: Console) -> None:
    """Print what to mind first, the profile where there is one, and the main figures.

    Figures come in a table for each task and dataset; where there are more than `LONG` of
    these, in a line for each task and model. A table wider than the console is continued
    below with its further columns.
    """
    known = units(result.estimates)
    summaries = summarize(result.estimates)
    _print_notes(result.warnings, console)
    _print_profile(profiles(numbered(result.estimates)), known, console)
    if len(summaries) > LONG:
        _print_lines(summaries, known, console)
        return
    for summary in summaries:
        _print_summary(summary, known, console)
    if any(estimate.group_by != "all" for estimate in result.estimates):
        console.print()
        console.print(Text("Figures by group: `--json`, or `medtrust report RUN --html FILE`."))


def _print_notes(notes: Sequence[str], console: Console) -> None:
    for note in notes[:_NOTES]:
        console.print(Text(f"! {one_line(note, 300)}", style="bold"))
    if len(notes) > _NOTES:
        more = f"! And {len(notes) - _NOTES} more in `medtrust report RUN --html FILE`."
        console.print(Text(more, style="bold"))


def _print_profile(found: Sequence[Profile], known: dict[str, Unit], console: Console) -> None:
    if not found:
        return
    console.print()
    console.print(Text("Profile by dimension", style="bold"))
    for table in profile_tables(found, known, console.width):
        console.print(table)
        console.print()
    few = [f"few: {FEW}."] if has_few(found) else []
    for remark in (*profile_remarks(found, known), *few):
        console.print(Text(visible(remark, 2000)))


def _print_lines(summaries: Sequence[Summary], known: dict[str, Unit], console: Console) -> None:
    console.print()
    console.print(Text("Main figure of each task, in percent [95 % interval]", style="bold"))
    for heading, table, remarks in line_tables(summaries, known):
        console.print()
        console.print(Text(heading, style="bold"))
        console.print(table)
        for remark in remarks:
            console.print(Text(visible(remark, 2000)))
    if any(line.main is not None and is_few(line.main) for s in summaries for line in s.headlines):
        console.print(Text(f"few: {FEW}."))
    console.print()
    where = "`--json`, or `medtrust report RUN --html FILE`"
    console.print(Text(f"All other metrics, the official reading and figures by group: {where}."))


def _print_summary(whole: Summary, known: dict[str, Unit], console: Console) -> None:
    summary, left_out = brief(whole)
    console.print()
    console.print(Text(one_line(summary.name), style="bold"), soft_wrap=False)
    for metrics in _pages(summary, known, console.width):
        console.print(_table(summary, metrics, known))
        console.print()
    for remark in (*left_out, *_remarks(summary, known)):
        console.print(Text(visible(remark, 2000)))


def _pages(summary: Summary, known: dict[str, Unit], width: int) -> list[list[str]]:
    """Metrics in as many tables as the width demands, the first with n and missing."""
    names = max(
        [len(_HEAD), *(cell_len(row) for line in summary.lines for row in _name(line).split("\n"))]
    )
    fixed = min(names, NAME) + GAP
    pages: list[list[str]] = [[]]
    room = width - fixed - len(summary.counts) * (len("missing") + GAP)
    for metric in summary.metrics:
        needed = GAP + max(map(cell_len, _column(summary, metric, known[metric])))
        if needed > room and pages[-1]:
            pages.append([])
            room = width - fixed
        pages[-1].append(metric)
        room -= needed
    return pages


def _table(summary: Summary, metrics: list[str], known: dict[str, Unit]) -> Table:
    table = plain_table()
    table.add_column(Text(_HEAD), max_width=NAME, overflow="fold")
    columns = [_column(summary, metric, known[metric]) for metric in metrics]
    for heading, *_ in columns:
        table.add_column(Text(heading), no_wrap=True)
    counts = summary.counts if metrics[:1] == list(summary.metrics[:1]) else ()
    for heading in counts:
        table.add_column(heading, justify="right", no_wrap=True)
    rows = zip(*(cells for _, *cells in columns), strict=True)
    names = [
        *(name.removesuffix(" answer").lower() for name, _ in REFERENCES),
        *map(_name, summary.lines),
    ]
    told: list[dict[str, str]] = [{} for _ in REFERENCES]
    told += [line.counts for line in summary.lines]
    for place, (name, numbers, cells) in enumerate(zip(names, told, rows, strict=True)):
        if place < len(REFERENCES) and not any(map(str.strip, cells)):
            continue
        table.add_row(*map(Text, (name, *cells, *(numbers.get(count, "") for count in counts))))
    return table


def _column(summary: Summary, metric: str, unit: Unit) -> list[str]:
    """A metric's heading and cells, from top to bottom."""
    at = summary.metrics.index(metric)
    cells = [line.cells[at] for line in summary.lines]
    references = [reference(summary, metric, kind, unit) for _, kind in REFERENCES]
    figures = [*references, *(figure(cell, unit) for cell in cells)]
    shown = aligned(figures, [*("" for _ in REFERENCES), *map(sign, cells)])
    return justified([one_line(meaning(metric).title, 24), *shown])


def _name(line: Line) -> str:
    return broken(one_line(line.model)) if line.headline else _OFFICIAL


def _remarks(summary: Summary, known: dict[str, Unit]) -> list[str]:
    title = meaning(summary.metrics[0]).title.lower()
    remarks = [f"n and missing count what {title} is a share of."]
    if "aside" in summary.counts:
        remarks.append(ASIDE)
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
    remarks += _bounds(summary, known)
    shares = [
        f"{one_line(e.model)} {round((e.value or 0) * e.n)} of {e.n}" for e in summary.disagreements
    ]
    if shares:
        told = "Answers for which the two readings choose differently"
        remarks.append(f"{told}: {', '.join(shares)}.")
    return remarks


def _bounds(summary: Summary, known: dict[str, Unit]) -> list[str]:
    """What the main figure could be at all, where answers are missing."""
    mains = [(line, line.main) for line in summary.headlines]
    found = [
        f"{one_line(line.model)} {if_missing(main, known[main.metric])}"
        for line, main in mains
        if main is not None and if_missing(main, known[main.metric])
    ]
    told = "Were all missing answers wrong, or all right"
    return [f"{told}: {', '.join(found)}."] if found else []


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

"""The main figures as a LaTeX table for a paper."""

from collections.abc import Sequence
from pathlib import Path

from medtrust.records import Estimate
from medtrust.reports.atomic import write_named
from medtrust.reports.formats import interval, number, units
from medtrust.reports.meaning import Unit, meaning
from medtrust.reports.summary import REFERENCES, Line, Summary, reference, summarize
from medtrust.reports.text import one_line

_SPECIAL = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        '"': r"\textquotedbl{}",
        **{char: f"\\{char}" for char in "&%$#_{}"},
    }
)

_COUNTS = {"n": "$n$", "missing": "Missing", "aside": "Quarantined"}

_HEAD = (
    "% Written by medtrust. Needs \\usepackage{booktabs} and \\usepackage[T1]{fontenc}.\n"
    "% Rates are in percent, with 95 % intervals in brackets.\n"
)


def write_latex(estimates: Sequence[Estimate], path: Path) -> None:
    """Write one booktabs `tabular` a task: models and readings in rows, metrics in columns."""
    known = units(estimates)
    tables = (_tabular(summary, known) for summary in summarize(estimates))
    write_named(path, _HEAD + "".join(f"\n{table}" for table in tables))


def escape(text: str) -> str:
    """One line of text in which no character commands LaTeX anything."""
    return one_line(text).translate(_SPECIAL)


def _tabular(summary: Summary, known: dict[str, Unit]) -> str:
    titles = [escape(meaning(metric).title) for metric in summary.metrics]
    counts = [_COUNTS[name] for name in summary.counts]
    blank = [""] * len(counts)
    references = [
        [name, "", *(reference(summary, m, kind, known[m]) for m in summary.metrics), *blank]
        for name, kind in REFERENCES
    ]
    body = [
        r"\begin{tabular}{ll" + "r" * (len(titles) + len(counts)) + "}",
        r"\toprule",
        _row(["Model", "Reading", *titles, *counts]),
        r"\midrule",
        *(_row(cells) for cells in references if any(cells[2:])),
        *(_row(_cells(line, summary, known)) for line in summary.lines),
        r"\bottomrule",
        r"\end{tabular}",
    ]
    return f"% {escape(summary.name)}\n" + "\n".join(body) + "\n"


def _cells(line: Line, summary: Summary, known: dict[str, Unit]) -> list[str]:
    figures = [
        _figure(cell, known[metric])
        for cell, metric in zip(line.cells, summary.metrics, strict=True)
    ]
    counts = [line.counts.get(name, "") for name in summary.counts]
    return [escape(line.model), line.protocol, *figures, *counts]


def _figure(estimate: Estimate | None, unit: Unit) -> str:
    if estimate is None:
        return "--"
    # Braces keep a bracket at the start of a cell from being read as an option of `\\`.
    bounds = interval(estimate.low, estimate.high, unit)
    return (
        f"{number(estimate.value, unit)} {{{bounds}}}" if bounds else number(estimate.value, unit)
    )


def _row(cells: list[str]) -> str:
    return " & ".join(cells) + r" \\"

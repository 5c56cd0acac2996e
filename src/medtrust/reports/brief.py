"""A summary without what says nothing new: for the terminal, where lines are dear."""

from dataclasses import replace

from medtrust.records import Estimate
from medtrust.reports.meaning import meaning
from medtrust.reports.summary import Line, Summary

QUIET_AT_ZERO = frozenset({"abstention", "unparseable", "tie"})
"""Causes of an invalid answer: a column of zeros is said in one line."""


def brief(summary: Summary) -> tuple[Summary, list[str]]:
    """The summary with fewer columns and lines, and a remark for what was taken out.

    A reading's line goes where it equals the model's corrected one in every figure
    that both have; a cause of invalid answers goes where no model has any.
    """
    remarks = []
    quiet = [
        name
        for at, name in enumerate(summary.metrics)
        if name in QUIET_AT_ZERO and all(_is_zero(line.cells[at]) for line in summary.lines)
    ]
    if 0 < len(quiet) < len(summary.metrics):
        kept = [at for at, name in enumerate(summary.metrics) if name not in quiet]
        summary = replace(
            summary,
            metrics=tuple(summary.metrics[at] for at in kept),
            lines=tuple(
                replace(line, cells=tuple(line.cells[at] for at in kept)) for line in summary.lines
            ),
        )
        titles = ", ".join(meaning(name).title.lower() for name in quiet)
        remarks.append(f"None for any model: {titles}.")
    quoted = {line.model: line for line in summary.headlines}
    differing = tuple(
        line for line in summary.lines if line.headline or _differs(line, quoted[line.model])
    )
    if len(differing) < len(summary.lines):
        remarks.append(
            "Without a line of its own, the official reading gives the same shared figures."
        )
    return replace(summary, lines=differing), remarks


def _is_zero(cell: Estimate | None) -> bool:
    return cell is None or not cell.value


def _differs(line: Line, quoted: Line) -> bool:
    return any(
        ours is not None and theirs is not None and _figure(ours) != _figure(theirs)
        for ours, theirs in zip(line.cells, quoted.cells, strict=True)
    )


def _figure(cell: Estimate) -> tuple[float | None, int]:
    """Value and denominator; shares of nothing are alike, whatever the protocol calls them."""
    return (cell.value if cell.n else None, cell.n)

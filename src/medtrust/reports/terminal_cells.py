"""Figures and names as a column of the terminal holds them."""

import re
from collections.abc import Sequence

from rich import box
from rich.cells import cell_len
from rich.table import Table

from medtrust.records import Estimate
from medtrust.reports.formats import NOTHING, interval, number
from medtrust.reports.meaning import Unit
from medtrust.reports.standing import is_few, mark

NAME = 30
"""Columns of the terminal given to a model's name; a longer one goes on below."""
GAP = 2
"""Blanks between two columns: one of padding, one of the box."""


def plain_table() -> Table:
    """A table without columns yet, and without lines but the one under its heading."""
    return Table(box=box.SIMPLE_HEAD, padding=(0, 0, 0, 1), pad_edge=False, show_edge=False)


def figure(estimate: Estimate | None, unit: Unit) -> str:
    """`17.0 [10.8, 23.5]`."""
    if estimate is None:
        return NOTHING
    bounds = interval(estimate.low, estimate.high, unit)
    return f"{number(estimate.value, unit)} {bounds}".rstrip()


def sign(estimate: Estimate | None) -> str:
    """The short mark behind a figure: an asterisk for a verdict, ` few`, or nothing."""
    if estimate is None or not mark(estimate):
        return ""
    return " few" if is_few(estimate) else "*"


def aligned(figures: Sequence[str], signs: Sequence[str]) -> list[str]:
    """Each figure with its sign and room for the longest one, so that figures stay aligned."""
    room = max(1, *map(len, signs))
    return [
        shown + found.ljust(room) if shown else ""
        for shown, found in zip(figures, signs, strict=True)
    ]


def justified(texts: Sequence[str]) -> list[str]:
    """The texts moved to the right of their column.

    Justified here, since rich takes the room of `aligned` away again.
    """
    width = max(map(cell_len, texts))
    return [" " * (width - cell_len(text)) + text for text in texts]


def broken(name: str) -> str:
    """A name too long for its column, such as a path, on several lines that end in `/`."""
    if cell_len(name) <= NAME:
        return name
    lines = [""]
    for part in map(_shortened, re.findall(r"[^/]*/|[^/]+", name)):
        if lines[-1] and cell_len(lines[-1] + part) > NAME:
            lines.append("")
        lines[-1] += part
    return "\n".join(lines)


def _shortened(part: str) -> str:
    """The part, without its middle where it does not fit in a line."""
    cut = part
    while cell_len(cut) > NAME:
        kept = len(cut.replace("…", "")) - 1
        head = kept // 2
        cut = f"{part[:head]}…{part[len(part) - (kept - head) :]}"
    return cut

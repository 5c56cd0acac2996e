"""A bar for each model on standard error: rate, time left, what failed, what it cost."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from medtrust.commands.screen import Screen
from medtrust.reports.text import LINE, one_line
from medtrust.runner.tally import Tally, Watcher


@contextmanager
def progress() -> Iterator[Callable[[str], Watcher]]:
    """Yields a function from a model's name to a watcher that draws its bar.

    Where standard error is no terminal, only warnings are written.
    """
    console = Screen(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[state]}"),
    )
    with Progress(*columns, console=console, disable=not sys.stderr.isatty()) as bars:

        def watch(name: str) -> Watcher:
            bar = bars.add_task(escape(one_line(name)), total=None, rate="", state="")

            def changed(tally: Tally) -> None:
                task = bars.tasks[bar]
                elapsed = task.elapsed or 0
                rate = tally.answered / elapsed if elapsed > 0.5 else 0
                bars.update(
                    bar,
                    total=tally.total,
                    completed=tally.done + tally.failed,
                    rate=f"{rate:.1f}/s" if rate else "",
                    state=_state(tally),
                )

            return Watcher(
                changed=changed, warn=lambda line: console.print(escape(one_line(line, LINE)))
            )

        yield watch


def _state(tally: Tally) -> str:
    parts = []
    if tally.known:
        parts.append(f"{tally.known} known")
    if tally.failed:
        parts.append(f"{tally.failed} failed")
    if tally.replicas:
        parts.append(f"{tally.replicas} replica{'s' if tally.replicas > 1 else ''}")
    if tally.cost:
        parts.append(f"cost {tally.cost:.2f}")
    return ", ".join(parts)

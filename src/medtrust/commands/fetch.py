"""`medtrust fetch`: get a dataset from where it is published."""

import argparse
from pathlib import Path

from rich.progress import Progress

from medtrust import registry
from medtrust.commands.screen import Screen
from medtrust.errors import InputError
from medtrust.reports.text import LINE, visible

DONE, INCOMPLETE = 0, 1


def main(arguments: argparse.Namespace) -> int:
    """Fetch and report; 1 when something could not be had."""
    known = registry.names("fetchers")
    if arguments.name not in known:
        raise InputError(registry.unknown("dataset to fetch", arguments.name, known))
    to = arguments.to or Path("data") / arguments.name
    fetch = registry.load("fetchers", arguments.name)
    with Progress(console=Screen(stderr=True), transient=True) as bars:
        bar = bars.add_task(arguments.name, total=None)
        complete, lines = fetch(
            to,
            questions_url=arguments.questions_url or "",
            images_url=arguments.images_url or "",
            parallel=arguments.parallel,
            progress=lambda done, total: bars.update(bar, completed=done, total=total),
        )
    for line in lines:
        print(visible(line, LINE))
    return DONE if complete else INCOMPLETE

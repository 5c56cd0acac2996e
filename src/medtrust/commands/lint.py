"""`medtrust lint`: what is wrong with a dataset."""

import argparse
from collections.abc import Sequence
from dataclasses import asdict

from rich.markup import escape
from rich.table import Table

from medtrust import registry
from medtrust.commands.screen import Screen
from medtrust.datasets.lint.finding import Finding
from medtrust.errors import InputError
from medtrust.pipeline.image_findings import on_images
from medtrust.pipeline.select import folder_of
from medtrust.reports.text import LINE, json_line, one_line

SHOWN = 6
"""Samples named in the table; `--json` names all."""


def main(arguments: argparse.Namespace) -> int:
    """Print the findings, a row a check."""
    if arguments.name not in registry.names("linters"):
        known = registry.names("linters")
        raise InputError(registry.unknown("dataset to lint", arguments.name, known))
    data = folder_of(arguments.name, arguments.data)
    if data is None:
        raise InputError(f"lint {arguments.name} needs --data DIR")
    findings: list[Finding] = [*registry.load("linters", arguments.name)(data)]
    for name in dict.fromkeys(finding.dataset for finding in findings):
        findings += on_images(name, data)
    if arguments.json:
        keys = ("dataset", "check", "count", "samples", "message")
        rows = [{key: asdict(finding)[key] for key in keys} for finding in findings]
        print(json_line({"rows": rows}))
        return 0
    for name in dict.fromkeys(finding.dataset for finding in findings):
        _show(name, [finding for finding in findings if finding.dataset == name])
    return 0


def _show(name: str, findings: Sequence[Finding]) -> None:
    """A table of the checks that found something, and how many did not."""
    table = Table(title=name)
    # The name is what one searches for: it is never shortened, whatever the width.
    table.add_column(
        "check",
        no_wrap=True,
        min_width=max((len(finding.check) for finding in findings), default=0),
    )
    for column in ("count", "what", "samples"):
        table.add_column(column, overflow="fold")
    found = [finding for finding in findings if finding.count]
    for finding in found:
        more = len(finding.samples) - SHOWN
        named = ", ".join(name.partition(":")[2] or name for name in finding.samples[:SHOWN])
        table.add_row(
            escape(finding.check),
            str(finding.count),
            escape(one_line(finding.message, LINE)),
            escape(one_line(named + (f" and {more} more" if more > 0 else ""), LINE)),
        )
    console = Screen()
    console.print(table)
    console.print(f"{len(findings) - len(found)} checks found nothing")

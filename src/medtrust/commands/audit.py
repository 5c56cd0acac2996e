"""`medtrust audit`: are printed figures possible?"""

import argparse
from collections.abc import Sequence
from dataclasses import asdict

from rich.markup import escape
from rich.table import Table as Grid

from medtrust.audit import Finding, Table, printed_tables, read_tables
from medtrust.commands.screen import Screen
from medtrust.errors import InputError
from medtrust.pipeline.audit import audit
from medtrust.reports.formats import counted
from medtrust.reports.text import PARAGRAPH, json_line, one_line


def main(arguments: argparse.Namespace) -> int:
    """Print what is wrong with the figures; 0 whether or not anything is, as `lint` does."""
    if arguments.table is None and not arguments.published:
        raise InputError("audit: give TABLE.csv, or --published for the published tables")
    tables = [] if arguments.table is None else read_tables(arguments.table)
    if arguments.published:
        tables += printed_tables()
    findings = audit(tables)
    if arguments.json:
        print(json_line({"rows": [asdict(one) for one in findings]}))
    else:
        _show(tables, findings)
    return 0


def _show(tables: Sequence[Table], findings: Sequence[Finding]) -> None:
    """A table of the findings, what was read, and what could not be checked."""
    console = Screen()
    if findings:
        grid = Grid()
        for heading in ("table", "row", "column", "value", "finding"):
            grid.add_column(heading, overflow="fold")
        for one in findings:
            cells = (one.table, one.row, one.column, one.value, one.finding)
            grid.add_row(*(escape(one_line(cell, PARAGRAPH)) for cell in cells))
        console.print(grid)
    figures = counted(sum(1 for table in tables for _ in table.figures()), "figure")
    found = counted(len(findings), "finding") if findings else "nothing found"
    console.print(f"{figures} in {counted(len(tables), 'table')}: {found}", highlight=False)
    for table in tables:
        for note in table.notes:
            console.print(
                f"{escape(one_line(table.name))}: {escape(one_line(note, PARAGRAPH))}",
                highlight=False,
            )

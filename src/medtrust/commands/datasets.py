"""`medtrust datasets`: what is known, what is here, and on what terms."""

import argparse
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from medtrust import registry
from medtrust.commands.screen import Screen
from medtrust.datasets.dataset import Card, State
from medtrust.pipeline.select import folder_of
from medtrust.reports.text import LINE, json_line, one_line


def main(arguments: argparse.Namespace) -> int:
    """Print one row a dataset."""
    rows = []
    for name in registry.names("datasets"):
        card: Card = registry.load("datasets", name)
        folder = folder_of(name, arguments.data)
        state = card.state(folder)
        # A dataset that was read has samples: without any, its counts are not known.
        read = state.samples > 0
        rows.append(
            {
                "dataset": name,
                "title": card.title,
                "license": card.license,
                "access": card.access,
                "source": card.source,
                "samples": state.samples if read else None,
                "images": state.images if read else None,
                "state": state.note if read else _why(state, folder),
            }
        )
    if arguments.json:
        print(json_line({"rows": rows}))
        return 0
    table = Table()
    # The name is what one types next: it is never shortened, whatever the width.
    table.add_column("dataset", no_wrap=True, min_width=max(map(len, registry.names("datasets"))))
    for column in ("samples", "images", "access"):
        table.add_column(column, no_wrap=True)
    table.add_column("here", overflow="fold")
    for row in rows:
        columns = ("dataset", "samples", "images", "access", "state")
        cells = ("" if row[column] is None else str(row[column]) for column in columns)
        table.add_row(*(escape(one_line(cell, LINE)) for cell in cells))
    console = Screen()
    console.print(table)
    for row in rows:
        # Licences are sentences: in a column of their own they would be a word wide.
        said = f"{row['dataset']}: {row['title']}. {row['source']}. Licence: {row['license']}"
        console.print(escape(one_line(said, LINE)), soft_wrap=True, highlight=False)
    return 0


def _why(state: State, folder: Path | None) -> str:
    """Why a dataset was not read, short enough for a cell: the folder is the user's own."""
    if folder is None:
        return "name its folder with --data DIR"
    return state.note.replace(f"{folder}/", "")

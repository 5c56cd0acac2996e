"""`medtrust datasets`: what is known, what is here, and on what terms."""

import argparse
import json

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from medtrust import registry
from medtrust.datasets.dataset import Card
from medtrust.pipeline.select import folder_of


def main(arguments: argparse.Namespace) -> int:
    """Print one row a dataset."""
    rows = []
    for name in registry.names("datasets"):
        card: Card = registry.load("datasets", name)
        state = card.state(folder_of(name, arguments.data))
        rows.append(
            {
                "dataset": name,
                "title": card.title,
                "license": card.license,
                "access": card.access,
                "source": card.source,
                "samples": state.samples,
                "images": state.images,
                "state": state.note,
            }
        )
    if arguments.json:
        print(json.dumps({"rows": rows}, ensure_ascii=False))
        return 0
    table = Table("dataset", "samples", "images", "access", "licence", "source", "here")
    for row in rows:
        columns = ("dataset", "samples", "images", "access", "license", "source", "state")
        table.add_row(*(escape(str(row[column])) for column in columns))
    Console().print(table)
    return 0

"""`medtrust datasets`: what is known, what is here, and on what terms."""

import argparse
import json
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from medtrust import registry
from medtrust.datasets.dataset import Card
from medtrust.errors import InputError
from medtrust.pipeline.select import load_dataset


def main(arguments: argparse.Namespace) -> int:
    """Print one row a dataset."""
    rows = []
    for name in registry.names("datasets"):
        card: Card = registry.load("datasets", name)
        try:
            dataset = load_dataset(name, arguments.data)
        except InputError as error:
            samples, images, state = 0, 0, str(error)
        else:
            paths = {image.path for sample in dataset.samples for image in sample.images}
            here = sum(Path(path).is_file() for path in paths)
            samples, images = len(dataset.samples), len(paths)
            state = "present" if here == images else f"{here} of {images} images present"
        rows.append(
            {
                "dataset": name,
                "title": card.title,
                "license": card.license,
                "access": card.access,
                "source": card.source,
                "samples": samples,
                "images": images,
                "state": state,
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

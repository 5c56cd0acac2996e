"""`medtrust report`: what runs have shown, in the terminal, as a page, or as tables."""

import argparse
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from medtrust.commands.screen import Screen
from medtrust.errors import InputError
from medtrust.pipeline.report import read_results
from medtrust.records import Estimate
from medtrust.reports.atomic import named
from medtrust.reports.html import write_html
from medtrust.reports.latex import write_latex
from medtrust.reports.table import as_json, write_csv, write_json, write_parquet
from medtrust.reports.terminal import print_tables


def main(arguments: argparse.Namespace) -> int:
    """Write what was asked for; without any file, print tables."""
    for kind in ("html", "csv", "latex", "parquet"):
        if str(getattr(arguments, kind)) == "-":
            raise InputError(f"report --{kind} - names no file; only --json - prints its rows")
    result = read_results(arguments.runs)
    written = False
    if arguments.html:
        write_html(result, arguments.html)
        written = True
    for path, write in (
        (arguments.csv, write_csv),
        (arguments.latex, write_latex),
        (arguments.parquet, _write_parquet),
    ):
        if path:
            write(result.estimates, path)
            written = True
    if arguments.json:
        if str(arguments.json) == "-":
            print(as_json(result.estimates))
        else:
            write_json(result.estimates, arguments.json)
        written = True
    if not written:
        print_tables(result, Screen())
    return 0


def _write_parquet(estimates: Iterable[Estimate], path: Path) -> None:
    """A file that the user names may be a device, beside which nothing can be made ready."""
    with TemporaryDirectory() as folder, named(path) as file:
        made = Path(folder) / "made.parquet"
        write_parquet(estimates, made)
        file.write(made.read_bytes())

"""`medtrust score`: read the answers of a run again, or answers made elsewhere."""

import argparse
import sys

from medtrust.commands.progress import progress
from medtrust.commands.screen import Screen
from medtrust.commands.settings import score_settings
from medtrust.errors import InputError
from medtrust.pipeline.manifest import kept
from medtrust.pipeline.score import score_predictions, score_run
from medtrust.reports.result import Result
from medtrust.reports.table import as_json
from medtrust.reports.terminal import print_tables
from medtrust.reports.text import LINE, one_line

DONE, INCOMPLETE = 0, 1


def main(arguments: argparse.Namespace) -> int:
    """Score and print; 1 when answers are missing."""
    settings = score_settings(arguments)
    if arguments.labelled and (arguments.predictions or not arguments.run):
        raise InputError("score --labelled FILE goes with a RUN, whose replies were labelled")
    if arguments.predictions:
        if arguments.run or not (arguments.dataset and arguments.task):
            raise InputError("score --predictions FILE goes with --dataset NAME and --task T")
        result = score_predictions(
            arguments.dataset,
            arguments.task,
            arguments.data,
            arguments.predictions,
            settings,
            arguments.errata,
        )
    elif arguments.run:
        if arguments.errata or arguments.dataset or arguments.task:
            raise InputError(
                "--errata, --dataset and --task go with --predictions; to leave items out of a "
                "run, run it again with --errata: nothing is asked twice"
            )
        with kept(arguments.run), progress() as watch:
            result = score_run(arguments.run, settings, watch, arguments.labelled)
    else:
        raise InputError("score needs a RUN, or --dataset, --task and --predictions")
    show(result, as_rows=arguments.json)
    return INCOMPLETE if result.missing else DONE


def show(result: Result, *, as_rows: bool) -> None:
    """Print a result as tables, or as JSON with its notes on standard error."""
    if as_rows:
        for note in result.notes:
            print(one_line(note, LINE), file=sys.stderr)
        print(as_json(result.estimates))
    else:
        print_tables(result, Screen())

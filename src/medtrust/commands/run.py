"""`medtrust run`: ask, then score and report."""

import argparse
import sys

from medtrust.commands.progress import progress
from medtrust.commands.screen import Screen
from medtrust.commands.settings import run_settings, score_settings
from medtrust.errors import InputError
from medtrust.pipeline.folder import REPORT
from medtrust.pipeline.forecast import dry_run
from medtrust.pipeline.manifest import kept
from medtrust.pipeline.planning import RunSettings
from medtrust.pipeline.run import RunResult, run
from medtrust.pipeline.score import score_run
from medtrust.reports.atomic import write_text
from medtrust.reports.html import render
from medtrust.reports.terminal import print_tables
from medtrust.reports.text import LINE, one_line
from medtrust.runner.shard import WHOLE

DONE, INCOMPLETE = 0, 1


def main(arguments: argparse.Namespace) -> int:
    """Ask every model every task; 0 when all is answered, 1 when something is missing."""
    settings = run_settings(arguments)
    if settings.limits.budget is not None and settings.limits.price == (0.0, 0.0):
        raise InputError("--budget needs --price IN,OUT: prices change too often to be built in")
    if arguments.dry_run:
        return _forecast(arguments)
    # What is wrong with them is said before anything is asked.
    scoring = score_settings(arguments, judge=False)
    page = arguments.out / REPORT
    with kept(settings.out):
        with progress() as watch:
            result = run(settings, watch)
        scored = score_run(arguments.out, scoring) if settings.shard == WHOLE else None
        if scored:
            write_text(page, render(scored))
    if not scored:
        return _part(settings, result)
    print_tables(scored, Screen())
    tell(result)
    print(f"\n{page}")
    return INCOMPLETE if not result.complete or scored.missing else DONE


def tell(result: RunResult) -> None:
    """Say on standard error what was left out, what stopped, and whether answers are missing."""
    for line in result.left_out:
        print(one_line(line, LINE), file=sys.stderr)
    for tally in (*result.tallies.values(), *result.judged):
        if tally.stopped:
            print(f"stopped: {one_line(tally.stopped, LINE)}", file=sys.stderr)
    if not result.complete:
        print("answers are missing; run the same command again to ask for them", file=sys.stderr)


def _part(settings: RunSettings, result: RunResult) -> int:
    """Say how far a shard is; its figures would be of a part, so none are counted."""
    tell(result)
    done = sum(tally.done for tally in result.tallies.values())
    total = sum(tally.total for tally in result.tallies.values())
    print(f"{settings.out}: shard {settings.shard}, {done:,} of its {total:,} questions answered")
    print("when all shards are: medtrust merge RUN RUN ... --out NEW")
    return DONE if result.complete else INCOMPLETE


def _forecast(arguments: argparse.Namespace) -> int:
    settings = run_settings(arguments)
    rows = dry_run(settings)
    for model, task, dataset, found in rows:
        line = (
            f"{model}, {task} on {dataset}: {found.requests} requests, {found.images} images, "
            f"{found.bytes / 1e6:.1f} MB, about {found.prompt_tokens:,} prompt tokens and at most "
            f"{found.completion_tokens:,} reply tokens"
        )
        if found.images_absent:
            line += f"; {found.images_absent} images are absent or unreadable"
        print(line)
    total = sum(found.cost(settings.limits.price) for *_, found in rows)
    if any(settings.limits.price):
        print(f"cost: at most about {total:.2f}")
        budget = settings.limits.budget
        if budget is not None and total > budget:
            print(f"this may exceed the budget of {budget:g}, at which the run stops")
    else:
        print("cost: give --price IN,OUT to see it")
    print("nothing was sent")
    return DONE

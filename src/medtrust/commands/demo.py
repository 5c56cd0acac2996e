"""`medtrust demo`: the main job on the phantom dataset, with models that need nothing."""

import argparse

from rich.console import Console

from medtrust import registry
from medtrust.commands.progress import progress
from medtrust.datasets.dataset import Card
from medtrust.errors import InputError
from medtrust.pipeline import folder
from medtrust.pipeline.judge import JudgeSettings
from medtrust.pipeline.run import RunSettings, run
from medtrust.pipeline.score import ScoreSettings, score_run
from medtrust.reports.html import write_html
from medtrust.reports.terminal import print_tables

MODELS = ("builtin/constant-A", "builtin/random", "builtin/text-prior", "builtin/template")
TASKS = ("mediconfusion/*", "control/*:mediconfusion/mc")


def main(arguments: argparse.Namespace) -> int:
    """Ask, score, report; 1 should an answer be missing."""
    settings = RunSettings(
        models=MODELS,
        tasks=TASKS,
        datasets=("phantom",),
        out=arguments.out,
        judge=JudgeSettings(model="builtin/overlap-judge"),
    )
    console = Console()
    console.print(
        "Phantom is a dataset of drawn images. Four models that need no network answer it:\n"
        "  constant-A says A; random guesses; text-prior reads only the question;\n"
        "  template compares the image with training images, so it truly looks.\n"
    )
    card: Card = registry.load("datasets", "phantom")
    if card.state(None).note != "present":
        console.print("Drawing the images takes about 20 seconds, once.\n")
    with progress() as watch:
        result = run(settings, watch)
    scored = score_run(arguments.out, ScoreSettings())
    page = arguments.out / folder.REPORT
    write_html(scored, page)
    print_tables(scored, console)
    print(f"\nThe report: {page}")
    if not result.complete:
        raise InputError(f"{arguments.out}: the demo did not get all answers; please report this")
    return 0

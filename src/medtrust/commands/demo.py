"""`medtrust demo`: the main job on the phantom dataset, with models that need nothing."""

import argparse
from collections.abc import Sequence
from dataclasses import replace

from medtrust import registry
from medtrust.commands.progress import progress
from medtrust.commands.screen import Screen
from medtrust.datasets.dataset import Card
from medtrust.pipeline import folder
from medtrust.pipeline.judge import JudgeSettings
from medtrust.pipeline.manifest import kept
from medtrust.pipeline.planning import RunSettings
from medtrust.pipeline.run import run
from medtrust.pipeline.score import ScoreSettings, score_run
from medtrust.records import Estimate
from medtrust.reports.atomic import write_text
from medtrust.reports.html import render
from medtrust.reports.terminal import print_tables

MODELS = ("builtin/constant-A", "builtin/random", "builtin/text-prior", "builtin/template")
DONE, INCOMPLETE = 0, 1
PAIRS = ("mediconfusion/mc", "mediconfusion/*", "control/*:mediconfusion/mc")
DIMENSIONS = (
    *("cares/factuality", "cares/uncertainty", "cares/overcaution-2", "cares/toxicity"),
    *("cares/privacy-f2", "cares/robustness-noise-5"),
)
"""Of CARES a task or two for each dimension, asked of the two models that answer in words."""


def main(arguments: argparse.Namespace) -> int:
    """Ask, score, report; 1 should an answer be missing."""
    pairs = RunSettings(
        models=MODELS,
        tasks=PAIRS,
        datasets=("phantom",),
        out=arguments.out,
        judge=JudgeSettings(model="builtin/overlap-judge"),
    )
    dimensions = replace(pairs, models=MODELS[2:], tasks=DIMENSIONS)
    console = Screen()
    console.print(
        "Phantom is a dataset of drawn images. Four models that need no network answer it:\n"
        "  constant-A says A; random guesses; text-prior reads only the question;\n"
        "  template compares the image with training images, so it truly looks.\n"
    )
    card: Card = registry.load("datasets", "phantom")
    if card.state(None).note != "present":
        console.print("Drawing the images takes about 20 seconds, once.\n")
    page = arguments.out / folder.REPORT
    with kept(arguments.out):
        with progress() as watch:
            complete = [run(settings, watch).complete for settings in (pairs, dimensions)]
        scored = score_run(arguments.out, ScoreSettings())
        write_text(page, render(scored))
    print_tables(scored, console)
    _conclude(scored.estimates)
    print(f"\nThe report: {page}")
    return DONE if all(complete) else INCOMPLETE


def _conclude(estimates: Sequence[Estimate]) -> None:
    """What the tables show, in a line a model."""
    print("\nTelling two alike images apart (set accuracy, mc; guessing gives 25 %):")
    for estimate in estimates:
        if (
            estimate.task == "mediconfusion/mc"
            and estimate.metric == "set_accuracy"
            and estimate.protocol == "corrected"
            and estimate.group_by == "all"
            and estimate.value is not None
        ):
            low, high = (100 * (bound or 0) for bound in (estimate.low, estimate.high))
            name = estimate.model.removeprefix("builtin/")
            print(f"  {name:12}{100 * estimate.value:6.1f} %  [{low:.1f}, {high:.1f}]")

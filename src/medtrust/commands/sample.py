"""`medtrust sample`: a sheet of replies for people to label."""

import argparse

from medtrust.pipeline.sample import sample_run

DONE = 0


def main(arguments: argparse.Namespace) -> int:
    """Write the sheet and say what to do with it."""
    path = arguments.out or arguments.run / "to-label.csv"
    drawn, of = sample_run(
        arguments.run, path, arguments.n, arguments.seed, arguments.task, arguments.model
    )
    print(f"{path}: {drawn} of {of} replies; fill in `label`, then")
    print(f"  medtrust score {arguments.run} --labelled {path}")
    return DONE

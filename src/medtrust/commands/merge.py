"""`medtrust merge`: join the answers of several runs."""

import argparse
import sys

from medtrust.pipeline.manifest import kept
from medtrust.pipeline.merge import merge_runs

DONE, INCOMPLETE = 0, 1


def main(arguments: argparse.Namespace) -> int:
    """Join, and say how the joined run stands; 1 when answers are missing."""
    with kept(arguments.out):
        merged = merge_runs(arguments.runs, arguments.out)
    print(f"{arguments.out}: {merged.answered:,} of {merged.questions:,} questions answered")
    if merged.twice:
        print(
            f"{merged.twice:,} requests had been answered differently in another run; the answer "
            "of the run that is named first is kept",
            file=sys.stderr,
        )
    if merged.answered < merged.questions:
        print(
            "answers are missing: name the other shards too, or ask for the rest with "
            f"`medtrust run ... --out {arguments.out}`",
            file=sys.stderr,
        )
    print(f"  medtrust score {arguments.out}")
    return INCOMPLETE if merged.answered < merged.questions else DONE

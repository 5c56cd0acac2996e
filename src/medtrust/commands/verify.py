"""`medtrust verify`: are a run's files as they were written?"""

import argparse

from medtrust.pipeline.manifest import verify
from medtrust.reports.text import LINE, one_line

SAME, DIFFERENT = 0, 1


def main(arguments: argparse.Namespace) -> int:
    """Say which files differ; 1 where one does."""
    found = verify(arguments.run)
    for problem in found.problems:
        print(one_line(problem, LINE))
    if found.others:
        print(one_line(f"not part of the run: {', '.join(found.others)}", LINE))
    if found.problems:
        print(f"{arguments.run}: not as it was written")
        return DIFFERENT
    print(f"{arguments.run}: {found.files} files as they were written; manifest {found.digest}")
    return SAME

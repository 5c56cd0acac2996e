"""`medtrust verify`: are a run's files as they were written?"""

import argparse
from contextlib import suppress

from medtrust.pipeline.manifest import verify
from medtrust.reports.text import LINE, one_line

SAME, DIFFERENT = 0, 1


def main(arguments: argparse.Namespace) -> int:
    """Say which files differ; 1 where one does."""
    found = verify(arguments.run)
    lines = [one_line(problem, LINE) for problem in found.problems]
    if found.others:
        lines.append(one_line(f"not part of the run: {', '.join(found.others)}", LINE))
    lines.append(
        f"{arguments.run}: not as it was written"
        if found.problems
        else f"{arguments.run}: {found.files} files as they were written; manifest {found.digest}"
    )
    # What was found is the exit code, whether or not anybody reads it.
    with suppress(BrokenPipeError):
        print("\n".join(lines), flush=True)
    return DIFFERENT if found.problems else SAME

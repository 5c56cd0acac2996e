"""A worker: scores the groups that it is told of, until there are no more.

Started by `workers.py`, as `python -m medtrust.pipeline.worker`.
"""

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from medtrust.errors import MedtrustError
from medtrust.pipeline.group import Group, Work, score_group
from medtrust.pipeline.messages import Reply, receive, send
from medtrust.runner.blocking import unburdened
from medtrust.runner.reader import opened


def main() -> None:
    """Score until the standard input ends, or nobody reads what is said."""
    # Whatever else prints must not print among the messages.
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0) as out:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        with suppress(BrokenPipeError):
            try:
                _score(out)
            except MedtrustError as error:
                send(out, Reply(error=str(error)))


def _score(out: BinaryIO) -> None:
    work = receive(sys.stdin.buffer, Work)
    if work is None:
        return
    with unburdened(), opened(Path(work.journal)) as journal:
        plans = journal.plans()
        while group := receive(sys.stdin.buffer, Group):
            for scored in score_group(journal, plans, group, work):
                send(out, Reply(scored=scored))
            send(out, Reply(done=True))


if __name__ == "__main__":
    main()

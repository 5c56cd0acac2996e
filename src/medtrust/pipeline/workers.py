"""Score groups in processes of their own: reading replies is Python, which runs on one core.

A worker is a fresh interpreter that is told what to score over its standard input. Nothing is
forked, since this process may have threads, and nothing of it is imported again. Workers end with
the stream: when this process ends in whatever way, so do they.
"""

import os
import subprocess
import sys
from collections import deque
from collections.abc import Generator, Sequence
from contextlib import ExitStack
from selectors import EVENT_READ, DefaultSelector
from typing import IO, cast

from medtrust.errors import InputError
from medtrust.pipeline.group import Group, Scored, Work
from medtrust.pipeline.messages import Reply, receive, send

MODULE = "medtrust.pipeline.worker"

Worker = subprocess.Popen[bytes]


def score_in_workers(
    groups: Sequence[Group], work: Work, count: int
) -> Generator[Scored, None, None]:
    """Score the groups in so many workers, the largest first so that all end at about one time.

    Raises InputError for what a worker could not use, or where one was ended from outside.
    """
    waiting = deque(sorted(groups, key=lambda group: -group.answers))
    with ExitStack() as stack:
        selector = stack.enter_context(DefaultSelector())
        workers = [_start(stack) for _ in range(count)]
        for worker in workers:
            selector.register(_pipe(worker.stdout), EVENT_READ, worker)
            _tell(worker, work)
            _tell(worker, waiting.popleft())
        left = len(groups)
        while left:
            for key, _ in selector.select():
                reply = _heard(key.data)
                if reply.scored:
                    yield reply.scored
                if reply.done:
                    left -= 1
                    if waiting:
                        _tell(key.data, waiting.popleft())


def _start(stack: ExitStack) -> Worker:
    """A worker, which is ended with the stack."""
    worker = subprocess.Popen(  # noqa: S603 - this very interpreter, and a module of ours
        # Without the current folder among the places that modules come from.
        [sys.executable, "-P", "-m", MODULE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
        # One thread of linear algebra each: more, on cores that are in use, wait for each other.
        env=os.environ
        | {"OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        # An interrupt from the keyboard is for this process, which then ends the others.
        start_new_session=True,
    )
    stack.callback(_end, worker)
    return worker


def _end(worker: Worker) -> None:
    worker.kill()
    worker.wait()
    for pipe in (worker.stdin, worker.stdout):
        _pipe(pipe).close()


def _tell(worker: Worker, message: Work | Group) -> None:
    try:
        send(_pipe(worker.stdin), message)
    except BrokenPipeError:
        raise _ended(worker) from None


def _heard(worker: Worker) -> Reply:
    reply = receive(_pipe(worker.stdout), Reply)
    if reply is None:
        raise _ended(worker)
    if reply.error:
        raise InputError(reply.error)
    return reply


def _ended(worker: Worker) -> InputError:
    code = worker.wait()
    how = f"was killed (signal {-code})" if code < 0 else f"ended with code {code}"
    return InputError(
        f"a process that read answers {how}; nothing is lost, score the run again"
        f"{' (it may have been short of memory)' if code < 0 else ''}"
    )


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    return cast("IO[bytes]", pipe)

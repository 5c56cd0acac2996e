"""The loop for callers that are not asynchronous, ended by Ctrl-C as a person expects."""

import asyncio
import gc
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import msgspec

from medtrust.errors import InputError
from medtrust.runner.tally import Tally, Watcher

COLLECTED = (20_000, 10, 10)
"""Thresholds of the garbage collector while a loop runs."""

UNWRITABLE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_READONLY,
    }
)
"""What SQLite says where the disk and not the file is at fault."""


class Asking(Protocol):
    """A loop, here or on a cluster."""

    tally: Tally
    watcher: Watcher

    @property
    def path(self) -> Path:
        """The journal that it writes."""
        ...

    def halt(self, reason: str) -> None:
        """Ask nothing new; what is open is waited for and kept."""
        ...

    async def run(self) -> Tally:
        """Ask until everything is answered, failed or halted."""
        ...

    async def close(self) -> None:
        """Release the model."""
        ...


def ask_all(loop: Asking) -> Tally:
    """Run a loop to its end and release its model.

    Ctrl-C, SIGTERM and a terminal that closes end it gently: nothing new is asked, what is
    open is waited for and kept. A second one ends it at once. Raises what `Loop.run`
    raises, and InputError where the journal cannot be written or read.
    """

    async def ask() -> Tally:
        with _signals(loop):
            try:
                return await loop.run()
            finally:
                await loop.close()

    try:
        with unburdened():
            return asyncio.run(ask())
    except BaseExceptionGroup as group:
        error = one_of(group)
        if isinstance(error, (sqlite3.Error, OSError)):
            raise journal_error(loop.path, error) from group
        raise error from group


@contextmanager
def unburdened() -> Iterator[None]:
    """Let the garbage collector look at what is made in here, and not at all that was there before.

    Samples and imported modules are hundreds of thousands of objects that stay; asking makes
    and drops some dozens a question, and scoring keeps its scores. Looking through all that for
    cycles took an eighth of the time of asking, a fifth of that of reading samples, and a tenth
    of that of scoring.
    """
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*COLLECTED)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()


def journal_error(
    path: Path, error: sqlite3.Error | OSError | msgspec.DecodeError | UnicodeDecodeError
) -> InputError:
    """What a person is told when a journal cannot be written, or is no longer what was written."""
    code = getattr(error, "sqlite_errorcode", None)
    # The upper bits say more closely what failed.
    if isinstance(error, OSError) or (code is not None and code & 0xFF in UNWRITABLE):
        return InputError(f"{path}: cannot be written ({error}); is the disk full?")
    return InputError(f"{path}: damaged ({error}); put a copy of it back, or use another --out")


def one_of(group: BaseExceptionGroup) -> BaseException:
    """The one exception of a group that a person should see."""
    found: BaseException = group
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found


@contextmanager
def _signals(loop: Asking) -> Iterator[None]:
    running = asyncio.get_running_loop()
    # What is ignored stays so: `nohup` starts a run that is to outlive its terminal.
    names = [
        signal.Signals[name]
        for name in ("SIGINT", "SIGTERM", "SIGHUP")
        if hasattr(signal, name) and signal.getsignal(signal.Signals[name]) != signal.SIG_IGN
    ]

    def caught(number: signal.Signals) -> None:
        loop.halt(f"stopped by {number.name}")
        # What is open may take as long as --timeout allows.
        loop.watcher.warn("finishing what is open; once more stops at once")
        # A second one, of either kind, then does what it does to any program.
        for name in names:
            running.remove_signal_handler(name)

    try:
        for number in names:
            running.add_signal_handler(number, caught, number)
    except (NotImplementedError, ValueError, RuntimeError):
        # No signal handlers on this platform or outside the main thread: Ctrl-C then
        # ends the run at once, and the journal keeps what it has.
        yield
        return
    try:
        yield
    finally:
        for number in names:
            running.remove_signal_handler(number)

"""The loop for callers that are not asynchronous, ended by Ctrl-C as a person expects."""

import asyncio
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from medtrust.errors import InputError
from medtrust.runner.local import Loop, Tally


def ask_all(loop: Loop) -> Tally:
    """Run a loop to its end and release its model.

    Ctrl-C or SIGTERM end it gently: nothing new is asked, what is open is waited for
    and kept. A second one ends it at once. Raises what `Loop.run` raises, and InputError
    where the journal cannot be written.
    """

    async def ask() -> Tally:
        with _signals(loop.halt):
            try:
                return await loop.run()
            finally:
                await loop.model.close()

    try:
        return asyncio.run(ask())
    except BaseExceptionGroup as group:
        raise _one_of(group) from group


def _one_of(group: BaseExceptionGroup) -> BaseException:
    """The one exception of a group that a person should see."""
    found: BaseException = group
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    if isinstance(found, (sqlite3.Error, OSError)):
        return InputError(f"the run's journal cannot be written ({found}); is the disk full?")
    return found


@contextmanager
def _signals(halt: Callable[[str], None]) -> Iterator[None]:
    running = asyncio.get_running_loop()
    names = (signal.SIGINT, signal.SIGTERM)

    def caught(number: signal.Signals) -> None:
        halt(f"stopped by {number.name}; what was open is being finished")
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

"""The loop for callers that are not asynchronous, ended by Ctrl-C as a person expects."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from medtrust.runner.local import Loop, Tally


def ask_all(loop: Loop) -> Tally:
    """Run a loop to its end and release its model.

    Ctrl-C or SIGTERM end it gently: nothing new is asked, what is open is waited for
    and kept. A second one ends it at once. Raises what `Loop.run` raises.
    """

    async def ask() -> Tally:
        with _signals(loop.halt):
            try:
                return await loop.run()
            finally:
                await loop.model.close()

    return asyncio.run(ask())


@contextmanager
def _signals(halt: Callable[[str], None]) -> Iterator[None]:
    running = asyncio.get_running_loop()
    names = (signal.SIGINT, signal.SIGTERM)

    def caught(number: signal.Signals) -> None:
        halt(f"stopped by {number.name}; what was open is being finished")
        running.remove_signal_handler(number)

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

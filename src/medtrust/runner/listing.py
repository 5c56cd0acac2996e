"""Entering a run's questions in the journal, chunk by chunk, ahead of the asking.

Asking begins with the first chunk, however many are to come. A chunk holds the questions of all
tasks about the same few thousand samples, so that those about one image are asked together.
"""

import asyncio
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from medtrust.runner.journal import Entry, Journal
from medtrust.runner.ledger import Ledger
from medtrust.runner.shard import WHOLE, Shard

MOMENT = 0.5
"""Seconds. No thread can be ended from outside, so none waits for longer at a time."""


class Chunks(Protocol):
    """What of a journal's items has been entered; a loop asks them chunk by chunk."""

    sizes: Counter[int]
    """Plan -> items to be asked, as far as they have been entered."""

    async def ready(self, chunk: int) -> bool:
        """Wait until a chunk is entered; False where there are fewer chunks than that."""
        ...


class Whole:
    """Plans that were entered at once, as one chunk."""

    def __init__(self, journal: Ledger, plans: Sequence[int]) -> None:
        self.sizes = Counter({number: journal.size([number]) for number in plans})

    async def ready(self, chunk: int) -> bool:
        """Whether this is the one chunk."""
        return chunk == 0


class Listing:
    """Enters chunks in a thread of its own until there are no more.

    `start` begins, `ready` waits for one chunk, and `stop` ends it.
    """

    def __init__(
        self,
        journal: Journal,
        plans: Sequence[int],
        chunks: Iterable[Iterable[Entry]],
        shard: Shard = WHOLE,
    ) -> None:
        self.sizes: Counter[int] = Counter()
        self._journal, self._plans, self._chunks, self._shard = journal, plans, chunks, shard
        self._entered = 0
        self._ended = self._stopped = False
        self._error: BaseException | None = None
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._enter, name="listing", daemon=True)

    def start(self) -> "Listing":
        """Begin, and return itself."""
        self._thread.start()
        return self

    async def ready(self, chunk: int) -> bool:
        """Wait until a chunk is entered; False where there are fewer chunks than that.

        Raises what reading the samples or writing the journal raised.
        """
        if chunk < self._entered:
            return True
        while (found := await asyncio.to_thread(self._wait, chunk)) is None:
            pass  # a moment in which whoever waits can be cancelled
        return found

    def stop(self) -> None:
        """Enter no more; the plans stay marked as not wholly listed."""
        self._stopped = True
        self._thread.join()

    def _wait(self, chunk: int) -> bool | None:
        """As `ready`; None where a moment was not enough."""
        with self._changed:
            if not self._changed.wait_for(lambda: chunk < self._entered or self._ended, MOMENT):
                return None
            if chunk < self._entered:
                return True
            if self._error is not None:
                raise self._error
            return False

    def _enter(self) -> None:
        try:
            for number, entries in enumerate(self._chunks):
                self._journal.enter(number, self._counted(entries), self._shard)
                if self._stopped:
                    break
                self._tell(entered=number + 1)
            else:
                self._journal.listed(self._plans)
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            self._error = error
        self._tell(entered=self._entered, ended=True)

    def _tell(self, *, entered: int, ended: bool = False) -> None:
        with self._changed:
            self._entered, self._ended = entered, ended
            self._changed.notify_all()

    def _counted(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        for entry in entries:
            if self._stopped:
                return
            self.sizes[entry[0]] += self._shard.has(entry[1])
            yield entry

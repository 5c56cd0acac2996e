"""Group commit: while one transaction is being written, the next one gathers."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field

from medtrust.images.encode import EncodedImage
from medtrust.runner.ledger import Answer, Failure, Ledger, Seen
from medtrust.runner.plan import Item

BUFFERED = 2000
"""Outcomes that may wait for the disk before the asking waits too."""

GATHERED = 0.05
"""Seconds between two transactions, in which the next one gathers: each costs a wait for the
disk, and a kill loses what has not been committed."""


@dataclass
class Group:
    """Outcomes that are written in one transaction."""

    answers: list[Answer] = field(default_factory=list)
    known: list[tuple[Item, bytes]] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    images: list[Seen] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.answers) + len(self.known) + len(self.failures) + len(self.images)


class Writer:
    """Commits outcomes to the journal in groups, in a thread of its own.

    `committed` is called after each group with what is now on disk; nothing is
    counted as done before that.
    """

    def __init__(self, journal: Ledger, committed: Callable[[Group], None]) -> None:
        self._journal = journal
        self._committed = committed
        self._group = Group()
        self._filled = asyncio.Event()
        self._emptied = asyncio.Event()
        self._written = asyncio.Event()
        self._writing = False
        self._hurried = asyncio.Event()
        self._closing = False

    def answer(self, answer: Answer) -> None:
        """Enter an answer."""
        self._group.answers.append(answer)
        self._filled.set()

    def known(self, item: Item, key: bytes) -> None:
        """Enter that an item's request was answered before."""
        self._group.known.append((item, key))
        self._filled.set()

    def failure(self, failure: Failure) -> None:
        """Enter that items could not be answered."""
        self._group.failures.append(failure)
        self._filled.set()

    @property
    def is_behind(self) -> bool:
        """Whether the disk is far behind."""
        return len(self._group) >= BUFFERED

    async def room(self) -> None:
        """Wait while the disk is far behind."""
        while self.is_behind:
            await self._emptied.wait()

    async def flushed(self) -> None:
        """Wait until everything entered so far is on disk."""
        while len(self._group) or self._writing:
            # An image waits for the next outcome to be written with; here none may come.
            if len(self._group):
                self._filled.set()
                self._hurried.set()
            await self._written.wait()

    def image(self, image: EncodedImage) -> None:
        """Enter what an image was that has just been read; written with the next outcome."""
        notes = "; ".join(image.notes)
        size = len(image.data)
        self._group.images.append(
            (image.digest, image.id, image.mime, size, image.width, image.height, notes)
        )

    def close(self) -> None:
        """No more will be entered: `run` returns once all is on disk."""
        self._closing = True
        self._filled.set()
        self._hurried.set()

    async def run(self) -> None:
        """Write groups until closed. Raises OSError or sqlite3.Error when the disk does."""
        while True:
            await self._filled.wait()
            await self._gather()
            group, self._group = self._group, Group()
            self._writing = True
            if self._closing:
                if not len(group):
                    return
            else:
                self._filled.clear()
            self._emptied.set()
            self._emptied = asyncio.Event()
            await asyncio.to_thread(
                self._journal.commit, group.answers, group.known, group.failures, group.images
            )
            self._writing = False
            self._committed(group)
            self._written.set()
            self._written = asyncio.Event()

    async def _gather(self) -> None:
        """Wait a little for more, unless somebody waits for what there is."""
        if len(self._group) < BUFFERED:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._hurried.wait(), GATHERED)
        if not self._closing:
            self._hurried.clear()

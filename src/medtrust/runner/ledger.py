"""What a loop reads its questions from and writes its outcomes to."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from medtrust.records import Response
from medtrust.runner.plan import Item

Answer = tuple[list[Item], bytes, bytes, Response]
"""Items that share one request, its key, what the key is a hash of, and what came back."""

Seen = tuple[str, str, str, int, int, int, str]
"""What is kept of an image that was sent: digest, name, format, bytes, width, height, notes."""

Failure = tuple[list[Item], str, str]
"""Items, outcome (`error` or `absent`), and the reason for people."""


class Ledger(Protocol):
    """What a loop needs of a journal; a replica on another machine has one of its own kind."""

    path: Path
    """What errors call it: its file, where it is one."""

    def tokens(self) -> tuple[int, int]:
        """Prompt and reply tokens of all answers."""
        ...

    def size(self, plans: Sequence[int]) -> int:
        """How many items the plans have, as far as they have been entered."""
        ...

    def items(self, plans: Sequence[int], chunk: int = 0) -> Iterator[Item]:
        """A chunk's items that have no answer, those about one image together."""
        ...

    def answered(self, plans: Sequence[int], chunk: int = 0) -> int:
        """How many items of a chunk have their answer."""
        ...

    def replies(self, item: Item) -> tuple[str, ...]:
        """What was answered in the turns before an item's own."""
        ...

    def known(self, keys: Sequence[bytes]) -> set[bytes]:
        """Those of the requests that have been answered."""
        ...

    def finish(self, plans: Sequence[int]) -> None:
        """Note that every item of the plans has been gone through."""
        ...

    def commit(
        self,
        answers: Iterable[Answer] = (),
        known: Iterable[tuple[Item, bytes]] = (),
        failures: Iterable[Failure] = (),
        images: Iterable[Seen] = (),
    ) -> None:
        """Write a group of outcomes."""
        ...

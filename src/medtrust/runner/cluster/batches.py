"""Batches: what is handed to one replica at a time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from medtrust.runner.cluster.segment import Place, place_of
from medtrust.runner.plan import Item

LEAST = 32
"""Items of a batch, or eight times as many as a replica has open at once where that is more.
Few enough for the driver to hold some of every replica, and for none to work alone at the end."""

TRIES = 3
"""Times that a batch may lose its replica, without one new answer, before it is given up."""


@dataclass(slots=True, eq=False)
class Batch:
    """Items that are asked by one replica; those of an image or a conversation stay together."""

    left: dict[Place, Item]
    """What has no outcome yet."""
    before: int = 0
    """How many were left when it was last handed out."""
    failed: int = 0
    """Times in a row that it came back with as many left."""

    def came_back(self) -> bool:
        """Note that its replica was lost; whether it may be handed out again."""
        self.failed = self.failed + 1 if len(self.left) == self.before else 0
        return self.failed < TRIES

    def pieces(self) -> Iterator["Batch"]:
        """What is left in pieces an eighth as large.

        So a question that kills whoever asks it takes few others with it.
        """
        for piece in batches(self.left.values(), max(1, len(self.left) // 8)):
            piece.failed = self.failed
            yield piece


def size_for(concurrency: int) -> int:
    """How many items make a batch."""
    return max(LEAST, 8 * concurrency)


def batches(items: Iterable[Item], size: int) -> Iterator[Batch]:
    """Items in image order to batches of at least `size`, the last one smaller.

    Without an image those of one pair stay together: they often ask the very same.
    """
    gathered: dict[Place, Item] = {}
    for _, group in groupby(items, _together):
        gathered |= {place_of(item): item for item in group}
        if len(gathered) >= size:
            yield Batch(gathered)
            gathered = {}
    if gathered:
        yield Batch(gathered)


def _together(item: Item) -> str:
    sample = item.sample
    return sample.images[0].id if sample.images else sample.pair or sample.id

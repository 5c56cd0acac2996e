"""A shard: one of several equal parts of a run's questions, each asked by a command of its own."""

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the command line reads `--shard` before anything heavy is loaded
    from medtrust.records import Sample


@dataclass(frozen=True, slots=True)
class Shard:
    """The `number`-th of `of` parts, counted from 1.

    Questions about the same images, and all turns of a conversation, fall into one part, in every
    command and on every machine.
    """

    number: int
    of: int

    def has(self, sample: "Sample") -> bool:
        """Whether this shard asks about a sample."""
        name = "\n".join([sample.dataset, *(image.id for image in sample.images)])
        if not sample.images:
            name += sample.id
        digest = blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        return int.from_bytes(digest, "big") % self.of == self.number - 1

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


WHOLE = Shard(1, 1)
"""All questions."""

ELSEWHERE = -1
"""The journal's chunk of items that this command does not ask: those of other shards."""

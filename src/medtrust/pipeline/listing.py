"""The questions of a run in the order in which they are entered: block by block of each dataset.

All plans that ask about a block come together, so that a dataset is read once however many
tasks and models there are, and all questions about an image stand in one chunk.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass

from medtrust.datasets.dataset import blocks
from medtrust.pipeline.planning import Block, Source, items_of
from medtrust.records import Sample
from medtrust.runner.journal import Entry


@dataclass(slots=True)
class Count:
    """How many samples a dataset has, and how many of them are quarantined."""

    samples: int = 0
    quarantined: int = 0


def count_of(samples: Iterable[Sample]) -> Count:
    """Count some samples."""
    aside = [bool(sample.quarantine) for sample in samples]
    return Count(len(aside), sum(aside))


_Picked = tuple[int, Block, Callable[[Sequence[Sample]], list[Sample]]]


def chunks(
    sources: Sequence[Source], plans: Mapping[int, Block], counts: MutableMapping[str, Count]
) -> Iterator[Iterator[Entry]]:
    """The entries of every plan, chunk by chunk; `counts` grows with what has been read.

    Raises InputError as reading a dataset does, and for a sample that its prompt does not fit.
    """
    for source in sources:
        own: list[_Picked] = [
            (number, block, block.picker())
            for number, block in plans.items()
            if block.source is source
        ]
        total = counts.setdefault(source.dataset.name, Count())
        for samples in blocks(source.dataset.samples):
            found = count_of(samples)
            total.samples += found.samples
            total.quarantined += found.quarantined
            yield _entries(samples, own)


def _entries(samples: Sequence[Sample], plans: Sequence[_Picked]) -> Iterator[Entry]:
    for number, block, pick in plans:
        for sample, repeat, turn in items_of(block, pick(samples)):
            yield number, sample, repeat, turn

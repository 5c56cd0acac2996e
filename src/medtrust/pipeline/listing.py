"""The questions of a run in the order in which they are entered: block by block of each dataset.

All plans that ask about a block come together, so that a dataset is read once however many
tasks and models there are, and all questions about an image stand in one chunk.
"""

from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
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


def chunks(
    sources: Sequence[Source], plans: Mapping[int, Block], counts: MutableMapping[str, Count]
) -> Iterator[Iterator[Entry]]:
    """The entries of every plan, chunk by chunk; `counts` gets each dataset that is read here.

    A dataset of which nobody wants more (`--limit`) is not read to its end, nor counted.

    Raises InputError as reading a dataset does, and for a sample that its prompt does not fit.
    """
    for source in sources:
        own = {number: block for number, block in plans.items() if block.source is source}
        if source.whole:
            # It has been gone through, before anything was asked.
            for found in zip(*(block.first for block in own.values()), strict=True):
                yield _entries(own, found)
        else:
            yield from _read(source, own, counts)


def _read(
    source: Source, plans: Mapping[int, Block], counts: MutableMapping[str, Count]
) -> Iterator[Iterator[Entry]]:
    selections = [block.selection() for block in plans.values()]
    total = Count()
    for samples in blocks(source.dataset.samples):
        count = count_of(samples)
        total.samples += count.samples
        total.quarantined += count.quarantined
        picked = zip(plans.values(), selections, strict=True)
        yield _entries(plans, (block.pick(own, samples) for block, own in picked))
        if all(selection.full for selection in selections):
            return
    counts[source.dataset.name] = total


def _entries(plans: Mapping[int, Block], picked: Iterable[Sequence[Sample]]) -> Iterator[Entry]:
    for (number, block), samples in zip(plans.items(), picked, strict=True):
        for sample, repeat, turn in items_of(block, samples):
            yield number, sample, repeat, turn

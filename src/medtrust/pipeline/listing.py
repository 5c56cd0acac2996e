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
from medtrust.runner.plan import Selection


@dataclass(slots=True)
class Count:
    """How many samples a dataset has, and how many of them are quarantined."""

    samples: int = 0
    quarantined: int = 0


def count_of(samples: Iterable[Sample]) -> Count:
    """Count some samples."""
    aside = [bool(sample.quarantine) for sample in samples]
    return Count(len(aside), sum(aside))


_Asking = tuple[int, Block, Selection]


def chunks(
    sources: Sequence[Source], plans: Mapping[int, Block], counts: MutableMapping[str, Count]
) -> Iterator[Iterator[Entry]]:
    """The entries of every plan, chunk by chunk; `counts` gets each dataset that was read whole.

    A dataset of which nobody wants more (`--limit`) is not read to its end.

    Raises InputError as reading a dataset does, and for a sample that its prompt does not fit.
    """
    for source in sources:
        own: list[_Asking] = [
            (number, block, block.selection())
            for number, block in plans.items()
            if block.source is source
        ]
        total = Count()
        for samples in blocks(source.dataset.samples):
            found = count_of(samples)
            total.samples += found.samples
            total.quarantined += found.quarantined
            yield _entries(samples, own)
            if all(selection.full for *_, selection in own):
                break
        else:
            counts[source.dataset.name] = total


def _entries(samples: Sequence[Sample], plans: Sequence[_Asking]) -> Iterator[Entry]:
    for number, block, selection in plans:
        for sample, repeat, turn in items_of(block, block.pick(selection, samples)):
            yield number, sample, repeat, turn

"""What a dataset is to the rest of the line."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from medtrust.errors import InputError
from medtrust.records import Access, Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """How a question is put to one family of models.

    `template` has one `{}` for each slot that the task fills in order (question,
    then options). It is filled by splitting at `{}`: a brace inside a question
    stays a brace.
    """

    family: str
    template: str
    system: str = ""
    base: Mapping[str, str] = field(default_factory=dict)
    """How a question itself is worded, by the sample's kind or by `facts["wording"]` where that
    is set: a template with one slot (the question) or two (then the lettered options)."""
    follow: tuple[str, ...] = ()
    """What is said in each later turn of a conversation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """Samples with what a task and a report must know about where they come from."""

    name: str
    title: str
    license: str
    access: Access
    digest: str
    """SHA-256 over the question files (not the images), so that a change shows."""
    samples: Iterable[Sample]
    """Can be gone through any number of times. Those of a large file are read from it each
    time, so nobody knows how many there are before they have been."""
    train: Sequence[Sample] = ()
    """Samples that baselines may be fitted on; never asked."""
    prompts: Mapping[str, Mapping[str, Prompt]] = field(default_factory=dict)
    """Purpose (`mc`, `ff`, `gd`, `ps`, `judge`, ...) -> family (`default`, `gpt`, ...).

    How a question is worded by itself: `yes-no`, `choice`, `open`. A purpose that is not here
    is put in the words of `datasets/stimuli/own.json`."""


BLOCK = 8192
"""Samples that are worked on together, or up to twice as many: any published set is one block."""


def blocks(samples: Iterable[Sample]) -> Iterator[Sequence[Sample]]:
    """The samples in blocks of `BLOCK` to twice as many, a smaller dataset in one.

    What looks beyond one sample (the images of another, say) looks as far as its block. No
    block is small: the last is joined to the one before it.
    """
    left = iter(samples)
    block = [*islice(left, BLOCK)]
    while following := [*islice(left, BLOCK)]:
        if len(following) < BLOCK:
            block += following
            break
        yield block
        block = following
    yield block


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How much of a dataset is at hand."""

    samples: int
    images: int
    """Images the samples need."""
    note: str
    """In words: `present`, `11 of 12 images`, or why it cannot be read."""


def state_of(load: Callable[[Path | None], Dataset], data: Path | None) -> State:
    """The state of a dataset whose loading only reads."""
    try:
        dataset = load(data)
    except InputError as error:
        return State(samples=0, images=0, note=str(error))
    count = 0
    paths: set[str] = set()
    for count, sample in enumerate(dataset.samples, start=1):  # noqa: B007 - the last one counts
        paths.update(image.path for image in sample.images)
    here = sum(Path(path).is_file() for path in paths)
    note = "present" if here == len(paths) else f"{here} of {len(paths)} images present"
    return State(samples=count, images=len(paths), note=note)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """An entry point of the group `medtrust.datasets`: what is known without any file.

    `load` reads the dataset under a folder and raises InputError saying what does not
    fit and where; `None` is for datasets that need no folder.
    """

    name: str
    title: str
    license: str
    access: Access
    source: str
    """Paper or other origin, for people."""
    load: Callable[[Path | None], Dataset]
    state: Callable[[Path | None], State]
    """What of it is under a folder, told without making or fetching anything."""
    correlation: float = 0.10
    """Intra-cluster correlation of right and wrong answers, as measured on real runs; .10 where
    nothing is known. Intervals start from it."""

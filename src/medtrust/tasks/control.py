"""Controls: the same questions with one thing changed, beside any task.

A control changes the samples and leaves the asking to its task, so it is asked,
read and counted exactly as the task itself is.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from msgspec import structs

from medtrust.errors import InputError
from medtrust.records import LETTERS, Sample
from medtrust.tasks.task import Task

Control = Callable[[Task], Task]
"""An entry point of the group `medtrust.tasks` whose name begins with `control/`."""


def named(task: Task, control: str, title: str) -> Task:
    """The task under its control's name, `control/text-only:mediconfusion/mc`."""
    return replace(
        task,
        name=f"{control}:{task.name}",
        title=f"{task.title}, {title}",
        base=task.name,
        against="",
    )


def text_only(task: Task) -> Task:
    """The question without its images: what the wording alone gives away."""

    def prepare(samples: Sequence[Sample]) -> list[Sample]:
        return [structs.replace(sample, images=()) for sample in task.prepare(samples)]

    return replace(named(task, "control/text-only", "without the image"), prepare=prepare)


def option_swap(task: Task) -> Task:
    """The options in reverse order: an answer should follow its option, not its letter.

    A question whose own text lists its options stays as it was, whatever their order here:
    it is left out, since its reference letter would be wrong.
    """

    def prepare(samples: Sequence[Sample]) -> list[Sample]:
        return [swapped(sample) for sample in task.prepare(samples)]

    return replace(
        named(task, "control/option-swap", "options reversed"),
        prepare=prepare,
        needs=lambda sample: task.needs(sample) and bool(sample.options),
        # Texts that are scored one by one stand in no message.
        fits=lambda sample, prompt: (
            task.mode == "prefix"
            or task.ask(sample, prompt).messages != task.ask(swapped(sample), prompt).messages
        ),
    )


def image_shuffle(task: Task) -> Task:
    """Each question with the image of another: what an unrelated image changes."""

    def prepare(samples: Sequence[Sample]) -> list[Sample]:
        return shuffled(task.prepare(samples))

    return replace(
        named(task, "control/image-shuffle", "with another image"),
        prepare=prepare,
        needs=lambda sample: task.needs(sample) and bool(sample.images),
    )


def repeat(task: Task) -> Task:
    """The same question once more: how far a single run is one draw."""
    return replace(named(task, "control/repeat", "asked again"), again=task.again + 1)


def swapped(sample: Sample) -> Sample:
    """The sample with its options in reverse order and its target letter moved along."""
    target = sample.target
    if sample.options and target in LETTERS:
        target = LETTERS[len(sample.options) - 1 - LETTERS.index(target)]
    return structs.replace(sample, options=sample.options[::-1], target=target)


def shuffled(samples: Sequence[Sample]) -> list[Sample]:
    """The samples with their images passed on along one fixed cycle.

    The cycle runs through all distinct images, cluster by cluster, and moves each by
    the size of the largest cluster: so none stays in its own, where it would not be
    unrelated (the other half of a pair is exactly wrong). The order is that of a hash
    of the names, so a resumed run shuffles alike. Raises InputError where one cluster
    holds more than half of all images: then there are too few unrelated ones.
    """
    images = {sample.images[0].id: sample for sample in samples if sample.images}
    order = sorted(images, key=lambda name: (_hash(images[name].cluster), _hash(name)))
    step = max(Counter(images[name].cluster for name in order).values(), default=0)
    if 2 * step > len(order):
        raise InputError(
            f"control/image-shuffle: {len(order)} images are too few to give every question "
            "an unrelated one; ask more questions (--limit)"
        )
    following = {
        name: images[order[(place + step) % len(order)]].images for place, name in enumerate(order)
    }
    return [
        structs.replace(sample, images=following[sample.images[0].id]) if sample.images else sample
        for sample in samples
    ]


def _hash(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()

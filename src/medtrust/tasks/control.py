"""Controls: the same questions with one thing changed, beside any task.

A control changes the samples and leaves the asking to its task, so it is asked,
read and counted exactly as the task itself is.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace

from medtrust.records import LETTERS, Sample
from medtrust.tasks.task import Task

Control = Callable[[Task], Task]
"""An entry point of the group `medtrust.tasks` whose name begins with `control/`."""


def named(task: Task, control: str, title: str) -> Task:
    """The task under its control's name, `control/text-only:mediconfusion/mc`."""
    return replace(
        task, name=f"{control}:{task.name}", title=f"{task.title}, {title}", base=task.name
    )


def text_only(task: Task) -> Task:
    """The question without its images: what the wording alone gives away."""

    def prepare(samples: Sequence[Sample]) -> list[Sample]:
        return [replace(sample, images=()) for sample in task.prepare(samples)]

    return replace(named(task, "control/text-only", "without the image"), prepare=prepare)


def option_swap(task: Task) -> Task:
    """The options in reverse order: an answer should follow its option, not its letter."""

    def prepare(samples: Sequence[Sample]) -> list[Sample]:
        return [swapped(sample) for sample in task.prepare(samples)]

    return replace(
        named(task, "control/option-swap", "options reversed"),
        prepare=prepare,
        needs=lambda sample: task.needs(sample) and bool(sample.options),
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
    return replace(sample, options=sample.options[::-1], target=target)


def shuffled(samples: Sequence[Sample]) -> list[Sample]:
    """The samples with their images passed on along one fixed cycle.

    The cycle runs through all distinct images in the order of a hash of their
    names and skips as far as is needed for no image to go to its pair's other
    half, where it would not be unrelated but exactly wrong. It depends on nothing
    but the images' names, so a resumed run shuffles alike.
    """
    images = {sample.images[0].id: sample.images for sample in samples if sample.images}
    order = sorted(images, key=lambda name: hashlib.sha256(name.encode()).digest())
    partners: dict[str, set[str]] = {}
    for sample in samples:
        if sample.images:
            partners.setdefault(sample.pair or sample.id, set()).add(sample.images[0].id)
    place = {name: index for index, name in enumerate(order)}

    def clashes(step: int) -> int:
        return sum(
            order[(place[name] + step) % len(order)] in group
            for group in partners.values()
            for name in group
        )

    step = min(range(1, min(len(order), 200)), key=clashes, default=0)
    return [
        replace(sample, images=images[order[(place[sample.images[0].id] + step) % len(order)]])
        if sample.images
        else sample
        for sample in samples
    ]

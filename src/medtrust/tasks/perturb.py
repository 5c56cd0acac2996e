"""Any task with its images disturbed: `perturb/gaussian-3:cares/factuality`."""

from collections.abc import Sequence
from dataclasses import replace

from msgspec import structs

from medtrust.records import Sample
from medtrust.tasks.task import Task


def perturbed(task: Task, name: str, title: str, transform: str) -> Task:
    """The task under another name, with a transform of `images/perturb` on every image.

    Its figures are set against those of the task with the images as they are.
    """

    def prepare(samples: Sequence[Sample]) -> list[Sample]:
        return [disturbed(sample, transform) for sample in task.prepare(samples)]

    return replace(
        task,
        name=name,
        title=title,
        prepare=prepare,
        needs=lambda sample: bool(sample.images) and task.needs(sample),
        metrics=tuple(metric for metric in task.metrics if metric != "fairness"),
        against=task.name,
    )


def disturbed(sample: Sample, transform: str) -> Sample:
    """The sample with the transform on each of its images."""
    images = tuple(structs.replace(image, transform=transform) for image in sample.images)
    return structs.replace(sample, images=images)

"""What a task is: which samples it can ask, how it asks, and who reads the answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from medtrust.datasets.dataset import Prompt
from medtrust.records import Message, Mode, Request, Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """An entry point of the group `medtrust.tasks`.

    `version` rises when an answer to the old request is no answer to the new one.
    """

    name: str
    title: str
    version: int
    mode: Mode
    prompt: str
    """Which of a dataset's prompts it asks with: a key of `Dataset.prompts`."""
    needs: Callable[[Sample], bool]
    ask: Callable[[Sample, Prompt], Request]
    scorer: str
    """Name in the group `medtrust.scorers`."""
    metrics: tuple[str, ...]
    """Names in the group `medtrust.metrics`."""
    judge: Literal["", "options", "answer", "toxicity"] = ""
    """Who must read the replies before they can be scored: nobody, or a judge of
    `tasks/judge.py`."""
    then: Callable[[Sample, Prompt, Sequence[str]], Request] | None = None
    """What is asked in a later turn, given the replies so far; None for tasks of one turn."""
    turns: int = 1
    against: str = ""
    """The task whose answers to the same questions this one's are set against: what a
    stimulus changes is the difference."""
    asks: Literal["question", "wish", "private value"] = "question"
    """What it asks for: an answer about the image, a wish (harmful or not) to be granted, or a
    private value. How well rules read its replies is counted apart for each."""
    per: Literal["sample", "image"] = "sample"
    """What it is asked of: every sample, or each image once, by the first sample that shows it.
    Upstream repeats an image-level prompt once for each of an image's questions, and so weights
    images by how many questions they happen to have (cares.md P6)."""
    prepare: Callable[[Sequence[Sample]], Sequence[Sample]] = tuple
    """Changes the samples before they are asked (controls do); each keeps its id. It is given a
    block of a dataset at a time (`datasets.dataset.blocks`): all of it, unless it is large."""
    base: str = ""
    """For a control: the task it varies."""
    fits: Callable[[Sample, Prompt], bool] = lambda _, __: True
    """Whether what a control changes of a prepared sample shows in these words at all."""
    again: int = 0
    """How many earlier rounds of the same question come before this task's own."""


def fill(template: str, *values: str) -> str:
    """Put `values` into the `{}` slots of a template, in order.

    Unlike `str.format` it treats every other brace as text, so neither a
    question nor a prompt file can reach anything by its format string.
    Raises ValueError when slots and values differ in number.
    """
    pieces = _pieces(template)
    if len(pieces) != len(values) + 1:
        raise ValueError(f"template has {len(pieces) - 1} slots for {len(values)} values")
    filled = pieces[0]
    for value, piece in zip(values, pieces[1:], strict=True):
        filled += value + piece
    return filled


@lru_cache(256)
def _pieces(template: str) -> list[str]:
    return template.split("{}")


def opening(sample: Sample, prompt: Prompt, text: str) -> tuple[Message, ...]:
    """How a conversation begins: images first, as upstream has them, then the text."""
    system = (Message(role="system", parts=(prompt.system,)),) if prompt.system else ()
    return (*system, Message(role="user", parts=(*sample.images, text)))

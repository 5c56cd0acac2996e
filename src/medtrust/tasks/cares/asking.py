"""How every CARES task puts its words: the question, a stimulus, or both."""

from collections.abc import Sequence

from msgspec.structs import replace

from medtrust.datasets.dataset import Prompt
from medtrust.records import LETTERS, Generation, Request, Sample
from medtrust.tasks.task import fill, opening

LONG = 512
"""Tokens for a description, a report or advice; a closed question needs a fraction of them."""


def worded(sample: Sample, prompt: Prompt) -> str:
    """The question as the dataset words it, with its options where the wording has room for them.

    Raises ValueError where the dataset has no wording for such a question.
    """
    wording = sample.facts.get("wording", sample.kind)
    template = prompt.base.get(wording)
    if template is None:
        raise ValueError(f"no wording for a question of the kind {wording!r}")
    if template.count("{}") == 1:
        return fill(template, sample.question)
    return fill(template, sample.question, lettered(sample.options))


def lettered(options: Sequence[str]) -> str:
    """The options on a line each: `A. text`."""
    return "\n".join(
        f"{letter}. {option}" for letter, option in zip(LETTERS, options, strict=False)
    )


def ask_question(sample: Sample, prompt: Prompt) -> Request:
    """The question, with the stimulus around it."""
    return Request(
        sample=sample.id,
        question=sample.question,
        kind=sample.kind,
        messages=opening(sample, prompt, fill(prompt.template, worded(sample, prompt))),
        options=sample.options,
    )


def ask_instead(sample: Sample, prompt: Prompt) -> Request:
    """The stimulus in place of the question, about the same images."""
    return Request(
        sample=sample.id,
        question=prompt.template,
        kind="open",
        messages=opening(sample, prompt, prompt.template),
        generation=Generation(max_tokens=LONG),
    )


def has_image(sample: Sample) -> bool:
    """Whether there is anything to look at."""
    return bool(sample.images)


def without_question(samples: Sequence[Sample]) -> list[Sample]:
    """The same images with nothing of their questions: what is asked is the stimulus alone."""
    return [
        replace(
            sample,
            kind="open",
            question="",
            target="",
            options=(),
            pair="",
            quarantine="",
            groups={name: own for name, own in sample.groups.items() if name != "question_type"},
        )
        for sample in samples
    ]

"""Trustfulness: is it right, and does it know when it is not?

Sources: cares.md 1.2 and 1.3. Fairness is factuality within groups of patients, so it is a
metric of the same task.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from medtrust.datasets.dataset import Prompt
from medtrust.records import Message, Request, Sample
from medtrust.tasks.cares.asking import ask_question
from medtrust.tasks.task import Task


def can_be_asked(sample: Sample) -> bool:
    """Whether there is a question, with a reference or with the reason why it has none."""
    return bool(sample.question) and bool(sample.target or sample.quarantine)


def is_closed(sample: Sample) -> bool:
    """Whether the answer is one of a few: only such an answer is right or wrong."""
    return can_be_asked(sample) and sample.kind != "open"


def ask_again(sample: Sample, prompt: Prompt, replies: Sequence[str]) -> Request:
    """The question and the model's own answer, then: are you sure?"""
    first = ask_question(sample, prompt)
    talk = list(first.messages)
    for reply, question in zip(replies, prompt.follow[: len(replies)], strict=True):
        talk.append(Message(role="assistant", parts=(reply,)))
        talk.append(Message(role="user", parts=(question,)))
    return replace(first, messages=tuple(talk))


FACTUALITY = Task(
    name="cares/factuality",
    title="Factuality",
    version=1,
    mode="generate",
    prompt="factuality",
    needs=can_be_asked,
    ask=ask_question,
    scorer="factuality",
    metrics=("accuracy", "abstention", "fairness", "clinical", "costs"),
    judge="answer",
)
UNCERTAINTY = Task(
    name="cares/uncertainty",
    title="Uncertainty, in two turns",
    version=1,
    mode="generate",
    prompt="uncertainty",
    needs=is_closed,
    ask=ask_question,
    then=ask_again,
    turns=2,
    scorer="uncertainty",
    metrics=("uncertainty",),
)
UNCERTAINTY_MERGED = Task(
    name="cares/uncertainty-merged",
    title="Uncertainty, in the released code's single prompt",
    version=1,
    mode="generate",
    prompt="uncertainty-merged",
    needs=is_closed,
    ask=ask_question,
    scorer="uncertainty",
    metrics=("uncertainty",),
)

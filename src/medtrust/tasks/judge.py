"""Asking a judge which of a question's options a free reply is closer to."""

from dataclasses import replace

from medtrust.datasets.dataset import Prompt
from medtrust.records import Generation, Message, Request, Sample
from medtrust.tasks.control import swapped
from medtrust.tasks.task import Task, fill

REPLY = "reply"
"""Where a sample that is put to a judge carries the reply: `facts["reply"]`."""

MAX_REPLY = 20_000
"""Characters of a reply that a judge sees: a runaway reply must not cost a fortune."""


def for_judge(sample: Sample, reply: str, order: int) -> Sample:
    """The sample a judge is asked about: no image, the reply, options in one of two orders.

    `order` 0 shows the options as the sample has them, 1 the other way round.
    """
    shown = swapped(sample) if order else sample
    return replace(shown, images=(), facts={REPLY: reply[:MAX_REPLY]})


def ask_judge(sample: Sample, prompt: Prompt) -> Request:
    """How close is the reply to each of the two options, 1 to 10?

    Temperature 0 where upstream samples once at 0.7 (mediconfusion.md 5.1.9):
    chance comes in through repeats that are counted, not through one draw.
    """
    reply = sample.facts[REPLY]
    text = fill(prompt.template, sample.question, *sample.options, reply)
    system = (Message(role="system", parts=(prompt.system,)),) if prompt.system else ()
    return Request(
        sample=sample.id,
        question=reply,
        kind="open",
        messages=(*system, Message(role="user", parts=(text,))),
        options=sample.options,
        generation=Generation(max_tokens=256),
    )


def judging(task: Task) -> Task:
    """The task that puts another task's replies to a judge."""
    return Task(
        name=f"judge:{task.name}",
        title=f"Judging {task.title}",
        version=1,
        mode="generate",
        prompt="judge",
        needs=lambda sample: len(sample.options) == 2,
        ask=ask_judge,
        scorer="",
        metrics=(),
        base=task.name,
    )

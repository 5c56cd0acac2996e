"""Putting replies to a judge: which of two options, how good an answer, how toxic a text.

And to a reader: does it decline, is it sure?

A judge's turns are different views of one reply, asked independently of each other.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from medtrust.common.thinking import spoken
from medtrust.datasets.dataset import Prompt
from medtrust.records import Generation, Message, Request, Sample
from medtrust.tasks.control import swapped
from medtrust.tasks.task import Task, fill

REPLY = "reply"
"""Where a sample that is put to a judge carries the reply: `facts["reply"]`."""

FORM = "form"
"""Which of a judge's wordings it is put in: `facts["form"]`."""

MAX_REPLY = 20_000
"""Characters of a reply that a judge sees: a runaway reply must not cost a fortune."""

MAX_TOKENS = 1_024
"""Tokens of a judge's reply: a judgement that is cut short is not read, and some explain at
length. It bounds what may be written, not what is."""

FENCE = 16
"""Hexadecimal digits of a fence: to find a text that holds its own takes 2^64 tries."""

MAX_QUESTION = 4_000
"""Characters of a question that a reader sees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """One kind of judgement."""

    purpose: str
    """The dataset's prompt it is asked with; empty where the reply is all that is sent."""
    turns: int
    """Views of each reply."""
    waits: Callable[[Sample], bool]
    """Whether a reply to this sample needs it."""
    view: Callable[[Sample, str, int], Sample]
    """The sample as the judge is asked about it: with the reply, in one of its views."""
    ask: Callable[[Sample, Prompt], Request]
    last: bool = False
    """Whether it is about the last of a task's replies rather than the first."""


def shown_to_judges(reply: str) -> str:
    """A reply without its thinking, which is no part of the answer, and bounded."""
    said = spoken(reply)
    return (reply if said == reply else said.strip())[:MAX_REPLY]


def for_judge(sample: Sample, reply: str, order: int) -> Sample:
    """A question with two options: shown as the sample has them (0) or the other way round (1)."""
    shown = swapped(sample) if order else sample
    return replace(shown, images=(), facts={REPLY: shown_to_judges(reply)})


def ask_judge(sample: Sample, prompt: Prompt) -> Request:
    """How close is the reply to each of the two options, 1 to 10?

    Temperature 0 where upstream samples once at 0.7 (mediconfusion.md 5.1.9):
    chance comes in through repeats that are counted, not through one draw. Our wording begins
    with a slot for the fence; upstream's has none and is filled as it is (2.2), as the official
    reading is one of its exact prompt.
    """
    reply = sample.facts[REPLY]
    texts = (sample.question, *sample.options, reply)
    has_fence = prompt.template.count("{}") > len(texts)
    text = fenced(prompt.template, *texts) if has_fence else fill(prompt.template, *texts)
    return _request(sample, reply, prompt, text)


def for_marks(sample: Sample, reply: str, view: int) -> Sample:
    """An open answer: beside the reference (0), the other way round (1), and alone (2)."""
    said = shown_to_judges(reply)
    shown = ((sample.target, said), (said, sample.target), (said,))[view]
    form = "relative" if view < 2 else "absolute"
    return replace(sample, images=(), options=shown, facts={REPLY: said, FORM: form})


def ask_marks(sample: Sample, prompt: Prompt) -> Request:
    """How good is each answer shown, 1 to 10, given the reference (cares.md 1.1)?

    All texts are fenced data. Which answer is the reference's must not show, so both are.
    """
    template = prompt.base[sample.facts[FORM]]
    text = fenced(template, sample.question, sample.target, *sample.options)
    request = _request(sample, sample.target, prompt, text)
    names = ("A", "B") if sample.facts[FORM] == "relative" else ("Mark",)
    return replace(request, marks=names)


def for_toxicity(sample: Sample, reply: str, view: int) -> Sample:
    """The reply alone: whose answer it is, and to what, is nothing to a classifier."""
    del view
    said = shown_to_judges(reply)
    return replace(sample, images=(), question="", options=(), facts={REPLY: said})


def ask_toxicity(sample: Sample, prompt: Prompt) -> Request:
    """How toxic is this text, from 0 to 1?"""
    reply = sample.facts[REPLY]
    return _request(sample, reply, prompt, reply)


def for_reader(sample: Sample, reply: str, view: int) -> Sample:
    """The question and the reply; the options are left out, as nobody is to choose one."""
    del view
    return replace(sample, images=(), options=(), facts={REPLY: shown_to_judges(reply)})


def ask_reader(sample: Sample, prompt: Prompt) -> Request:
    """One question about a reply, to be answered in a word. Both texts are fenced data."""
    reply = sample.facts[REPLY]
    text = fenced(prompt.template, sample.question[:MAX_QUESTION], reply)
    return _request(sample, reply, prompt, text)


def fenced(template: str, *texts: str) -> str:
    """A template whose first slot takes a fence, and the others texts between two of it each.

    The fence is made from all that is asked: the same request has the same one (and so the same
    key), and no text can hold it, as it would change with the text.
    """
    asked = "\n".join((template, *map(quoted, texts)))
    fence = f"#{hashlib.sha256(asked.encode()).hexdigest()[:FENCE]}#"
    return fill(template, fence, *(f"{fence} {quoted(text)} {fence}" for text in texts))


def quoted(text: str) -> str:
    r"""A text as a JSON string on one line, which nothing in it can end.

    What begins a token of a chat template (`<|im_start|>`, `[INST]`) is escaped, and so is
    whatever breaks a line or turns a text's direction: a reply must not speak to its reader.
    """
    return json.dumps(text, ensure_ascii=False).translate(_ESCAPED)


_ESCAPED = {
    code: f"\\u{code:04x}"
    for first, last in (
        (0x3C, 0x3C), (0x5B, 0x5B), (0x7F, 0x9F), (0x200B, 0x200F), (0x2028, 0x202E),
        (0x2060, 0x206F), (0x25C1, 0x25C1), (0xD800, 0xDFFF), (0xFEFF, 0xFEFF),
    )
    for code in range(first, last + 1)
}  # fmt: skip


def _request(sample: Sample, subject: str, prompt: Prompt, text: str) -> Request:
    system = (Message(role="system", parts=(prompt.system,)),) if prompt.system else ()
    return Request(
        sample=sample.id,
        question=subject,
        kind="open",
        messages=(*system, Message(role="user", parts=(text,))),
        options=sample.options,
        generation=Generation(max_tokens=MAX_TOKENS),
    )


JUDGINGS: Mapping[str, Judging] = {
    "options": Judging(
        purpose="judge",
        turns=2,
        waits=lambda sample: len(sample.options) == 2,
        view=for_judge,
        ask=ask_judge,
    ),
    "answer": Judging(
        purpose="judge-answer",
        turns=3,
        waits=lambda sample: sample.kind == "open",
        view=for_marks,
        ask=ask_marks,
    ),
    "toxicity": Judging(
        purpose="",
        turns=1,
        waits=lambda _: True,
        view=for_toxicity,
        ask=ask_toxicity,
    ),
    "abstention": Judging(
        purpose="read-abstention",
        turns=1,
        waits=lambda _: True,
        view=for_reader,
        ask=ask_reader,
    ),
    "confidence": Judging(
        purpose="read-confidence",
        turns=1,
        waits=lambda _: True,
        view=for_reader,
        ask=ask_reader,
        last=True,
    ),
}
"""By the name that a task's `judge`, or its scorer's `reads`, gives."""


def judging(task: Task, kind: str) -> Task:
    """The task that puts another task's replies to a judge of the given kind."""
    return Task(
        name=f"judge-{kind}:{task.name}",
        title=f"Judging {task.title}",
        version=1,
        mode="generate",
        prompt=JUDGINGS[kind].purpose,
        needs=JUDGINGS[kind].waits,
        ask=JUDGINGS[kind].ask,
        scorer="",
        metrics=(),
        base=task.name,
    )

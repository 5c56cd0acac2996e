"""MediConfusion's four ways of asking one question of two images (mediconfusion.md 2.1).

Every task here runs on any dataset that has pairs of two-option questions and the
prompts; the wording comes with the dataset.
"""

from medtrust.datasets.dataset import Prompt
from medtrust.records import Generation, Request, Sample
from medtrust.tasks.task import Task, fill, opening

LETTER_TOKENS = 32
"""Upstream's `max_new_tokens` for a letter (answering.py:42-46)."""


def is_pair(sample: Sample) -> bool:
    """Whether the sample is one half of a confusing pair with two options."""
    return bool(sample.pair) and sample.kind == "choice" and len(sample.options) == 2


def ask_letter(sample: Sample, prompt: Prompt) -> Request:
    """`mc`: the question with both options; the reply is read for a letter."""
    return Request(
        sample=sample.id,
        question=sample.question,
        messages=opening(sample, prompt, fill(prompt.template, sample.question, *sample.options)),
        options=sample.options,
        generation=Generation(max_tokens=LETTER_TOKENS, logprobs=True),
    )


def ask_freely(sample: Sample, prompt: Prompt) -> Request:
    """`ff`: the question alone; a judge says which option the reply is closer to."""
    return Request(
        sample=sample.id,
        question=sample.question,
        kind="open",
        messages=opening(sample, prompt, fill(prompt.template, sample.question)),
    )


def ask_logits(sample: Sample, prompt: Prompt) -> Request:
    """`gd`: the log-probabilities of the letters A and B as the first token of the reply."""
    return Request(
        sample=sample.id,
        question=sample.question,
        mode="choices",
        messages=opening(sample, prompt, fill(prompt.template, sample.question, *sample.options)),
        options=sample.options,
        generation=Generation(max_tokens=1, logprobs=True),
    )


def ask_prefix(sample: Sample, prompt: Prompt) -> Request:
    """`ps`: the log-probability of each option as the reply.

    The prompt's last slot is where the option stands, so what comes before it is
    the user's turn and the option is the assistant's.
    """
    before, slot, after = prompt.template.rpartition("{}")
    if not slot or after:
        raise ValueError(f"prefix prompt of family {prompt.family!r} does not end with its option")
    return Request(
        sample=sample.id,
        question=sample.question,
        mode="prefix",
        messages=opening(sample, prompt, fill(before, sample.question)),
        options=sample.options,
        generation=Generation(max_tokens=1),
    )


MC = Task(
    name="mediconfusion/mc",
    title="Multiple choice",
    version=1,
    mode="generate",
    prompt="mc",
    needs=is_pair,
    ask=ask_letter,
    scorer="option",
    metrics=("pairs", "calibration"),
)
FF = Task(
    name="mediconfusion/ff",
    title="Free form, judged",
    version=1,
    mode="generate",
    prompt="ff",
    needs=is_pair,
    ask=ask_freely,
    scorer="judge",
    metrics=("pairs", "judged"),
    judge="options",
)
GD = Task(
    name="mediconfusion/gd",
    title="Greedy decoding over the letters",
    version=1,
    mode="choices",
    prompt="gd",
    needs=is_pair,
    ask=ask_logits,
    scorer="logits",
    metrics=("pairs", "calibration"),
)
PS = Task(
    name="mediconfusion/ps",
    title="Prefix score",
    version=1,
    mode="prefix",
    prompt="ps",
    needs=is_pair,
    ask=ask_prefix,
    scorer="prefix",
    metrics=("pairs", "calibration"),
)

"""What is to be asked: one model, one task, one dataset, and every setting of it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from medtrust.datasets.dataset import Prompt
from medtrust.records import Access, Request, Sample
from medtrust.tasks.task import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """Decoding settings that replace a task's own; None leaves the task's."""

    max_tokens: int | None = None
    temperature: float | None = None
    server_temperature: bool = False
    """Send no temperature at all: some servers refuse any but their own."""
    seed: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A block of questions. Two plans with the same fingerprint are the same plan."""

    model: str
    identity: Mapping[str, str]
    task: str
    task_version: int
    dataset: str
    digest: str
    """Of the dataset's question files; for a judge's plan, of the replies it reads."""
    access: Access
    prompt: Prompt
    judge_prompt: Prompt | None = None
    """What a judge of this plan's replies is to be asked with."""
    overrides: Overrides = Overrides()
    repeats: int = 1
    first_repeat: int = 0
    limit: int | None = None
    errata: tuple[str, ...] = ()
    quarantined: int = 0
    """Samples that errata took out."""
    judge_of: str = ""
    """For a judge's plan: fingerprint of the plan whose replies it reads."""
    judge_kind: str = ""
    """For a judge's plan: what it judges, a name of `tasks/judge.JUDGINGS`."""
    judge_samples: int = 1
    """For a judge's plan: how often each reply is judged in each order of the options."""

    @property
    def fingerprint(self) -> str:
        """Hex digest over every field."""
        return hashlib.sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One question of a plan, as it stands in the journal."""

    plan: int
    sample: Sample
    repeat: int = 0
    turn: int = 0
    key: bytes = b""
    """Of the response it had when it was read, empty where it had none."""
    replies: tuple[str, ...] = ()
    """What the model said in the turns before this one."""


def request_of(plan: Plan, task: Task, item: Item) -> Request:
    """The request of an item, with the plan's settings in place of the task's."""
    if task.then is not None and item.turn:
        request = task.then(item.sample, plan.prompt, item.replies)
    else:
        request = task.ask(item.sample, plan.prompt)
    generation = request.generation
    chosen = plan.overrides
    # A task that reads one token's probabilities has no use for another length or temperature.
    if request.mode == "generate":
        generation = replace(
            generation,
            max_tokens=chosen.max_tokens or generation.max_tokens,
            temperature=None
            if chosen.server_temperature
            else generation.temperature
            if chosen.temperature is None
            else chosen.temperature,
            seed=generation.seed if chosen.seed is None else chosen.seed,
        )
    return replace(request, generation=generation, repeat=item.repeat)


def samples_of(task: Task, samples: Sequence[Sample], limit: int | None = None) -> list[Sample]:
    """The samples a task asks about: those that have what it needs, then prepared.

    `limit` bounds the number of samples asked; a pair is kept whole or not at all,
    since half of one can't be scored.
    """
    units: dict[str, list[Sample]] = {}
    for sample in task.choose([sample for sample in samples if task.needs(sample)]):
        units.setdefault(sample.pair or sample.id, []).append(sample)
    asked: list[Sample] = []
    for unit in units.values():
        if limit is not None and len(asked) + len(unit) > limit:
            break
        asked += unit
    return list(task.prepare(asked))

"""What is to be asked: one model, one task, one dataset, and every setting of it."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import fields as fields_of

import msgspec
from msgspec.structs import replace

from medtrust.common.thinking import spoken
from medtrust.datasets.dataset import Prompt
from medtrust.records import Access, Generation, Request, Sample
from medtrust.tasks.task import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """Decoding settings that replace a task's own; None leaves the task's."""

    max_tokens: int | None = None
    temperature: float | None = None
    server_temperature: bool = False
    """Send no temperature at all: some servers refuse any but their own."""
    seed: int | None = None

    @property
    def any(self) -> bool:
        """Whether anything is replaced."""
        numbers = (self.max_tokens, self.temperature, self.seed)
        return self.server_temperature or numbers != (None, None, None)


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
    called: str = ""
    """What results call the model where another of the run has its name: no part of the plan."""

    @property
    def fingerprint(self) -> str:
        """Hex digest over every field of the plan."""
        fields = {
            field.name: getattr(self, field.name)
            for field in fields_of(self)
            if field.name != "called"
        }
        return hashlib.sha256(msgspec.json.encode(fields, order="deterministic")).hexdigest()

    @property
    def name(self) -> tuple[str, str, str]:
        """What its result is called: model, task and dataset."""
        return (self.called or self.model, self.task, self.dataset)


def told_apart(plans: Iterable[Plan]) -> dict[str, str]:
    """Fingerprints of plans whose model shares its name with another -> what to call theirs.

    Two servers may call two models by one name, and a folder may get new weights: what tells them
    apart (address, revision) is put behind the name.
    """
    by: dict[str, list[Plan]] = {}
    for plan in plans:
        by.setdefault(plan.model, []).append(plan)
    found: dict[str, str] = {}
    for model, own in by.items():
        keys = [
            key
            for key in dict.fromkeys(key for plan in own for key in plan.identity)
            if len({plan.identity.get(key) for plan in own}) > 1
        ]
        for plan in own if keys else ():
            said = (
                plan.identity.get(key, "none")[:LONGEST]
                if key == "endpoint"
                else f"{key} {plan.identity.get(key, 'none')[:SHOWN]}"
                for key in keys
            )
            found[plan.fingerprint] = f"{model} ({', '.join(said)})"
    return found


LONGEST, SHOWN = 200, 12
"""Characters of an address, and of what else tells two models apart (a hash, mostly)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One question of a plan, as it stands in the journal."""

    plan: int
    sample: Sample
    repeat: int = 0
    turn: int = 0
    replies: tuple[str, ...] = ()
    """What the model said in the turns before this one."""


def shown_again(reply: str) -> str:
    """What a model is shown of its own reply in a later turn: what it said, not what it thought.

    That is how the templates of models that think have it. Empty where it said nothing: then there
    is no later turn, since an empty one would be put in the model's mouth.
    """
    said = spoken(reply)
    return (said if said == reply else said.strip()) if said.strip() else ""


def request_of(plan: Plan, task: Task, item: Item) -> Request:
    """The request of an item, with the plan's settings in place of the task's."""
    if task.then is not None and item.turn:
        request = task.then(item.sample, plan.prompt, item.replies)
    else:
        request = task.ask(item.sample, plan.prompt)
    generation = _generation(request, plan.overrides)
    if generation is request.generation and item.repeat == request.repeat:
        return request
    return replace(request, generation=generation, repeat=item.repeat)


def _generation(request: Request, chosen: Overrides) -> Generation:
    # A task that reads one token's probabilities has no use for another length or temperature.
    if request.mode != "generate" or not chosen.any:
        return request.generation
    own = request.generation
    temperature = own.temperature if chosen.temperature is None else chosen.temperature
    return replace(
        own,
        max_tokens=chosen.max_tokens or own.max_tokens,
        temperature=None if chosen.server_temperature else temperature,
        seed=own.seed if chosen.seed is None else chosen.seed,
    )


class Selection:
    """The samples that a task asks about, picked from each block of a dataset in order.

    Those are the ones that have what the task needs, then prepared. `limit` bounds their
    number over all blocks; a pair is kept whole or not at all, since half of one can't be
    scored. A task that is asked once an image takes the first sample of each image (of each
    set of images where a sample has several), and remembers a number for it (69 bytes).
    """

    def __init__(self, task: Task, limit: int | None = None) -> None:
        self.full = False
        """Whether no later block can add anything."""
        self._task, self._limit = task, limit
        self._asked = 0
        self._seen: set[int] = set()

    def pick(self, block: Sequence[Sample]) -> list[Sample]:
        """The samples of a block that are asked about."""
        units: dict[str, list[Sample]] = {}
        for sample in block if not self.full else ():
            if self._task.needs(sample) and (self._task.per == "sample" or self._is_new(sample)):
                units.setdefault(sample.pair or sample.id, []).append(sample)
        found: list[Sample] = []
        for unit in units.values():
            if self._limit is not None and self._asked + len(unit) > self._limit:
                self.full = True
                break
            found += unit
            self._asked += len(unit)
        return list(self._task.prepare(found))

    def _is_new(self, sample: Sample) -> bool:
        known = len(self._seen)
        self._seen.add(hash(tuple(image.id for image in sample.images)))
        return len(self._seen) > known


def samples_of(task: Task, samples: Iterable[Sample], limit: int | None = None) -> list[Sample]:
    """All samples that a task asks about, of a dataset that is held in memory whole."""
    return Selection(task, limit).pick(tuple(samples))

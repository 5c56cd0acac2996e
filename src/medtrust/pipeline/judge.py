"""Put replies to a judge: its questions go through the same journal and loop."""

import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from medtrust.datasets.dataset import Prompt
from medtrust.models.model import Model, ModelOptions
from medtrust.pipeline.select import check_consent, connect
from medtrust.records import Response, Sample
from medtrust.runner.blocking import ask_all
from medtrust.runner.journal import Journal
from medtrust.runner.local import Loop
from medtrust.runner.plan import Item, Overrides, Plan
from medtrust.runner.reader import Reader
from medtrust.runner.tally import Limits, Tally, Watcher
from medtrust.tasks.judge import JUDGINGS, REPLY, judging
from medtrust.tasks.select import load
from medtrust.tasks.task import Task

ANSWERS = ("options", "answer")
"""What a language model judges."""

TOXICITY = ("toxicity",)
"""What a classifier judges."""

WORD_LIST = "toxicity/words"
"""The classifier that needs nothing, and finds little."""

REPLY_ALONE = Prompt(family="default", template="{}")
"""For a judge that is sent the reply and nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeSettings:
    """Who judges, and how often."""

    model: str
    base_url: str = ""
    samples: int = 1
    """Judgements of each reply in each view."""
    temperature: float = 0.0
    allow_remote: Sequence[str] = ()


def connect_judge(settings: JudgeSettings) -> Model:
    """The model that judges."""
    return connect(settings.model, ModelOptions(base_url=settings.base_url))


def judge_all(
    journal: Journal,
    model: Model,
    settings: JudgeSettings,
    kinds: Collection[str],
    limits: Limits,
    watch: Callable[[str], Watcher],
) -> Tally | None:
    """Ask the judge about every reply that waits for one of its kinds; blocking.

    Returns None where no reply of the run does. Raises ConsentError before anything
    restricted is sent.
    """
    asked: dict[int, tuple[Plan, Task]] = {}
    check_judge(journal, model, settings, kinds)
    for number, plan, kind in [*_waiting(journal, kinds)]:
        task = judging(load(plan.task), kind)
        digest = _digest(journal, number, kind)
        if not digest:
            continue
        own = Plan(
            model=model.name,
            identity=model.identity,
            task=task.name,
            task_version=task.version,
            dataset=plan.dataset,
            digest=digest,
            access=plan.access,
            prompt=plan.judge_prompt or REPLY_ALONE if JUDGINGS[kind].purpose else REPLY_ALONE,
            overrides=Overrides(temperature=settings.temperature),
            judge_of=plan.fingerprint,
            judge_kind=kind,
            judge_samples=settings.samples,
        )
        items = _items(journal, number, kind, settings.samples)
        asked[journal.register(own, items)] = (own, task)
    if not asked:
        return None
    return ask_all(Loop(journal, model, asked, limits, watch(model.name)))


def check_judge(
    journal: Reader, model: Model, settings: JudgeSettings, kinds: Collection[str]
) -> None:
    """Raises ConsentError where a plan that waits for the judge must not be sent to it."""
    for _, plan, _ in _waiting(journal, kinds):
        check_consent(model, plan.dataset, plan.access, settings.allow_remote)


def judged_by(journal: Reader, kinds: Collection[str]) -> set[str]:
    """Who has been asked for judgements of the kinds that count now."""
    return {
        judged.model
        for _, plan, kind in _waiting(journal, kinds)
        for _, judged in journal.judging(plan.fingerprint)
        if judged.judge_kind == kind
    }


def _waiting(journal: Reader, kinds: Collection[str]) -> Iterator[tuple[int, Plan, str]]:
    """Plans whose replies need a judgement, each with its kind.

    A task that is set against another needs the same judgement of that one's replies.
    """
    plans = journal.plans()
    by = {(plan.model, plan.task, plan.dataset): number for number, plan in plans.items()}
    found: dict[tuple[int, str], None] = {}
    for number, plan in plans.items():
        task = load(plan.task)
        if task.judge in kinds:
            found[number, task.judge] = None
            against = by.get((plan.model, task.against, plan.dataset))
            if against is not None:
                found[against, task.judge] = None
    for number, kind in found:
        yield number, plans[number], kind


def _replies(journal: Reader, plan: int, kind: str) -> Iterator[tuple[Item, bytes, str]]:
    """A plan's replies that wait for a judge, each with its item and key."""
    for item, key, response, _, _ in journal.answers(plan):
        if response is not None and JUDGINGS[kind].waits(item.sample):
            yield item, key, response.text


def _digest(journal: Reader, plan: int, kind: str) -> str:
    """A digest of which replies wait for a judge; empty where none does."""
    digest, found = hashlib.sha256(), False
    for item, key, _ in _replies(journal, plan, kind):
        digest.update(key + item.sample.id.encode() + item.repeat.to_bytes(4, "big"))
        found = True
    return digest.hexdigest() if found else ""


def _items(
    journal: Reader, plan: int, kind: str, samples: int
) -> Iterator[tuple[Sample, int, int]]:
    """Judge's items for a plan's replies."""
    judged = JUDGINGS[kind]
    for item, _, reply in _replies(journal, plan, kind):
        for view in range(judged.turns):
            shown = judged.view(item.sample, reply, view)
            for number in range(samples):
                yield shown, item.repeat * samples + number, view


Judgements = dict[tuple[str, int, str], list[Response | None]]
"""(sample, repeat, reply that was judged) -> judgements, view after view."""


def judgements(journal: Reader, plan: Plan, kind: str) -> tuple[str, Judgements]:
    """Who judged a plan's replies and how; both empty where no judge has answered.

    They are tied to the reply they read: a new reply to the same question has none
    until it is judged itself. Of several judges the latest that answered counts, and one that
    went through all replies before one that was interrupted: else a task and what it is set
    against could be read by two judges.
    """
    known = [one for one in journal.judging(plan.fingerprint) if one[1].judge_kind == kind]
    latest_first = known[::-1]
    unfinished = {*journal.unfinished([number for number, _ in known])}
    for number, judged in sorted(latest_first, key=lambda one: one[0] in unfinished):
        found: Judgements = {}
        for item, _, response, _, _ in journal.answers(number):
            repeat, _ = divmod(item.repeat, judged.judge_samples)
            # Rows come by sample, repeat and view, so the views alternate.
            name = (item.sample.id, repeat, item.sample.facts[REPLY])
            found.setdefault(name, []).append(response)
        if any(response for responses in found.values() for response in responses):
            return judged.model, found
    return "", {}

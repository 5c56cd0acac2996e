"""Put replies to a judge: its questions go through the same journal and loop."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from medtrust.models.model import Model, ModelOptions
from medtrust.pipeline.select import check_consent, connect
from medtrust.records import Response, Sample
from medtrust.runner.blocking import ask_all
from medtrust.runner.journal import Journal
from medtrust.runner.local import Limits, Loop, Tally, Watcher
from medtrust.runner.plan import Overrides, Plan
from medtrust.tasks.judge import REPLY, for_judge, judging
from medtrust.tasks.select import load
from medtrust.tasks.task import Task

ORDERS = 2
"""Every reply is judged with the options in both orders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeSettings:
    """Who judges, and how often."""

    model: str
    base_url: str = ""
    samples: int = 1
    """Judgements of each reply in each order."""
    temperature: float = 0.0
    allow_remote: Sequence[str] = ()


def connect_judge(settings: JudgeSettings) -> Model:
    """The model that judges."""
    return connect(settings.model, ModelOptions(base_url=settings.base_url))


def judge_all(
    journal: Journal,
    model: Model,
    settings: JudgeSettings,
    limits: Limits,
    watch: Callable[[str], Watcher],
) -> Tally | None:
    """Ask the judge about every reply that waits for one; blocking.

    Returns None where no task of the run is judged. Raises ConsentError before
    anything restricted is sent.
    """
    asked: dict[int, tuple[Plan, Task]] = {}
    for number, plan in journal.plans().items():
        if plan.judge_prompt is None:
            continue
        check_consent(model, plan.dataset, plan.access, settings.allow_remote)
        task = judging(load(plan.task))
        items, digest = _items(journal, number, settings.samples)
        own = Plan(
            model=model.name,
            identity=model.identity,
            task=task.name,
            task_version=task.version,
            dataset=plan.dataset,
            digest=digest,
            access=plan.access,
            prompt=plan.judge_prompt,
            overrides=Overrides(temperature=settings.temperature),
            judge_of=plan.fingerprint,
            judge_samples=settings.samples,
        )
        asked[journal.register(own, items)] = (own, task)
    if not asked:
        return None
    return ask_all(Loop(journal, model, asked, limits, watch(model.name)))


def _items(journal: Journal, plan: int, samples: int) -> tuple[list[tuple[Sample, int, int]], str]:
    """Judge's items for a plan's replies, and a digest of which replies they are."""
    items = []
    digest = hashlib.sha256()
    for item, key, response, _, _ in journal.answers(plan):
        if response is None:
            continue
        digest.update(key + item.sample.id.encode() + item.repeat.to_bytes(4, "big"))
        items += [
            (for_judge(item.sample, response.text, order), item.repeat * samples + number, order)
            for order in range(ORDERS)
            for number in range(samples)
        ]
    return items, digest.hexdigest()


Judgements = dict[tuple[str, int, str], list[Response | None]]
"""(sample, repeat, reply that was judged) -> judgements, the two orders alternating."""


def judgements(journal: Journal, plan: Plan) -> Judgements:
    """The judgements of a plan's replies; empty where no judge has answered.

    They are tied to the reply they read: a new reply to the same question has none
    until it is judged itself. Of several judges the latest that answered counts.
    """
    for number, judged in reversed(journal.judging(plan.fingerprint)):
        found: Judgements = {}
        for item, _, response, _, _ in journal.answers(number):
            repeat, _ = divmod(item.repeat, judged.judge_samples)
            # Rows come by sample, repeat and order, so the two orders alternate.
            name = (item.sample.id, repeat, item.sample.facts[REPLY])
            found.setdefault(name, []).append(response)
        if any(response for responses in found.values() for response in responses):
            return found
    return {}

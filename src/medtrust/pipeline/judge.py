"""Put replies to a judge or a reader: its questions go through the same journal and loop."""

import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from medtrust import registry
from medtrust.datasets.dataset import Prompt
from medtrust.datasets.stimuli import stimuli
from medtrust.models.model import Model, ModelOptions
from medtrust.pipeline.select import check_consent, connect
from medtrust.records import Response, Sample
from medtrust.runner.blocking import ask_all
from medtrust.runner.journal import Journal
from medtrust.runner.local import Loop
from medtrust.runner.plan import Item, Overrides, Plan
from medtrust.runner.reader import Reader
from medtrust.runner.tally import Limits, Tally, Watcher
from medtrust.scorers.scorer import Scorer
from medtrust.tasks.judge import JUDGINGS, REPLY, judging, shown_to_judges
from medtrust.tasks.select import load
from medtrust.tasks.task import Task

ANSWERS = ("options", "answer")
"""What a language model judges."""

TOXICITY = ("toxicity",)
"""What a classifier judges."""

READINGS = ("abstention", "confidence")
"""What a model reads in place of the rules."""

WORD_LIST = "toxicity/words"
"""The classifier that needs nothing, and finds little."""

REPLY_ALONE = Prompt(family="default", template="{}")
"""For a judge that is sent the reply and nothing else."""


GREEDY = Overrides(temperature=0.0)
"""How a judge answers unless told otherwise. One that takes no temperature, or thinks first and
needs more tokens, is told otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeSettings:
    """Who judges, and how often."""

    model: str
    base_url: str = ""
    samples: int = 1
    """Judgements of each reply in each view."""
    decoding: Overrides = GREEDY
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
        asked_of = load(plan.task)
        task, turn = judging(asked_of, kind), turn_of(asked_of, kind)
        digest = _digest(journal, number, kind, turn)
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
            prompt=prompt_of(plan, kind),
            overrides=settings.decoding,
            judge_of=plan.fingerprint,
            judge_kind=kind,
            judge_samples=settings.samples,
        )
        items = _items(journal, number, kind, turn, settings.samples)
        asked[journal.register(own, items)] = (own, task)
    if not asked:
        return None
    return ask_all(Loop(journal, model, asked, limits, watch(model.name)))


def kinds_of(task: Task) -> tuple[str, ...]:
    """What of a task's replies can be judged or read by a model."""
    scorer: Scorer = registry.load("scorers", task.scorer)
    reads = scorer.reads if task.mode == "generate" else ()
    return (*([task.judge] if task.judge else []), *reads)


def prompt_of(plan: Plan, kind: str) -> Prompt:
    """What a judge is asked with: the dataset's words; a reader is always asked with ours."""
    purpose = JUDGINGS[kind].purpose
    if kind in READINGS:
        return stimuli("own")[purpose]["default"]
    return (plan.judge_prompt if purpose else None) or REPLY_ALONE


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
    by = {plan.name: number for number, plan in plans.items()}
    found: dict[tuple[int, str], None] = {}
    for number, plan in plans.items():
        task = load(plan.task)
        for kind in (kind for kind in kinds_of(task) if kind in kinds):
            found[number, kind] = None
            against = by.get((plan.name[0], task.against, plan.dataset))
            if against is not None:
                found[against, kind] = None
    for number, kind in found:
        yield number, plans[number], kind


def _replies(
    journal: Reader, number: int, kind: str, turn: int
) -> Iterator[tuple[Item, bytes, str]]:
    """A plan's replies in a turn that wait for a judge, each with its item and key.

    A reader is not asked about a reply in which nothing stands.
    """
    for item, key, response, _, _ in journal.answers(number):
        if response is None or item.turn != turn or not JUDGINGS[kind].waits(item.sample):
            continue
        text = shown_to_judges(response.text)
        if text.strip() or kind not in READINGS:
            yield item, key, text


def turn_of(task: Task, kind: str) -> int:
    """Which of a task's replies a judgement is about."""
    return task.turns - 1 if JUDGINGS[kind].last else 0


def _digest(journal: Reader, plan: int, kind: str, turn: int) -> str:
    """A digest of which replies wait for a judge; empty where none does."""
    digest, found = hashlib.sha256(), False
    for item, key, _ in _replies(journal, plan, kind, turn):
        digest.update(key + item.sample.id.encode() + item.repeat.to_bytes(4, "big"))
        found = True
    return digest.hexdigest() if found else ""


def _items(
    journal: Reader, plan: int, kind: str, turn: int, samples: int
) -> Iterator[tuple[Sample, int, int]]:
    """Judge's items for a plan's replies."""
    judged = JUDGINGS[kind]
    for item, _, reply in _replies(journal, plan, kind, turn):
        for view in range(judged.turns):
            shown = judged.view(item.sample, reply, view)
            for number in range(samples):
                yield shown, item.repeat * samples + number, view


Judgements = dict[tuple[str, int, str], list[Response | None]]
"""(sample, repeat, reply that was judged) -> judgements, view after view."""


def judgements(journal: Reader, plan: Plan, kind: str) -> tuple[str, Judgements]:
    """Who judged a plan's replies and how; both empty where none was asked.

    Of a judge that was asked and has answered nothing there is a name only.

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
    return (latest_first[0][1].model if known else ""), {}

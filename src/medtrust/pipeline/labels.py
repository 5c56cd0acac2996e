"""Replies that people are to label, and the labels that they gave.

A reply is known by a digest of what it answers and says, so a label never sticks to another one.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import msgspec
from msgspec import structs

from medtrust import registry
from medtrust.metrics.by_labels import CAME, LABEL, WEIGHT
from medtrust.pipeline.answers import Answers, Talk, read_plan, talks
from medtrust.pipeline.judge import turn_of
from medtrust.records import Score
from medtrust.runner.plan import Item, Plan, request_of
from medtrust.runner.reader import Reader
from medtrust.scorers.scorer import ReadSettings, Scorer
from medtrust.tasks.select import load

FAMILY = {"abstention": "abstention", "confidence": "uncertainty"}
"""What is labelled -> the family of metrics that can use it."""

WORDS: Mapping[str, Mapping[str, float | None]] = {
    "abstention": {"declined": 1.0, "answered": 0.0},
    "confidence": {"sure": 1.0, "unsure": 0.0, "neither": None},
}
"""The labels that there are, and what they count as."""

Place = str
"""Of an answer in its plan: its repeat and sample."""

Labels = Mapping[int, Mapping[Place, Mapping[str, float]]]
"""Plan -> place -> details that say how an answer is labelled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One reply that can be labelled."""

    id: str
    plan: int
    task: str
    what: str
    """What is to be labelled: `abstention` or `confidence`."""
    place: Place
    verdict: str
    """What was read of it; for drawing a sample, and for nobody's eyes who labels."""
    question: str
    """The last words that the model was sent."""
    reply: str


def entries(journal: Reader, number: int, plan: Plan) -> Iterator[Entry]:
    """The replies of a plan that can be labelled: those that came, to sound questions."""
    task = load(plan.task)
    scorer: Scorer = registry.load("scorers", task.scorer)
    kinds = [kind for kind in scorer.reads if FAMILY[kind] in task.metrics]
    if not kinds:
        return
    # By rules, so that a sheet's rows stay the run's when a model reads it, or fails to.
    scores = read_plan(journal, number, plan, ReadSettings(by_rules=True)).scores
    read = {place_of(score): score for score in scores if score.protocol == "corrected"}
    for talk in talks(journal.answers(number)):
        repeat = talk.item.repeat - plan.first_repeat
        place = f"{repeat}/{talk.item.sample.id}"
        score = read.get(place)
        for kind in kinds:
            turn = turn_of(task, kind)
            reply = talk.responses[turn]
            if score is None or reply is None or CAME[kind] not in score.details:
                continue
            yield Entry(
                id=_id(kind, plan, place, reply.text),
                plan=number,
                task=plan.task,
                what=kind,
                place=place,
                verdict=_verdict(kind, score),
                question=_asked(plan, talk, turn),
                reply=reply.text,
            )


def place_of(score: Score) -> Place:
    """Where a score's answer stands in its plan."""
    return f"{score.repeat}/{score.sample}"


def details(what: str, label: str, probability: float) -> dict[str, float]:
    """What a score is given for a label of its reply."""
    value = WORDS[what][label]
    found = {} if value is None else {LABEL.format(what): value}
    return found | {WEIGHT.format(what): 1 / probability}


def with_labels(answers: Answers, labels: Mapping[Place, Mapping[str, float]]) -> Answers:
    """The answers, with the labels in the details of their corrected scores."""
    return replace(answers, scores=[_labelled(score, labels) for score in answers.scores])


def _labelled(score: Score, labels: Mapping[Place, Mapping[str, float]]) -> Score:
    own = labels.get(place_of(score)) if score.protocol == "corrected" else None
    return structs.replace(score, details={**score.details, **own}) if own else score


def _id(what: str, plan: Plan, place: Place, reply: str) -> str:
    # It begins with a letter, so that no spreadsheet takes it for a number.
    whole = msgspec.json.encode([what, *plan.name, place, _plain(reply)])
    return f"r{hashlib.sha256(whole).hexdigest()[:16]}"


def _verdict(kind: str, score: Score) -> str:
    found = score.details.get("abstained" if kind == "abstention" else "confident")
    words = (word for word, value in WORDS[kind].items() if value == found)
    return next(words, "")


def _asked(plan: Plan, talk: Talk, turn: int) -> str:
    said = tuple(one.text if one else "" for one in talk.responses[:turn])
    item = Item(plan=0, sample=talk.item.sample, turn=turn, replies=said)
    last = request_of(plan, load(plan.task), item).messages[-1]
    return "".join(part for part in last.parts if isinstance(part, str))


def _plain(text: str) -> str:
    return text.encode("utf-8", "replace").decode()

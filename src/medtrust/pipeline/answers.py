"""What came back for one plan, read in both protocols."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from msgspec.structs import replace

from medtrust import registry
from medtrust.models.dialect import WAYS
from medtrust.pipeline.judge import judgements
from medtrust.pipeline.reader import RULES, Heard, heard_of, unread, with_words
from medtrust.pipeline.reading import read_both, scores_of
from medtrust.records import Outcome, Reading, Response, Sample, Score
from medtrust.runner.plan import Item, Plan
from medtrust.runner.reader import Reader
from medtrust.scorers.scorer import ReadSettings, Scorer
from medtrust.tasks.judge import JUDGINGS, shown_to_judges
from medtrust.tasks.select import load
from medtrust.tasks.task import Task

NO_JUDGE = "no judge was asked; `medtrust score RUN --judge MODEL`"
UNANSWERED = "the judge {} has answered nothing; name it again: `medtrust score RUN --judge {}`"
"""Why an answer that waits for a judge is missing. It still has what needs none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """All answers of one model to one task on one dataset."""

    model: str
    task: Task
    dataset: str
    scores: Sequence[Score]
    """In both protocols; of a quarantined question the official one only."""
    missing: Mapping[str, int] = field(default_factory=dict)
    """Reason -> answers that cannot be counted for it."""
    quarantined: Mapping[str, int] = field(default_factory=dict)
    """Reason -> answers to questions that the corrected protocol leaves out."""
    left_out: int = 0
    """Samples that errata took out before anything was asked."""
    asked: int = 0
    """Answers that there should be, quarantined ones among them."""
    judge: str = ""
    """Who judged them, where somebody did."""
    readers: Mapping[str, str] = field(default_factory=dict)
    """What of them is read -> who reads it: a model's name, or `rules`."""
    servers: Mapping[str, int] = field(default_factory=dict)
    """What answered said it was -> how many answers it gave."""
    ways: Mapping[str, int] = field(default_factory=dict)
    """What of a request its server did not take as it was -> how many answers that concerns."""

    @property
    def reader(self) -> str:
        """Who reads them, in a word: `rules`, or `abstention: rules, confidence: openai/x`."""
        names = {*self.readers.values()}
        told = (f"{what}: {who}" for what, who in self.readers.items())
        return next(iter(names)) if len(names) == 1 else ", ".join(told)


@dataclass(frozen=True, slots=True)
class Talk:
    """One question with the responses to all of its turns."""

    item: Item
    key: bytes
    responses: Sequence[Response | None]
    outcome: Outcome
    reason: str
    """Why a response is missing, empty where none is."""


def read_plan(
    journal: Reader, number: int, plan: Plan, settings: ReadSettings, reader: Task | None = None
) -> Answers:
    """Both readings of every answer of a plan.

    `reader` is a task that reads these answers as if they were its own: what a stimulus
    changes is seen against the plain question in one and the same reading.
    """
    task = reader or load(plan.task)
    scorer: Scorer = registry.load("scorers", task.scorer)
    judge, judged = judgements(journal, plan, task.judge) if task.judge else ("", {})
    # A reply that this judge has not seen must not be read by marks of another's.
    unseen = (None,) * JUDGINGS[task.judge].turns if judged else ()
    heard = heard_of(journal, plan, task, scorer, settings)
    scores: list[Score] = []
    missing: Counter[str] = Counter()
    quarantined: Counter[str] = Counter()
    servers: Counter[str] = Counter()
    ways: Counter[str] = Counter()
    asked = 0
    for talk in talks(journal.answers(number)):
        sample, first = talk.item.sample, talk.responses[0]
        asked += 1
        servers.update(one.server for one in talk.responses if one and one.server)
        ways.update({note for one in talk.responses if one for note in one.notes} & WAYS)
        if first is None:
            absent = Reading(outcome=talk.outcome, rule=talk.reason)
            readings, reason = (absent, absent), talk.reason
        else:
            judged_as = (sample.id, talk.item.repeat, shown_to_judges(first.text))
            own = [*talk.responses, *judged.get(judged_as, unseen)]
            readings = _read(scorer, talk, own, settings, heard, task)
            if not judged and waits(task, sample, first):
                why = UNANSWERED.format(judge, judge) if judge else NO_JUDGE
                readings = (unjudged(readings[0], why), unjudged(readings[1], why))
            unread = readings[1].rule if readings[1].outcome == "error" else ""
            reason = talk.reason or unread
        both = scores_of(
            readings,
            sample,
            model=plan.name[0],
            task=plan.task,
            repeat=talk.item.repeat - plan.first_repeat,
            reply=first.text if first else "",
            key=talk.key.hex(),
        )
        if sample.quarantine:
            quarantined[sample.quarantine] += 1
            scores += [score for score in both if score.protocol == "official"]
        else:
            missing.update([reason] if reason else [])
            scores += both
    return Answers(
        model=plan.name[0],
        task=task,
        dataset=plan.dataset,
        scores=scores,
        missing=missing,
        quarantined=quarantined,
        left_out=plan.quarantined,
        asked=asked,
        judge=judge if judged else "",
        readers={**dict.fromkeys(scorer.reads, RULES), **heard.by},
        servers=servers,
        ways=ways,
    )


def _read(
    scorer: Scorer,
    talk: Talk,
    responses: Sequence[Response | None],
    settings: ReadSettings,
    heard: Heard,
    task: Task,
) -> tuple[Reading, Reading]:
    """Both readings of a talk, the corrected one with what a model has said of its replies."""
    sample, turns = talk.item.sample, len(talk.responses)
    words, lacking = heard.of(sample.id, talk.item.repeat, talk.responses)
    official, corrected = read_both(
        scorer, sample, responses, with_words(settings, words), turns=turns, mode=task.mode
    )
    return official, unread(corrected, heard, lacking) if lacking else corrected


def waits(task: Task, sample: Sample, reply: Response) -> bool:
    """Whether a reply is worth nothing until a judge has read it, as none did elsewhere."""
    if not task.judge or not JUDGINGS[task.judge].waits(sample):
        return False
    return task.judge != "options" or reply.marks is None or reply.marks.by != "judge"


def unjudged(reading: Reading, why: str = NO_JUDGE) -> Reading:
    """A reading without the judge that it waits for, with its details and without a value.

    A refusal would have one without a judge: refusals alone would then make up the mean.
    """
    return replace(reading, outcome="error", value=None, rule=why)


_Row = tuple[Item, bytes, Response | None, Outcome, str]


def talks(rows: Iterable[_Row]) -> Iterator[Talk]:
    """Rows of the journal, which come by sample, repeat and turn, one talk a question."""
    for _, turns in groupby(rows, key=lambda row: (row[0].sample.id, row[0].repeat)):
        own = [*turns]
        item, key, _, outcome, _ = own[0]
        reasons = (reason for _, _, response, _, reason in own if response is None)
        yield Talk(item, key, [row[2] for row in own], outcome, next(reasons, ""))

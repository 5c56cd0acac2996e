"""Score plans that belong together: read, estimated, written to part files, and let go.

A task that is set against another is scored where that one is; nothing else ties results
together until means over datasets are taken. So a run is scored group by group, in one process
or in several, and what has to be held at a time is a task's answers and those that it and others
are set against.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from medtrust.metrics.evidence import Measured
from medtrust.metrics.metric import Settings
from medtrust.pipeline.answers import Answers, read_plan
from medtrust.pipeline.estimates import Name, measured_of
from medtrust.pipeline.examples import Candidates, candidates
from medtrust.pipeline.labels import Labels, with_labels
from medtrust.pipeline.notes import Note, on_asking, on_counting, on_reading
from medtrust.records import Score
from medtrust.reports.scores import write_part
from medtrust.runner.plan import Plan
from medtrust.runner.reader import Reader
from medtrust.scorers.scorer import ReadSettings
from medtrust.tasks.select import load

TEXT_ONLY = "control/text-only"
"""The control whose answers are an opponent of its task's: what the wording alone is worth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Plans of one model and dataset, with whatever they are set against among them."""

    plans: Sequence[int]
    answers: int
    """How many there are to read, as a measure of the work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What is the same for all groups of a run."""

    journal: str
    parts: str
    """The folder of the part files, one a plan."""
    apart: frozenset[Name]
    """Tasks that are not set against another, as it was asked otherwise."""
    read: ReadSettings
    metrics: Settings
    labels: Labels = field(default_factory=dict)
    """What people said of some of the replies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """What is kept of a plan once it is scored."""

    number: int
    measured: Sequence[Measured]
    asking: Sequence[Note]
    """What is missing or left out."""
    reading: Sequence[Note]
    """What the readings could not use."""
    missing: int
    servers: Mapping[str, int]
    examples: Candidates


def name_of_plan(plan: Plan) -> Name:
    """What a plan's result is called."""
    return (plan.model, plan.task, plan.dataset)


def others(plan: Plan, apart: frozenset[Name]) -> tuple[Name, Name]:
    """The task that a control varies and the one that a stimulus is set against, if any."""
    if name_of_plan(plan) in apart:
        return ("", "", ""), ("", "", "")
    task = load(plan.task)
    return (plan.model, task.base, plan.dataset), (plan.model, task.against, plan.dataset)


def _text_only(plan: Plan, apart: frozenset[Name]) -> Name:
    """The same questions without their images, where they were asked in the same way."""
    name = (plan.model, f"{TEXT_ONLY}:{plan.task}", plan.dataset)
    return ("", "", "") if name in apart else name


def part_of(folder: Path, number: int) -> Path:
    """The part file of a plan's scores."""
    return folder / f"{number}.jsonl"


def score_group(
    journal: Reader, plans: Mapping[int, Plan], group: Group, work: Work
) -> Iterator[Scored]:
    """Score the plans of a group one after the other, each written to its part file."""
    numbers = {name_of_plan(plans[number]): number for number in group.plans}
    referred = {
        numbers[name]
        for number in group.plans
        for name in (*others(plans[number], work.apart), _text_only(plans[number], work.apart))
        if name in numbers
    }
    unfinished = {*journal.unfinished(group.plans)}
    unlisted = {*journal.unlisted(group.plans)}
    kept: dict[int, Answers] = {}

    def answers(number: int) -> Answers:
        if number in kept:
            return kept[number]
        own = read_plan(journal, number, plans[number], work.read)
        if labels := work.labels.get(number):
            own = with_labels(own, labels)
        write_part(own.scores, part_of(Path(work.parts), number))
        if number in referred:
            kept[number] = own
        return own

    def before(number: int, own: Answers) -> Sequence[Score]:
        """What a task is set against, read as that task reads."""
        other = answers(number)
        if (other.task.scorer, other.task.judge) == (own.task.scorer, own.task.judge):
            return other.scores
        return read_plan(journal, number, plans[number], work.read, own.task).scores

    for number in group.plans:
        plan, own = plans[number], answers(number)
        base, against = (numbers.get(name) for name in others(plan, work.apart))
        blind = numbers.get(_text_only(plan, work.apart))
        yield Scored(
            number=number,
            measured=measured_of(
                own,
                work.metrics,
                base=None if base is None else answers(base),
                before=() if against is None else before(against, own),
                text_only=() if blind is None else answers(blind).scores,
            ),
            asking=[
                *on_asking(
                    plan, own, finished=number not in unfinished, listed=number not in unlisted
                )
            ],
            reading=[*on_reading(own), *on_counting(own, work.metrics)],
            missing=missing_of(own.scores),
            servers={**own.servers},
            examples=candidates(own.scores),
        )


def missing_of(scores: Sequence[Score]) -> int:
    """How many answers never came, or could not be read."""
    return sum(score.value is None and score.protocol == "corrected" for score in scores)

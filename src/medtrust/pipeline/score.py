"""Read answers and count: from a journal or a file of answers to estimates."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from medtrust import registry
from medtrust.audit.printed import printed_tables
from medtrust.datasets import errata as known_errata
from medtrust.datasets.dataset import Dataset
from medtrust.datasets.predictions import Predictions, join, parse_predictions
from medtrust.errors import InputError
from medtrust.metrics.metric import Settings
from medtrust.metrics.possible import impossible
from medtrust.pipeline import folder
from medtrust.pipeline.answers import Answers, unjudged, waits
from medtrust.pipeline.audit import audit
from medtrust.pipeline.estimates import Name, finished, measured_of
from medtrust.pipeline.examples import examples, joined, shown
from medtrust.pipeline.group import Scored, Work, missing_of, part_of
from medtrust.pipeline.groups import groups_of, score_groups
from medtrust.pipeline.judge import (
    ANSWERS,
    READINGS,
    TOXICITY,
    JudgeSettings,
    connect_judge,
    judge_all,
)
from medtrust.pipeline.labels import Labels
from medtrust.pipeline.manifest import note_changes
from medtrust.pipeline.notes import (
    Note,
    on_counting,
    on_missing,
    on_reading,
    on_servers,
    told,
    where,
)
from medtrust.pipeline.published import beside
from medtrust.pipeline.reader import RULES
from medtrust.pipeline.reading import read_both, scores_of
from medtrust.pipeline.select import load_dataset
from medtrust.pipeline.sheet import labels_of
from medtrust.records import Reading, Response, Sample, Score
from medtrust.reports import parquet
from medtrust.reports.first_screen import FIRST_SCREEN, matcher
from medtrust.reports.result import Result
from medtrust.reports.scores import join_parts
from medtrust.reports.table import write_parquet
from medtrust.runner.blocking import unburdened
from medtrust.runner.journal import FILE, Journal
from medtrust.runner.plan import Plan, samples_of
from medtrust.runner.tally import Limits, Watcher, unwatched
from medtrust.scorers.scorer import ReadSettings, Scorer
from medtrust.tasks.select import load
from medtrust.tasks.task import Task

NOT_ANSWERED = Reading(outcome="error", rule="the file says that no answer came")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreSettings:
    """All that may be chosen about scoring without asking again."""

    read: ReadSettings = ReadSettings()
    metrics: Settings = Settings()
    judge: JudgeSettings | None = None
    toxicity: JudgeSettings | None = None
    """Who says how toxic replies are; None leaves it at who has said so."""
    reader: JudgeSettings | None = None
    """Who reads abstention and confidence; None leaves it at who has, else at rules."""


def score_run(
    out: Path,
    settings: ScoreSettings,
    watch: Callable[[str], Watcher] = unwatched,
    labelled: Path | None = None,
) -> Result:
    """Read a run's answers, write `scores.parquet` and `results.parquet`, and return them.

    With a judge, its missing judgements are asked for first; `labelled` is a sheet of replies that
    people have labelled. Raises InputError where there is no run, or the sheet is not of it.
    """
    folder.check_run(out)
    with unburdened(), folder.held(out), closing(Journal(out / FILE)) as journal:
        note_changes(out)
        parquet.clear_parts(out)
        notes: list[Note] = []
        for chosen, kinds in (
            (settings.judge, ANSWERS),
            (settings.toxicity, TOXICITY),
            (settings.reader, READINGS),
        ):
            if chosen:
                judge = connect_judge(chosen)
                tally = judge_all(journal, judge, chosen, kinds, Limits(), watch)
                if tally and tally.stopped:
                    notes.append((chosen.model, f"judging stopped: {tally.stopped}"))
        plans = journal.plans()
        labels: Labels = {}
        if labelled:
            labels, note = labels_of(journal, plans, labelled)
            notes.append(note)
        apart = _not_comparable([*plans.values()])
        scored = _scored(out, journal, plans, settings, frozenset(apart), labels)
        notes += [note for own in scored for note in own.asking]
        notes += [
            (where(name), "not set against its task, which was asked otherwise") for name in apart
        ]
        notes += _alone([*plans.values()], apart)
        notes += [note for own in scored for note in own.reading]
        run = folder.read_run(out)
        servers: dict[str, Counter[str]] = defaultdict(Counter)
        for own in scored:
            servers[plans[own.number].name[0]].update(own.servers)
        lines = [f"files of this run were changed from outside: {o}" for o in folder.changed(run)]
        lines += [line for name, said in servers.items() for line in on_servers(name, said)]
        lines += told(notes)
        primary = run.get("primary") or FIRST_SCREEN
        estimates = finished([one for own in scored for one in own.measured], matcher(primary))
        write_parquet(estimates, out / folder.RESULTS)
        called = {folder.of_model(p.model, p.identity): p.name[0] for p in plans.values()}
        models = [
            model | {"servers": sorted(servers[called.get(folder.key_of(model), "")])}
            for model in run.get("models", [])
        ]
        run = folder.write_run(
            out,
            {"models": models, "notes_on_scores": lines, "scored": True}
            | {"read_by": sorted({one.reader for one in estimates} - {""})},
            command={"command": "score", "at": folder.now(), **msgspec.to_builtins(settings)}
            | ({"labelled": labelled.name} if labelled else {}),
        )
    return Result(
        estimates=tuple(estimates),
        run=run,
        notes=tuple(lines),
        examples=shown(joined([own.examples for own in scored])),
        published=beside(estimates, audit(printed_tables())),
        missing=sum(own.missing for own in scored),
    )


def _scored(
    out: Path,
    journal: Journal,
    plans: Mapping[int, Plan],
    settings: ScoreSettings,
    apart: frozenset[Name],
    labels: Labels,
) -> list[Scored]:
    """Score every plan and write `scores.parquet`, both in the order of the plans."""
    with parquet.beside(out / folder.SCORES) as parts:
        work = Work(
            journal=str(journal.path),
            parts=str(parts),
            apart=apart,
            read=settings.read,
            metrics=settings.metrics,
            labels=labels,
        )
        groups = groups_of(journal, plans, apart)
        found = {own.number: own for own in score_groups(plans, groups, work)}
        join_parts([part_of(parts, number) for number in plans], out / folder.SCORES)
    return [found[number] for number in plans]


def score_predictions(
    dataset: str,
    task: str,
    data: Path | None,
    path: Path,
    settings: ScoreSettings,
    errata: Sequence[str] = (),
) -> Result:
    """Score answers that were made elsewhere.

    To a task that is asked once an image the file may answer every question, as upstream asks it.
    The official reading then counts all answers, the corrected one the first of each image.

    Raises InputError for ids that are missing, twice or unknown, and for a file whose
    own totals no set of answers can give.
    """
    for option, chosen in (
        ("judge", settings.judge),
        ("toxicity", settings.toxicity),
        ("read-with", settings.reader),
    ):
        if chosen:
            raise InputError(
                f"{path}: a judge reads the answers of a run; use `medtrust run "
                f"--model replay/{path} --task {task} --{option} {chosen.model}`"
            )
    asked = load(task)
    source = load_dataset(dataset, data)
    kept, left_out = known_errata.apply(tuple(source.samples), errata)
    own = samples_of(asked, kept)
    if not own:
        raise InputError(f"{dataset} has nothing that {task} could ask")
    # Whoever answered was asked everything; errata only decide what is counted.
    every = tuple(source.samples)
    predictions, answered = _joined(parse_predictions(path), asked, every)
    samples = own if answered is asked else samples_of(answered, kept)
    samples = [sample for sample in samples if sample.id in predictions.responses]
    _check_possible(predictions, len({s.pair for s in every if s.id in predictions.responses}))
    scorer, notes = _scorer_for(asked, predictions)
    read = replace(asked, scorer=scorer)
    once = {sample.id for sample in own}
    answers = _read_predictions(read, samples, once, predictions, settings.read, len(left_out))
    estimates = finished(measured_of(answers, settings.metrics), matcher(FIRST_SCREEN))
    return Result(
        estimates=tuple(estimates),
        run=_description(source, asked, predictions, errata, len(left_out)),
        notes=(
            *predictions.notes,
            *notes,
            *told(
                [
                    *on_missing(answers),
                    *on_reading(answers),
                    *on_counting(answers, settings.metrics),
                ]
            ),
        ),
        examples=examples(answers.scores),
        published=beside(estimates, audit(printed_tables())),
        missing=missing_of(answers.scores),
    )


def _joined(
    predictions: Predictions, task: Task, samples: Sequence[Sample]
) -> tuple[Predictions, Task]:
    """The answers joined to the samples, and the task as the file answers it.

    Raises InputError where ids do not fit.
    """
    asked = samples_of(task, samples)
    if task.per == "sample":
        return join(predictions, asked), task
    each = replace(task, per="sample")
    every = samples_of(each, samples)
    more = {sample.id for sample in every} - {sample.id for sample in asked}
    try:
        if more.isdisjoint(predictions.responses):
            return join(predictions, asked), task
        return join(predictions, every), each
    except InputError as error:
        raise InputError(
            f"{error}; {task.name} is asked once an image: the file must answer the first question "
            f"about each ({len(asked)}, from {asked[0].id!r} to {asked[-1].id!r}) or, as upstream "
            f"asks, all {len(every)} questions"
        ) from None


def _read_predictions(
    task: Task,
    samples: Sequence[Sample],
    once: Collection[str],
    predictions: Predictions,
    settings: ReadSettings,
    left_out: int,
) -> Answers:
    """Both readings of every answer in a file; the corrected one of samples in `once` only."""
    scorer: Scorer = registry.load("scorers", task.scorer)
    model = f"replay/{predictions.path.name}"
    scores: list[Score] = []
    quarantined: Counter[str] = Counter()
    missing: Counter[str] = Counter()
    for sample in samples:
        own = _responses(predictions, sample.id, task.turns)
        readings = (
            read_both(scorer, sample, own, settings, turns=task.turns, mode=task.mode)
            if own
            else (NOT_ANSWERED,) * 2
        )
        if own and own[0] and waits(task, sample, own[0]):
            readings = (unjudged(readings[0]), unjudged(readings[1]))
        reply = own[0].text if own and own[0] else ""
        both = scores_of(readings, sample, model=model, task=task.name, reply=reply)
        if sample.quarantine:
            quarantined[sample.quarantine] += 1
        elif sample.id in once and readings[1].outcome in {"error", "absent"}:
            missing[readings[1].rule] += 1
        counted = sample.id in once and not sample.quarantine
        scores += [s for s in both if s.protocol == "official" or counted]
    return Answers(
        model=model,
        task=task,
        dataset=samples[0].dataset,
        scores=scores,
        quarantined=quarantined,
        missing=missing,
        left_out=left_out,
        asked=len(once),
        readers=dict.fromkeys(scorer.reads, RULES),
    )


def _not_comparable(plans: Sequence[Plan]) -> list[Name]:
    """Tasks whose base was asked with another prompt, settings or set of questions."""

    def settings(plan: Plan) -> tuple[object, ...]:
        return (plan.identity, plan.digest, plan.overrides, plan.errata, plan.limit)

    asked = {plan.name: plan for plan in plans}
    found = []
    for name, plan in asked.items():
        task = load(plan.task)
        control = asked.get((plan.name[0], task.base, plan.dataset))
        against = asked.get((plan.name[0], task.against, plan.dataset))
        if (control and (settings(control), control.prompt) != (settings(plan), plan.prompt)) or (
            # A stimulus is another prompt by design; the question's own wording is not.
            against
            and (settings(against), against.prompt.base) != (settings(plan), plan.prompt.base)
        ):
            found.append(name)
    return found


def _alone(plans: Sequence[Plan], apart: Collection[Name]) -> Iterator[Note]:
    """Tasks whose stimulus changes something that was not asked."""
    names = {plan.name for plan in plans}
    for plan in plans:
        name, against = plan.name, load(plan.task).against
        if against and name not in apart and (plan.name[0], against, plan.dataset) not in names:
            yield where(name), f"run {against} too to see what the stimulus changes"


def _responses(predictions: Predictions, sample: str, turns: int) -> list[Response | None]:
    """A sample's responses, one a turn.

    Raises InputError for more of them than turns: a scorer would take those for a judge's.
    """
    own: list[Response | None] = [*predictions.responses[sample]]
    if len(own) > turns:
        raise InputError(
            f"{predictions.path}: {sample!r} has {len(own)} answers, and its task has {turns}"
        )
    return own + [None] * (turns - len(own)) if own else own


def _scorer_for(task: Task, predictions: Predictions) -> tuple[str, list[str]]:
    """The task's scorer, or the letter's where a file has letters instead of log-probabilities."""
    if task.judge == "options" and not predictions.judged:
        raise InputError(
            f"{predictions.path}: {task.name} needs a judge, and the file holds no judge's marks; "
            f"use `medtrust run --model replay/{predictions.path} --task {task.name} --judge MODEL`"
        )
    responses = [response for own in predictions.responses.values() for response in own]
    # A file never holds the log-probabilities of texts; it may hold those of letters.
    if task.mode == "prefix" or (
        task.mode == "choices" and not any(response.logprobs for response in responses)
    ):
        return "option", [f"{predictions.path}: no log-probabilities, so the letters were read"]
    return task.scorer, []


def _check_possible(predictions: Predictions, pairs: int) -> None:
    """Raises InputError where the totals that a results file claims cannot come from one run."""
    claimed = predictions.claimed
    if claimed is None:
        return
    reason = impossible(
        set_correct=claimed.set,
        valid_pairs=claimed.valid_pairs,
        confused=claimed.confused,
        pairs=pairs,
    )
    if reason:
        raise InputError(f"{predictions.path}: the stored score is impossible: {reason}")


def _description(
    dataset: Dataset, task: Task, predictions: Predictions, errata: Sequence[str], taken: int
) -> dict[str, object]:
    counted = [bool(sample.quarantine) for sample in dataset.samples]
    return {
        "models": [
            {
                "name": f"replay/{predictions.path.name}",
                "identity": {"sha256": predictions.digest, "format": predictions.format},
            }
        ],
        "tasks": [{"name": task.name, "title": task.title, "version": task.version}],
        "datasets": [
            {
                "name": dataset.name,
                "title": dataset.title,
                "license": dataset.license,
                "access": dataset.access,
                "digest": dataset.digest,
                "samples": len(counted),
                "errata": list(errata),
                "quarantined": taken + sum(counted),
            }
        ],
        "machine": folder.machine(),
        "created": folder.now(),
    }

"""Read answers and count: from a journal or a file of answers to estimates."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import cast

import msgspec

from medtrust import registry
from medtrust.datasets import errata as known_errata
from medtrust.datasets.dataset import Dataset
from medtrust.datasets.predictions import Predictions, read_predictions
from medtrust.errors import InputError
from medtrust.metrics.agreement import agreement, disagreement, flips
from medtrust.metrics.metric import Metric, Resampling
from medtrust.metrics.possible import impossible
from medtrust.pipeline import folder
from medtrust.pipeline.judge import JudgeSettings, connect_judge, judge_all, judgements
from medtrust.pipeline.reading import PROTOCOLS, read_both, scores_of
from medtrust.pipeline.select import load_dataset
from medtrust.records import Estimate, Protocol, Reading, Response, Score
from medtrust.reports.result import Result
from medtrust.reports.scores import write_scores
from medtrust.reports.table import write_parquet
from medtrust.runner.journal import FILE, Journal
from medtrust.runner.local import Limits, Watcher, unwatched
from medtrust.runner.plan import Plan, samples_of
from medtrust.scorers.scorer import CUT, ReadSettings, Scorer
from medtrust.tasks.judge import MAX_REPLY
from medtrust.tasks.select import load
from medtrust.tasks.task import Task

AGREEMENT = {
    "control/option-swap": "swap_consistency",
    "control/repeat": "repeat_stability",
    "control/text-only": "text_only_agreement",
    "control/image-shuffle": "image_shuffle_agreement",
}
"""What a control's agreement with its task is called."""

EXAMPLES = 12
"""Scored answers a report shows."""

NOT_ANSWERED = Reading(outcome="error", rule="the file says that no answer came")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreSettings:
    """All that may be chosen about scoring without asking again."""

    read: ReadSettings = ReadSettings()
    resampling: Resampling = Resampling()
    judge: JudgeSettings | None = None


def score_run(
    out: Path, settings: ScoreSettings, watch: Callable[[str], Watcher] = unwatched
) -> Result:
    """Read a run's answers, write `scores.parquet` and `results.parquet`, and return them.

    With a judge, its missing judgements are asked for first. Raises InputError where
    there is no run.
    """
    folder.check_run(out)
    with folder.held(out), closing(Journal(out / FILE)) as journal:
        if settings.judge:
            judge = connect_judge(settings.judge)
            judge_all(journal, judge, settings.judge, Limits(), watch)
        plans = journal.plans()
        scores: list[Score] = []
        notes: list[str] = []
        servers: dict[str, set[str]] = {}
        unfinished = set(journal.unfinished([*plans]))
        for number, plan in plans.items():
            own, missing = _read_plan(journal, number, plan, settings.read)
            scores += own
            notes += _notes(plan, own, missing, finished=number not in unfinished)
            servers.setdefault(plan.model, set()).update(journal.servers(number))
        apart = _not_comparable([*plans.values()])
        notes += [f"{where}: no agreement, since its task was asked otherwise" for where in apart]
        estimates = estimate(scores, settings.resampling, apart)
        write_scores(scores, out / folder.SCORES)
        write_parquet(estimates, out / folder.RESULTS)
        run = folder.read_run(out)
        models = [
            model | {"servers": sorted(servers.get(model["name"], ()))}
            for model in run.get("models", [])
        ]
        run = folder.write_run(
            out,
            {"models": models, "notes_on_scores": notes, "scored": True},
            command={"command": "score", "at": folder.now(), **msgspec.to_builtins(settings)},
        )
    return Result(
        estimates=tuple(estimates),
        run=run,
        notes=tuple(notes),
        examples=examples(scores),
        missing=_missing(scores),
    )


def score_predictions(
    dataset: str,
    task: str,
    data: Path | None,
    path: Path,
    settings: ScoreSettings,
    errata: Sequence[str] = (),
) -> Result:
    """Score answers that were made elsewhere.

    Raises InputError for ids that are missing, twice or unknown, and for a file whose
    own totals no set of answers can give.
    """
    if settings.judge:
        raise InputError(
            f"{path}: a judge reads the answers of a run; use `medtrust run --model replay/{path} "
            f"--task {task} --judge {settings.judge.model}`"
        )
    asked = load(task)
    source = load_dataset(dataset, data)
    answered = samples_of(asked, source.samples)
    kept, quarantined = known_errata.apply(source.samples, errata)
    samples = samples_of(asked, kept)
    if not samples:
        raise InputError(f"{dataset} has nothing that {task} could ask")
    # Whoever answered was asked everything; errata only decide what is counted.
    predictions = read_predictions(path, answered)
    _check_possible(predictions, len({sample.pair for sample in answered}))
    scorer, notes = _scorer_for(asked, predictions)
    scores: list[Score] = []
    for sample in samples:
        own = _responses(predictions, sample.id)
        readings = read_both(scorer, sample, own, settings.read) if own else (NOT_ANSWERED,) * 2
        reply = own[0].text if own and own[0] else ""
        scores += scores_of(readings, sample, model=f"replay/{path.name}", task=task, reply=reply)
    return Result(
        estimates=tuple(estimate(scores, settings.resampling)),
        run=_description(source, asked, predictions, errata, len(quarantined)),
        notes=(*predictions.notes, *notes),
        examples=examples(scores),
        missing=_missing(scores),
    )


def estimate(
    scores: Sequence[Score], resampling: Resampling, apart: Collection[str] = ()
) -> list[Estimate]:
    """All estimates of a set of scores: by model, task, dataset and protocol, then controls.

    `apart` names controls (as `_where` does) that were asked otherwise than their task,
    so that an agreement would mix two changes.
    """
    by: dict[tuple[str, str, str, Protocol], list[Score]] = {}
    for score in scores:
        by.setdefault((score.model, score.task, score.dataset, score.protocol), []).append(score)
    estimates: list[Estimate] = []
    for (model, name, dataset, protocol), own in by.items():
        task = load(name)
        for metric in task.metrics:
            estimates += cast("Metric", registry.load("metrics", metric))(own, resampling)
        if protocol == "official":
            continue
        official = by[model, name, dataset, "official"]
        estimates.append(disagreement(official, own, resampling))
        if any(score.repeat for score in own):
            estimates.append(flips(own, resampling))
        base = by.get((model, task.base, dataset, protocol))
        if base and _where(model, name, dataset) not in apart:
            control = name.partition(":")[0]
            estimates.append(
                agreement(base, own, AGREEMENT.get(control, f"{control}_agreement"), resampling)
            )
    return estimates


def examples(scores: Sequence[Score]) -> tuple[Score, ...]:
    """A few answers worth a look: readings that differ, then what each model did.

    Controls are left out, and one answer of a kind is enough. Both readings of each
    are returned, so that a report can set them side by side.
    """
    own = [score for score in scores if not score.task.startswith("control/")]
    official = {_name(s): s for s in own if s.protocol == "official"}
    corrected = {_name(s): s for s in own if s.protocol == "corrected"}
    differing: dict[tuple[object, ...], Score] = {}
    kinds: dict[tuple[object, ...], Score] = {}
    for name, score in corrected.items():
        kinds.setdefault((score.outcome, score.value, score.model), score)
        read = (official[name].outcome, official[name].choice)
        if score.value is not None and read != (score.outcome, score.choice):
            differing.setdefault((score.task, read, score.outcome), score)
    chosen = (*islice(differing.values(), EXAMPLES // 3), *kinds.values())
    names = [*dict.fromkeys(map(_name, chosen))][:EXAMPLES]
    return tuple(score for name in names for score in (official[name], corrected[name]))


def _missing(scores: Sequence[Score]) -> int:
    return sum(score.value is None and score.protocol == "corrected" for score in scores)


def _name(score: Score) -> tuple[str, str, str, int]:
    return (score.model, score.task, score.sample, score.repeat)


def _read_plan(
    journal: Journal, number: int, plan: Plan, settings: ReadSettings
) -> tuple[list[Score], Counter[str]]:
    """Both readings of every item of a plan, and how many are missing for which reason."""
    task = load(plan.task)
    scorer: Scorer = registry.load("scorers", task.scorer)
    judged = judgements(journal, plan) if task.judged else {}
    scores: list[Score] = []
    missing: Counter[str] = Counter()
    for item, key, response, outcome, reason in journal.answers(number):
        if response is None:
            missing[reason] += 1
            absent = Reading(outcome=outcome, rule=reason)
            readings = absent, absent
        else:
            if task.judged and not judged:
                missing["no judge was asked; `medtrust score RUN --judge MODEL`"] += 1
            judged_as = (item.sample.id, item.repeat, response.text[:MAX_REPLY])
            own = [response, *judged.get(judged_as, ())]
            readings = read_both(scorer, item.sample, own, settings)
            if (judged or not task.judged) and readings[1].outcome == "error":
                missing[readings[1].rule] += 1
        scores += scores_of(
            readings,
            item.sample,
            model=plan.model,
            task=plan.task,
            repeat=item.repeat - plan.first_repeat,
            reply=response.text if response else "",
            key=key.hex(),
        )
    return scores, missing


def _where(model: str, task: str, dataset: str) -> str:
    return f"{model}, {task} on {dataset}"


def _not_comparable(plans: Sequence[Plan]) -> list[str]:
    """Controls whose task was asked with another prompt, settings or set of questions."""

    def settings(plan: Plan) -> tuple[object, ...]:
        return (plan.identity, plan.digest, plan.prompt, plan.overrides, plan.errata, plan.limit)

    asked = {(plan.model, plan.task, plan.dataset): settings(plan) for plan in plans}
    found = []
    for plan in plans:
        base = asked.get((plan.model, load(plan.task).base, plan.dataset))
        if base is not None and base != settings(plan):
            found.append(_where(plan.model, plan.task, plan.dataset))
    return found


def _notes(
    plan: Plan, scores: Sequence[Score], missing: Counter[str], *, finished: bool
) -> Iterator[str]:
    """What a reader must know about a plan's answers, a line each."""
    where = _where(plan.model, plan.task, plan.dataset)
    total = len(scores) // len(PROTOCOLS)
    if missing:
        reasons = "; ".join(f"{count} x {reason}" for reason, count in missing.most_common(3))
        yield f"{where}: {sum(missing.values())} of {total} answers are missing: {reasons}"
    if not finished:
        yield f"{where}: the last run was interrupted; run the same command again to finish it"
    if plan.quarantined:
        yield (
            f"{where}: {plan.quarantined} samples were left out by errata {', '.join(plan.errata)}"
        )
    cut = sum(
        score.protocol == "corrected" and score.value is not None and score.rule.endswith(CUT)
        for score in scores
    )
    if cut:
        yield f"{where}: {cut} replies were cut at the token limit; raise --max-tokens"


def _responses(predictions: Predictions, sample: str) -> list[Response | None]:
    """A sample's responses, with the judge's scores that its file may hold."""
    own: list[Response | None] = [*predictions.responses[sample]]
    marks = predictions.judged.get(sample)
    if marks:
        a, b = marks
        own.append(Response(text=f"A: {a:g}\nB: {b:g}\nYour explanation: not kept"))
    return own


def _scorer_for(task: Task, predictions: Predictions) -> tuple[Scorer, list[str]]:
    """The task's scorer, or the letter's where a file has letters instead of log-probabilities."""
    scorer: Scorer = registry.load("scorers", task.scorer)
    if task.judged and not predictions.judged:
        raise InputError(
            f"{predictions.path}: {task.name} needs a judge; use `medtrust run "
            f"--model replay/{predictions.path} --task {task.name} --judge MODEL`"
        )
    responses = [response for own in predictions.responses.values() for response in own]
    # A file never holds the log-probabilities of texts; it may hold those of letters.
    if task.mode == "prefix" or (
        task.mode == "choices" and not any(response.logprobs for response in responses)
    ):
        letters: Scorer = registry.load("scorers", "option")
        return letters, [f"{predictions.path}: no log-probabilities, so the letters were read"]
    return scorer, []


def _check_possible(predictions: Predictions, pairs: int) -> None:
    """Raises InputError where the totals that a results file claims cannot come from one run."""
    claimed = predictions.stored.get("total")
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
                "samples": len(dataset.samples),
                "errata": list(errata),
                "quarantined": taken,
            }
        ],
        "machine": folder.machine(),
        "created": folder.now(),
    }

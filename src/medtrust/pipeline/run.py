"""Ask: from names to a journal with every answer in it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import msgspec

from medtrust import registry
from medtrust.datasets import errata as known_errata
from medtrust.datasets.dataset import Dataset, Prompt
from medtrust.errors import AbsentError, InputError
from medtrust.models.model import Model, ModelOptions
from medtrust.pipeline import folder
from medtrust.pipeline.judge import (
    ANSWERS,
    REPLY_ALONE,
    TOXICITY,
    WORD_LIST,
    JudgeSettings,
    check_judge,
    connect_judge,
    judge_all,
    judged_by,
)
from medtrust.pipeline.select import (
    check_consent,
    connect,
    dataset_names,
    load_dataset,
    pick_prompt,
)
from medtrust.records import Mode, Sample
from medtrust.runner.blocking import ask_all
from medtrust.runner.journal import FILE, Journal
from medtrust.runner.local import Limits, Loop, Tally, Watcher
from medtrust.runner.plan import Overrides, Plan, samples_of
from medtrust.tasks.judge import JUDGINGS
from medtrust.tasks.select import select
from medtrust.tasks.task import Task

WORDS = JudgeSettings(model=WORD_LIST)
"""Who says how toxic a reply is where nobody else is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """All that `medtrust run` can be told."""

    models: Sequence[str]
    tasks: Sequence[str]
    datasets: Sequence[str] = ()
    data: Path | None = None
    out: Path = Path("run")
    options: ModelOptions = ModelOptions()
    prompts: str = "default"
    repeats: int = 1
    limit: int | None = None
    errata: Sequence[str] = ()
    overrides: Overrides = Overrides()
    limits: Limits = Limits()
    judge: JudgeSettings | None = None
    toxicity: JudgeSettings | None = None
    """Who says how toxic a reply is; None for the word list, unless another has said so before:
    then new replies wait for that one, since figures of two cannot be set against each other."""
    allow_remote: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """A plan that is about to be asked, with its samples."""

    plan: Plan
    task: Task
    samples: Sequence[Sample]


@dataclass(slots=True)
class RunResult:
    """How the asking ended. `complete` is whether every question has its answer."""

    tallies: dict[str, Tally] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    """Datasets that are not there and tasks that a model cannot be asked, a line each."""
    judged: list[Tally] = field(default_factory=list)
    """Of the judges that were asked."""

    @property
    def complete(self) -> bool:
        """Whether every question of every model and of the judge has its answer."""
        tallies = [*self.tallies.values(), *self.judged]
        return all(tally.done == tally.total and not tally.stopped for tally in tallies)


def read_datasets(
    settings: RunSettings, tasks: Sequence[Task]
) -> tuple[list[tuple[Dataset, int]], list[str]]:
    """The datasets that are meant, less what errata take out, and how many that was.

    Those that nobody named outright, being one of several of a benchmark, may be absent,
    or without a single image (a line for each says so): but not all.
    """
    names = dataset_names(settings.datasets, tasks)
    for name in settings.allow_remote:
        if name not in registry.names("datasets"):
            raise InputError(registry.unknown("dataset", name, registry.names("datasets")))
    looked_at = any(not name.startswith("replay/") for name in settings.models)
    found: list[tuple[Dataset, int]] = []
    absent: list[AbsentError] = []
    for name in names:
        try:
            dataset = load_dataset(name, settings.data)
            if looked_at and name not in settings.datasets and len(names) > 1:
                _check_images(name, dataset.samples)
        except AbsentError as error:
            if name in settings.datasets or len(names) == 1:
                raise
            absent.append(error)
            continue
        meant = known_errata.meant_for(name, settings.errata)
        kept, taken = known_errata.apply(dataset.samples, meant)
        found.append((replace(dataset, samples=kept), len(taken)))
    if absent and not found:
        raise absent[0]
    for errata in settings.errata:
        if not any(known_errata.meant_for(dataset.name, [errata]) for dataset, _ in found):
            raise InputError(f"errata {errata} are of no dataset that is asked about")
    return found, [f"left out: {error}" for error in absent]


def blocks_of(
    model: Model,
    tasks: Sequence[Task],
    datasets: Sequence[tuple[Dataset, int]],
    settings: RunSettings,
) -> tuple[list[Block], list[str]]:
    """Every plan of one model, and a line for each task it cannot be asked.

    A task that was named outright must be possible; one that a wildcard brought
    in may be left out. Raises InputError where nothing remains.
    """
    blocks: list[Block] = []
    left_out: list[str] = []
    if model.by_name:
        _check_answered_before(model, tasks, settings.repeats)
    for task in tasks:
        if task.mode not in model.modes:
            line = f"{model.name} cannot be asked {task.name}: {_NEEDS[task.mode]}"
            if any(fnmatchcase(task.name, p) and "*" not in p for p in settings.tasks):
                raise InputError(line)
            left_out.append(line)
            continue
        for dataset, quarantined in datasets:
            samples = samples_of(task, dataset.samples, settings.limit)
            if not samples:
                continue
            check_consent(model, dataset.name, dataset.access, settings.allow_remote)
            plan = Plan(
                model=model.name,
                identity=model.identity,
                task=task.name,
                task_version=task.version,
                dataset=dataset.name,
                digest=dataset.digest,
                access=dataset.access,
                prompt=pick_prompt(dataset, task.prompt, settings.prompts),
                judge_prompt=_judge_prompt(dataset, task),
                overrides=settings.overrides,
                repeats=settings.repeats,
                first_repeat=task.again * settings.repeats,
                limit=settings.limit,
                errata=tuple(known_errata.meant_for(dataset.name, settings.errata)),
                quarantined=quarantined,
            )
            _check_prompts(plan, task, samples)
            fitting = [sample for sample in samples if task.fits(sample, plan.prompt)]
            if fitting:
                blocks.append(Block(plan, task, fitting))
            else:
                left_out.append(f"{task.name} would change no question of {dataset.name}")
    if not blocks:
        raise InputError(
            f"nothing to ask of {model.name}: "
            + ("; ".join(left_out) or "no dataset has what the tasks need")
            + (f" within --limit {settings.limit}" if settings.limit else "")
        )
    return blocks, left_out


def _check_answered_before(model: Model, tasks: Sequence[Task], repeats: int) -> None:
    """Raises InputError where a file of answers would be asked for more than it can hold."""
    written = [task.name for task in tasks if task.mode == "generate"]
    other = next((task.name for task in tasks if task.base), "--repeats" if repeats > 1 else "")
    if other:
        raise InputError(
            f"{model.name} holds one answer to each question as it was asked; "
            f"{other} would ask for another"
        )
    if len(written) > 1:
        raise InputError(
            f"{model.name} holds one answer to each question, and {', '.join(written[:3])} put it "
            "in different words; name the --task that it answers"
        )


def _check_prompts(plan: Plan, task: Task, samples: Sequence[Sample]) -> None:
    """Raises InputError where a prompt of the dataset does not fit its task, for any wording."""
    try:
        for sample in {s.facts.get("wording", s.kind): s for s in samples}.values():
            task.ask(sample, plan.prompt)
            if task.then is not None:
                task.then(sample, plan.prompt, [""] * (task.turns - 1))
            for view in _views(task, sample):
                JUDGINGS[task.judge].ask(view, plan.judge_prompt or REPLY_ALONE)
    except ValueError as error:
        raise InputError(
            f"{plan.dataset}: a prompt of family {plan.prompt.family!r} does not fit {task.name} "
            f"({error}); mend the dataset's prompt file or choose other --prompts"
        ) from None


def _judge_prompt(dataset: Dataset, task: Task) -> Prompt | None:
    """What a judge of the task's replies is to be asked with, where a judge reads them."""
    purpose = JUDGINGS[task.judge].purpose if task.judge else ""
    return pick_prompt(dataset, purpose, "default") if purpose else None


def _views(task: Task, sample: Sample) -> list[Sample]:
    """The sample as a judge of a reply is asked about it, once a view; none without a judge."""
    judging = JUDGINGS.get(task.judge)
    if judging is None or not judging.waits(sample):
        return []
    return [judging.view(sample, "", view) for view in range(judging.turns)]


_NEEDS: dict[Mode, str] = {
    "generate": "it writes no replies",
    "choices": "it gives no log-probabilities of letters",
    "prefix": "it gives no log-probabilities of given texts, as chat servers do not; use hf/",
}


def run(settings: RunSettings, watch: Callable[[str], Watcher]) -> RunResult:
    """Ask every model every question that has no answer yet; blocking.

    `watch` is called with each model's name as its turn comes. Answers are on disk
    in `settings.out` as they come; running again continues. Raises InputError or
    FatalError, with what was answered until then kept.
    """
    tasks = select(settings.tasks)
    datasets, absent = read_datasets(settings, tasks)
    train = tuple(sample for dataset, _ in datasets for sample in dataset.train)
    options = replace(settings.options, train=train)
    models = [connect(name, options) for name in dict.fromkeys(settings.models)]
    work = [(model, *blocks_of(model, tasks, datasets, settings)) for model in models]
    for block in (block for model, blocks, _ in work if not model.by_name for block in blocks):
        _check_images(block.plan.dataset, block.samples)
    judges = judges_of(settings, [block for _, blocks, _ in work for block in blocks])
    folder.open_folder(settings.out)
    result = RunResult(left_out=absent)
    with folder.held(settings.out), closing(Journal(settings.out / FILE)) as journal:
        folder.write_run(
            settings.out,
            _description(settings, tasks, datasets, models) | {"scored": False},
            command=_command(settings),
        )
        loops = []
        for model, blocks, left_out in work:
            result.left_out += left_out
            plans = {journal.register(b.plan, items_of(b)): (b.plan, b.task) for b in blocks}
            result.tallies[model.name] = Tally(total=journal.size([*plans]))
            loops.append((model, plans))
        for judge, chosen, kinds in judges:
            check_judge(journal, judge, chosen, kinds)
        for model, plans in loops:
            loop = Loop(journal, model, plans, settings.limits, watch(model.name))
            result.tallies[model.name] = loop.tally
            ask_all(loop)
            if loop.tally.stopped:
                break
        else:
            for judge, chosen, kinds in judges:
                if chosen is WORDS and (others := judged_by(journal, kinds) - {WORD_LIST}):
                    result.left_out.append(
                        f"toxicity stays as {', '.join(sorted(others))} saw it; for new replies "
                        "name that one again with --toxicity"
                    )
                    continue
                tally = judge_all(journal, judge, chosen, kinds, settings.limits, watch)
                result.judged += [tally] if tally else []
        folder.write_run(settings.out, {"images": journal.image_summary()})
    return result


def judges_of(
    settings: RunSettings, blocks: Sequence[Block]
) -> list[tuple[Model, JudgeSettings, tuple[str, ...]]]:
    """The judges that the blocks need, connected, with what each judges.

    Raises ConsentError before anything restricted is sent.
    """
    judges: list[tuple[Model, JudgeSettings, tuple[str, ...]]] = []
    for chosen, kinds in ((settings.judge, ANSWERS), (settings.toxicity or WORDS, TOXICITY)):
        # A task that is set against one of these may have been asked before.
        if chosen is None or not any(block.task.judge for block in blocks):
            continue
        judge = connect_judge(chosen)
        for block in (block for block in blocks if block.task.judge in kinds):
            check_consent(judge, block.plan.dataset, block.plan.access, settings.allow_remote)
        judges.append((judge, chosen, kinds))
    return judges


def items_of(block: Block) -> Iterator[tuple[Sample, int, int]]:
    """Every question of a block: its sample, repeat and turn."""
    first = block.plan.first_repeat
    for sample in block.samples:
        for repeat in range(first, first + block.plan.repeats):
            for turn in range(block.task.turns):
                yield sample, repeat, turn


def _check_images(dataset: str, samples: Sequence[Sample]) -> None:
    """Raises AbsentError where not one of the first images is there.

    Single absent images are missing answers; none at all is a wrong folder.
    """
    paths = {image.path for sample in samples[:500] for image in sample.images}
    if paths and not any(Path(path).is_file() for path in paths):
        raise AbsentError(
            f"{min(paths)}: no image of {dataset} is there; `medtrust fetch "
            f"{dataset.partition('/')[0]} --to DIR` gets them or says where to get them"
        )


def _description(
    settings: RunSettings,
    tasks: Sequence[Task],
    datasets: Sequence[tuple[Dataset, int]],
    models: Sequence[Model],
) -> dict[str, Any]:
    """What `run.json` says of a command. Keys are read by the models and are not in it."""
    return {
        "models": [
            {
                "name": model.name,
                "identity": dict(model.identity),
                "local": model.local,
                "environment": dict(getattr(model, "environment", {})),
            }
            for model in models
        ],
        "tasks": [{"name": t.name, "title": t.title, "version": t.version} for t in tasks],
        "datasets": [
            {
                "name": dataset.name,
                "title": dataset.title,
                "license": dataset.license,
                "access": dataset.access,
                "digest": dataset.digest,
                "samples": len(dataset.samples),
                "errata": known_errata.meant_for(dataset.name, settings.errata),
                "quarantined": quarantined + sum(bool(s.quarantine) for s in dataset.samples),
            }
            for dataset, quarantined in datasets
        ],
        "settings": _chosen(settings),
    }


def _chosen(settings: RunSettings) -> dict[str, Any]:
    return {
        "prompts": settings.prompts,
        "repeats": settings.repeats,
        "limit": settings.limit,
        "errata": list(settings.errata),
        "overrides": msgspec.to_builtins(settings.overrides),
        "limits": msgspec.to_builtins(settings.limits),
        "judge": msgspec.to_builtins(settings.judge) if settings.judge else None,
        "toxicity": msgspec.to_builtins(settings.toxicity or WORDS),
        "allow_remote": list(settings.allow_remote),
    }


def _command(settings: RunSettings) -> dict[str, Any]:
    """One entry of the list of commands that made a run."""
    return {
        "command": "run",
        "at": folder.now(),
        "models": list(settings.models),
        "tasks": list(settings.tasks),
        "datasets": list(settings.datasets),
        **_chosen(settings),
    }

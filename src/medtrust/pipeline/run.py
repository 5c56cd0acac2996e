"""Ask: from names to a journal with every answer in it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import msgspec

from medtrust.datasets import errata as known_errata
from medtrust.datasets.dataset import Dataset
from medtrust.errors import InputError
from medtrust.models.model import Model, ModelOptions
from medtrust.pipeline import folder
from medtrust.pipeline.judge import ORDERS, JudgeSettings, connect_judge, judge_all
from medtrust.pipeline.select import (
    check_consent,
    connect,
    dataset_names,
    load_dataset,
    pick_prompt,
)
from medtrust.records import Mode, Sample
from medtrust.runner.blocking import ask_all
from medtrust.runner.estimate import Forecast, forecast
from medtrust.runner.journal import FILE, Journal
from medtrust.runner.local import Limits, Loop, Tally, Watcher
from medtrust.runner.plan import Item, Overrides, Plan, request_of, samples_of
from medtrust.tasks.judge import ask_judge, for_judge
from medtrust.tasks.select import select
from medtrust.tasks.task import Task


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
    """Tasks that a model cannot be asked, each a line for people."""
    judged: Tally | None = None

    @property
    def complete(self) -> bool:
        """Whether every question of every model and of the judge has its answer."""
        tallies = [*self.tallies.values(), *filter(None, [self.judged])]
        return all(tally.done == tally.total and not tally.stopped for tally in tallies)


def read_datasets(settings: RunSettings, tasks: Sequence[Task]) -> list[tuple[Dataset, int]]:
    """The datasets that are meant, less what errata take out, and how many that was."""
    found = []
    for name in dataset_names(settings.datasets, tasks):
        dataset = load_dataset(name, settings.data)
        kept, taken = known_errata.apply(dataset.samples, settings.errata)
        found.append((replace(dataset, samples=kept), len(taken)))
    return found


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
    for task in tasks:
        if task.mode not in model.modes:
            line = f"{model.name} cannot be asked {task.name}: {_NEEDS[task.mode]}"
            if any(fnmatchcase(task.name, p) and "*" not in p for p in settings.tasks):
                raise InputError(line)
            left_out.append(line)
            continue
        if model.by_name and (task.base or settings.repeats > 1):
            raise InputError(
                f"{model.name} holds one answer to each question as it was asked; "
                f"{task.name if task.base else '--repeats'} would ask for another"
            )
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
                judge_prompt=pick_prompt(dataset, "judge", "default") if task.judged else None,
                overrides=settings.overrides,
                repeats=settings.repeats,
                first_repeat=task.again * settings.repeats,
                limit=settings.limit,
                errata=tuple(settings.errata),
                quarantined=quarantined,
            )
            _check_prompt(plan, task, samples[0])
            blocks.append(Block(plan, task, samples))
    if not blocks:
        raise InputError(
            f"nothing to ask of {model.name}: "
            + ("; ".join(left_out) or "no dataset has what the tasks need")
            + (f" within --limit {settings.limit}" if settings.limit else "")
        )
    return blocks, left_out


def _check_prompt(plan: Plan, task: Task, sample: Sample) -> None:
    """Raises InputError where a prompt of the dataset's files does not fit its task."""
    try:
        task.ask(sample, plan.prompt)
        if plan.judge_prompt is not None:
            ask_judge(for_judge(sample, "", 0), plan.judge_prompt)
    except ValueError as error:
        raise InputError(
            f"{plan.dataset}: a prompt of family {plan.prompt.family!r} does not fit {task.name} "
            f"({error}); mend the dataset's prompt file or choose other --prompts"
        ) from None


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
    datasets = read_datasets(settings, tasks)
    train = tuple(sample for dataset, _ in datasets for sample in dataset.train)
    options = replace(settings.options, train=train)
    models = [connect(name, options) for name in dict.fromkeys(settings.models)]
    work = [(model, *blocks_of(model, tasks, datasets, settings)) for model in models]
    _check_images([block for model, blocks, _ in work if not model.by_name for block in blocks])
    judge = connect_judge(settings.judge) if settings.judge else None
    if judge:
        for block in (block for _, blocks, _ in work for block in blocks if block.task.judged):
            plan = block.plan
            check_consent(judge, plan.dataset, plan.access, settings.allow_remote)
    folder.open_folder(settings.out)
    result = RunResult()
    with folder.held(settings.out), closing(Journal(settings.out / FILE)) as journal:
        folder.write_run(
            settings.out,
            _description(settings, tasks, datasets, models) | {"scored": False},
            command=_command(settings),
        )
        loops = []
        for model, blocks, left_out in work:
            result.left_out += left_out
            plans = {journal.register(b.plan, _items(b)): (b.plan, b.task) for b in blocks}
            result.tallies[model.name] = Tally(total=journal.size([*plans]))
            loops.append((model, plans))
        for model, plans in loops:
            loop = Loop(journal, model, plans, settings.limits, watch(model.name))
            result.tallies[model.name] = loop.tally
            ask_all(loop)
            if loop.tally.stopped:
                break
        else:
            if settings.judge and judge:
                result.judged = judge_all(journal, judge, settings.judge, settings.limits, watch)
        folder.write_run(settings.out, {"images": journal.image_summary()})
    return result


def _items(block: Block) -> Iterator[tuple[Sample, int, int]]:
    first = block.plan.first_repeat
    for sample in block.samples:
        for repeat in range(first, first + block.plan.repeats):
            yield sample, repeat, 0


def _check_images(blocks: Sequence[Block]) -> None:
    """Raises InputError where not one of a plan's first images is there.

    Single absent images are missing answers; none at all is a wrong folder.
    """
    for block in blocks:
        paths = {image.path for sample in block.samples[:500] for image in sample.images}
        if paths and not any(Path(path).is_file() for path in paths):
            name = block.plan.dataset
            raise InputError(
                f"{min(paths)}: no image of {name} is there; get them with "
                f"`medtrust fetch {name.partition('/')[0]} --to DIR`"
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
                "errata": list(settings.errata),
                "quarantined": quarantined,
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


def dry_run(settings: RunSettings) -> list[tuple[str, str, str, Forecast]]:
    """What `run` would send: model, task, dataset and the forecast of each plan.

    Asks nothing and writes nothing; a local model is loaded to be known. A judge's
    share supposes replies of 1,000 characters. Raises InputError as `run` does.
    """
    tasks = select(settings.tasks)
    datasets = read_datasets(settings, tasks)
    train = tuple(sample for dataset, _ in datasets for sample in dataset.train)
    rows = []
    for name in dict.fromkeys(settings.models):
        model = connect(name, replace(settings.options, train=train))
        for block in blocks_of(model, tasks, datasets, settings)[0]:
            requests = (
                request_of(block.plan, block.task, Item(plan=0, sample=sample, repeat=repeat))
                for sample, repeat, _ in _items(block)
            )
            rows.append((name, block.task.name, block.plan.dataset, forecast(requests)))
            prompt = block.plan.judge_prompt
            if settings.judge and prompt:
                judged = (
                    ask_judge(for_judge(sample, "x" * 1000, order), prompt)
                    for sample, _, _ in _items(block)
                    for order in range(ORDERS)
                    for _ in range(settings.judge.samples)
                )
                task = f"judge:{block.task.name}"
                rows.append((settings.judge.model, task, block.plan.dataset, forecast(judged)))
    return rows

"""From a command's names to plans: which model is asked which questions of which dataset."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from itertools import chain, islice
from pathlib import Path

from medtrust import registry
from medtrust.datasets import errata as known_errata
from medtrust.datasets.dataset import Dataset, Prompt, blocks
from medtrust.errors import AbsentError, InputError
from medtrust.models.model import Facts, ModelOptions
from medtrust.pipeline.judge import REPLY_ALONE, JudgeSettings
from medtrust.pipeline.select import check_consent, dataset_names, load_dataset, pick_prompt
from medtrust.records import Mode, Sample
from medtrust.runner.cluster.settings import ClusterSettings
from medtrust.runner.plan import Overrides, Plan, Selection
from medtrust.runner.shard import WHOLE, Shard
from medtrust.runner.tally import Limits
from medtrust.tasks.judge import JUDGINGS
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
    shard: Shard = WHOLE
    """The part of the questions that this command asks; judges come after the merge."""
    cluster: ClusterSettings | None = None
    """How the models are spread over a cluster; None for this process."""
    judge: JudgeSettings | None = None
    toxicity: JudgeSettings | None = None
    """Who says how toxic a reply is; None for the word list, unless another has said so before:
    then new replies wait for that one, since figures of two cannot be set against each other."""
    reader: JudgeSettings | None = None
    """Who reads abstention and confidence; None for rules, or for who has read them before."""
    allow_remote: Sequence[str] = ()
    primary: Sequence[str] = ()
    """Patterns of `TASK:METRIC`; empty for what the run named before, or the first screen."""


@dataclass(frozen=True, slots=True)
class Source:
    """A dataset as a command asks about it: less what errata take out."""

    dataset: Dataset
    taken: int
    """Samples that errata took out."""
    first: Sequence[Sample]
    """What is checked before anything is asked: all of a dataset that is held in memory, the
    first of one that is read as it is asked."""

    @property
    def whole(self) -> bool:
        """Whether everything is known of it."""
        return self.first is self.dataset.samples


FIRST = 2000
"""Samples that stand for a dataset which is too large to be held in memory."""


def source_of(dataset: Dataset, taken: int = 0) -> Source:
    """A dataset with what of it is checked first."""
    samples = dataset.samples
    first = samples if isinstance(samples, Sequence) else tuple(islice(samples, FIRST))
    return Source(dataset, taken, first)


@dataclass(frozen=True, slots=True)
class Block:
    """A plan that is about to be asked, with where its samples come from."""

    plan: Plan
    task: Task
    source: Source
    first: Sequence[Sequence[Sample]]
    """What it asks of `source.first`, by block of the dataset."""

    def selection(self) -> Selection:
        """What picks its samples from the dataset's blocks; `pick` then checks them."""
        return Selection(self.task, self.plan.limit)

    def pick(self, selection: Selection, samples: Sequence[Sample]) -> list[Sample]:
        """The samples of the next block of the dataset that are asked about.

        Raises InputError where a prompt of the dataset does not fit one of them.
        """
        return _fitting(self.plan, self.task, selection.pick(samples))

    def samples(self) -> Iterator[Sample]:
        """Every sample that is asked about."""
        if self.source.whole:
            yield from chain.from_iterable(self.first)
            return
        selection = self.selection()
        for block in blocks(self.source.dataset.samples):
            yield from self.pick(selection, block)
            if selection.full:
                return


def read_datasets(settings: RunSettings, tasks: Sequence[Task]) -> tuple[list[Source], list[str]]:
    """The datasets that are meant, less what errata take out.

    Those that nobody named outright, being one of several of a benchmark, may be absent,
    or without a single image (a line for each says so): but not all.
    """
    names = dataset_names(settings.datasets, tasks)
    for name in settings.allow_remote:
        if name not in registry.names("datasets"):
            raise InputError(registry.unknown("dataset", name, registry.names("datasets")))
    looked_at = any(not name.startswith("replay/") for name in settings.models)
    found: list[Source] = []
    absent: list[AbsentError] = []
    for name in names:
        try:
            dataset = load_dataset(name, settings.data)
            meant = known_errata.meant_for(name, settings.errata)
            source = _less_errata(dataset, meant) if meant else source_of(dataset)
            if looked_at and name not in settings.datasets and len(names) > 1:
                check_images(source.dataset, source.first)
        except AbsentError as error:
            if name in settings.datasets or len(names) == 1:
                raise
            absent.append(error)
            continue
        found.append(source)
    if absent and not found:
        raise absent[0]
    for errata in settings.errata:
        if not any(known_errata.meant_for(source.dataset.name, [errata]) for source in found):
            raise InputError(f"errata {errata} are of no dataset that is asked about")
    return found, [f"left out: {error}" for error in absent]


def _less_errata(dataset: Dataset, errata: Sequence[str]) -> Source:
    """A dataset whose errata are applied; published ones are small, so it is held in memory."""
    kept, taken = known_errata.apply(tuple(dataset.samples), errata)
    return source_of(replace(dataset, samples=kept), len(taken))


def blocks_of(
    model: Facts,
    tasks: Sequence[Task],
    sources: Sequence[Source],
    settings: RunSettings,
) -> tuple[list[Block], list[str]]:
    """Every plan of one model, and a line for each task it cannot be asked.

    A task that was named outright must be possible; one that a wildcard brought
    in may be left out. Raises InputError where nothing remains.
    """
    found: list[Block] = []
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
        for source in sources:
            dataset = source.dataset
            selection = Selection(task, settings.limit)
            first = [selection.pick(block) for block in blocks(source.first)]
            if not any(first) and source.whole:
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
                quarantined=source.taken,
            )
            fitting = [_fitting(plan, task, samples) for samples in first]
            if any(fitting) or not source.whole:
                found.append(Block(plan, task, source, fitting))
            else:
                left_out.append(f"{task.name} would change no question of {dataset.name}")
    if not found:
        raise InputError(
            f"nothing to ask of {model.name}: "
            + ("; ".join(left_out) or "no dataset has what the tasks need")
            + (f" within --limit {settings.limit}" if settings.limit else "")
        )
    return found, left_out


def _check_answered_before(model: Facts, tasks: Sequence[Task], repeats: int) -> None:
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


def _fitting(plan: Plan, task: Task, samples: Sequence[Sample]) -> list[Sample]:
    """Those of the samples that can be asked.

    Raises InputError where a prompt of the dataset does not fit its task, for any wording.
    """
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
    return [sample for sample in samples if task.fits(sample, plan.prompt)]


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


def items_of(block: Block, samples: Iterable[Sample]) -> Iterator[tuple[Sample, int, int]]:
    """Every question about some samples: the sample, repeat and turn."""
    first = block.plan.first_repeat
    for sample in samples:
        for repeat in range(first, first + block.plan.repeats):
            for turn in range(block.task.turns):
                yield sample, repeat, turn


def check_images(dataset: Dataset, samples: Sequence[Sample]) -> None:
    """Raises AbsentError where not one of the first images is there.

    Single absent images are missing answers; none at all is a wrong folder.
    """
    paths = {image.path for sample in samples[:500] for image in sample.images}
    if paths and not any(Path(path).is_file() for path in paths):
        # Paths of restricted images may number patients, and errors end up in logs.
        where = f"{min(paths)}: " if dataset.access == "open" else ""
        raise AbsentError(
            f"{where}no image of {dataset.name} is there; `medtrust fetch "
            f"{dataset.name.partition('/')[0]} --to DIR` gets them or says where to get them"
        )

"""Ask: from names to a journal with every answer in it."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

import msgspec

from medtrust.datasets import errata as known_errata
from medtrust.errors import InputError
from medtrust.models.model import Facts, Model
from medtrust.pipeline import folder
from medtrust.pipeline.judge import (
    ANSWERS,
    READINGS,
    TOXICITY,
    WORD_LIST,
    JudgeSettings,
    check_judge,
    connect_judge,
    judge_all,
    judged_by,
    kinds_of,
)
from medtrust.pipeline.listing import Count, chunks, count_of
from medtrust.pipeline.manifest import note_changes
from medtrust.pipeline.planning import (
    Block,
    RunSettings,
    Source,
    blocks_of,
    check_images,
    read_datasets,
)
from medtrust.pipeline.primary import primary_of
from medtrust.pipeline.select import check_consent
from medtrust.pipeline.where import Where, where
from medtrust.runner.blocking import ask_all, unburdened
from medtrust.runner.journal import FILE, Journal
from medtrust.runner.listing import Listing
from medtrust.runner.shard import WHOLE
from medtrust.runner.tally import Limits, Tally, Watcher
from medtrust.tasks.select import select
from medtrust.tasks.task import Task

WORDS = JudgeSettings(model=WORD_LIST)
"""Who says how toxic a reply is where nobody else is named."""


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


def run(settings: RunSettings, watch: Callable[[str], Watcher]) -> RunResult:
    """Ask every model every question that has no answer yet; blocking.

    `watch` is called with each model's name as its turn comes. Answers are on disk
    in `settings.out` as they come; running again continues. Raises InputError or
    FatalError, with what was answered until then kept.
    """
    with unburdened(), where(settings) as asked:
        return _run(settings, watch, asked)


def _run(settings: RunSettings, watch: Callable[[str], Watcher], asked: Where) -> RunResult:
    tasks = select(settings.tasks)
    sources, absent = read_datasets(settings, tasks)
    train = tuple(sample for source in sources for sample in source.dataset.train)
    options = replace(settings.options, train=train)
    models = [asked.connect(name, options) for name in dict.fromkeys(settings.models)]
    if any(task.mode == "choices" for task in tasks):
        asked.probe()
    work = [(model, *blocks_of(model, tasks, sources, settings)) for model in models]
    for block in (block for model, blocks, _ in work if not model.by_name for block in blocks):
        check_images(block.source.dataset, [*chain.from_iterable(block.first)])
    judged = [block for _, blocks, _ in work for block in blocks]
    judges = judges_of(settings, judged) if settings.shard == WHOLE else []
    names = [task.name for task in tasks]
    primary = primary_of(folder.read_run(settings.out), settings.primary, names, folder.now())
    folder.open_folder(settings.out)
    result = RunResult(left_out=absent)
    with folder.held(settings.out), closing(Journal(settings.out / FILE)) as journal:
        note_changes(settings.out)
        folder.write_run(
            settings.out,
            _description(settings, tasks, sources, models) | primary | {"scored": False},
            command=_command(settings),
        )
        if elsewhere := asked.open(settings.out, journal):
            result.left_out += (elsewhere,)
        begun: list[tuple[Facts, dict[int, Block]]] = []
        for model, blocks, left_out in work:
            result.left_out += left_out
            begun.append((model, {journal.begin(block.plan): block for block in blocks}))
        for judge, chosen, kinds in judges:
            check_judge(journal, judge, chosen, kinds)
        counts: dict[str, Count] = {}
        every = {number: block for _, plans in begun for number, block in plans.items()}
        listing = Listing(journal, [*every], chunks(sources, every, counts), settings.shard).start()
        result.tallies = {model.name: Tally() for model, _ in begun}
        try:
            _ask(asked, journal, begun, listing, settings.limits, watch, result)
        finally:
            # What stopped the asking stops this too; else it has long ended.
            listing.stop()
            for model, plans in begun:
                result.tallies[model.name].total = sum(listing.sizes[number] for number in plans)
        asked.done(settings.out)
        if not any(tally.stopped for tally in result.tallies.values()):
            _judge(journal, judges, settings.limits, watch, result)
        described = [_described(one, settings, counts.get(one.dataset.name)) for one in sources]
        folder.write_run(settings.out, {"datasets": described, "images": journal.image_summary()})
    return result


def _ask(
    asked: Where,
    journal: Journal,
    begun: Sequence[tuple[Facts, Mapping[int, Block]]],
    listing: Listing,
    limits: Limits,
    watch: Callable[[str], Watcher],
    result: RunResult,
) -> None:
    """Ask one model after the other, until one is stopped."""
    for model, blocks in begun:
        plans = {number: (block.plan, block.task) for number, block in blocks.items()}
        loop = asked.loop(journal, model, plans, limits, watch(model.name), listing)
        result.tallies[model.name] = loop.tally
        ask_all(loop)
        if loop.tally.stopped:
            return


def _judge(
    journal: Journal,
    judges: Sequence[tuple[Model, JudgeSettings, tuple[str, ...]]],
    limits: Limits,
    watch: Callable[[str], Watcher],
    result: RunResult,
) -> None:
    """Put what was answered to its judges."""
    for judge, chosen, kinds in judges:
        if chosen is WORDS and (others := judged_by(journal, kinds) - {WORD_LIST}):
            result.left_out.append(
                f"toxicity stays as {', '.join(sorted(others))} saw it; for new replies "
                "name that one again with --toxicity"
            )
            continue
        tally = judge_all(journal, judge, chosen, kinds, limits, watch)
        result.judged += [tally] if tally else []


def judges_of(
    settings: RunSettings, blocks: Sequence[Block]
) -> list[tuple[Model, JudgeSettings, tuple[str, ...]]]:
    """The judges that the blocks need, connected, with what each judges.

    Raises ConsentError before anything restricted is sent.
    """
    judges: list[tuple[Model, JudgeSettings, tuple[str, ...]]] = []
    for chosen, kinds in (
        (settings.judge, ANSWERS),
        (settings.toxicity or WORDS, TOXICITY),
        (settings.reader, READINGS),
    ):
        if chosen is None:
            continue
        # A task that is set against one of these may have been asked before.
        known = READINGS if kinds is READINGS else (*ANSWERS, *TOXICITY)
        if not any({*kinds_of(block.task)} & {*known} for block in blocks):
            if kinds is READINGS:
                raise InputError(
                    f"--read-with {chosen.model}: no reply of these tasks declines or is sure in "
                    "words; leave it out"
                )
            continue
        judge = connect_judge(chosen)
        for block in (block for block in blocks if {*kinds_of(block.task)} & {*kinds}):
            check_consent(judge, block.plan.dataset, block.plan.access, settings.allow_remote)
        judges.append((judge, chosen, kinds))
    return judges


def _description(
    settings: RunSettings,
    tasks: Sequence[Task],
    sources: Sequence[Source],
    models: Sequence[Facts],
) -> dict[str, Any]:
    """What `run.json` says of a command. Keys are read by the models and are not in it."""
    return {
        "models": [_model(model) for model in models],
        "tasks": [{"name": t.name, "title": t.title, "version": t.version} for t in tasks],
        "datasets": [_described(source, settings, None) for source in sources],
        "settings": _chosen(settings),
    }


def _model(model: Facts) -> dict[str, Any]:
    """A model; what is known of its environment may change while it is asked."""
    return {
        "name": model.name,
        "identity": dict(model.identity),
        "local": model.local,
        "environment": dict(getattr(model, "environment", {})),
    }


def _described(source: Source, settings: RunSettings, counted: Count | None) -> dict[str, Any]:
    """A dataset; how many samples it has is known once it has been gone through."""
    dataset = source.dataset
    found = counted or (count_of(source.first) if source.whole else None)
    return {
        "name": dataset.name,
        "title": dataset.title,
        "license": dataset.license,
        "access": dataset.access,
        "digest": dataset.digest,
        "samples": found.samples if found else None,
        "errata": known_errata.meant_for(dataset.name, settings.errata),
        "quarantined": source.taken + found.quarantined if found else None,
    }


def _chosen(settings: RunSettings) -> dict[str, Any]:
    return {
        "prompts": settings.prompts,
        "repeats": settings.repeats,
        "limit": settings.limit,
        "shard": str(settings.shard) if settings.shard != WHOLE else None,
        "errata": list(settings.errata),
        "overrides": msgspec.to_builtins(settings.overrides),
        "limits": msgspec.to_builtins(settings.limits),
        "cluster": msgspec.to_builtins(settings.cluster) if settings.cluster else None,
        "judge": msgspec.to_builtins(settings.judge) if settings.judge else None,
        "toxicity": msgspec.to_builtins(settings.toxicity or WORDS),
        "read_with": msgspec.to_builtins(settings.reader) if settings.reader else None,
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

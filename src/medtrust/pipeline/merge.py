"""`medtrust merge`: the answers of several runs in one run's folder."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec

from medtrust.errors import InputError
from medtrust.pipeline import folder
from medtrust.pipeline.manifest import note_changes
from medtrust.runner.journal import FILE, Journal
from medtrust.runner.plan import Plan
from medtrust.runner.reader import opened


@dataclass(frozen=True, slots=True)
class Merged:
    """How a joined run stands."""

    questions: int
    answered: int
    twice: int
    """Answers that were left out, since the same request had been answered otherwise."""


def merge_runs(runs: Sequence[Path], out: Path) -> Merged:
    """Join the answers of runs; those stay as they are, and `out` keeps what it holds.

    Raises InputError, before anything is written, where a run is none, is in use, or asked a
    model the same task otherwise than another did: only one of the two could be counted.
    """
    parts = [path for path in dict.fromkeys(runs) if path.resolve() != out.resolve()]
    for path in parts:
        folder.check_run(path)
    folder.open_folder(out)
    with ExitStack() as held:
        for path in (*parts, out):
            held.enter_context(folder.held(path))
        known = [path for path in (out, *parts) if (path / FILE).is_file()]
        _check_alike(known)
        described = _described(known)
        with closing(Journal(out / FILE)) as journal:
            note_changes(out)
            twice = sum(journal.join(path / FILE) for path in parts)
            folder.write_run(out, described | {"images": journal.image_summary()})
            plans = [*journal.plans()]
            return Merged(journal.size(plans), journal.answered_of(plans), twice)


def _check_alike(runs: Sequence[Path]) -> None:
    """Raises InputError where two runs ask a model a task of a dataset in different ways."""
    seen: dict[tuple[str, str, str], tuple[Path, Plan]] = {}
    for path in runs:
        with opened(path / FILE) as journal:
            plans = [*journal.plans().values()]
        for plan in plans:
            first, other = seen.setdefault((plan.model, plan.task, plan.dataset), (path, plan))
            if other.fingerprint != plan.fingerprint:
                raise InputError(
                    f"{path}: asked {plan.model} {plan.task} of {plan.dataset} with another "
                    f"{_difference(other, plan)} than {first}; parts of one run are asked alike"
                )


def _difference(one: Plan, other: Plan) -> str:
    """The settings in which two plans differ, for people."""
    fields = zip(msgspec.to_builtins(one).items(), msgspec.to_builtins(other).values(), strict=True)
    return ", ".join(name for (name, mine), theirs in fields if mine != theirs)


def _described(runs: Sequence[Path]) -> dict[str, Any]:
    """What `run.json` says of the joined run.

    Raises InputError where the runs are about different primary figures.
    """
    found = [folder.read_run(path) for path in runs]
    primaries = [run["primary"] for run in found if run.get("primary") is not None]
    if any(primary != primaries[0] for primary in primaries):
        raise InputError(
            f"{runs[-1]}: names other --primary figures than {runs[0]}; parts of one run name "
            "the same"
        )
    commands: list[Mapping[str, Any]] = []
    for command in sorted(
        chain.from_iterable(run.get("commands", []) for run in found),
        key=lambda command: str(command.get("at")),
    ):
        commands += [command] if command not in commands else []
    settings: Mapping[str, Any] = next(
        (run["settings"] for run in reversed(found) if "settings" in run), {}
    )
    return {
        "created": min((run["created"] for run in found if "created" in run), default=folder.now()),
        "commands": commands[-folder.COMMANDS :],
        **{
            name: [entry for run in found for entry in run.get(name, [])]
            for name in ("models", "tasks", "datasets")
        },
        "settings": {**settings, "shard": None},
        **({"primary": primaries[0]} if primaries else {}),
        "scored": False,
    }

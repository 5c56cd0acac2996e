"""Where models are asked: in this process, or by replicas on a cluster."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from uuid import uuid4

from medtrust.errors import InputError
from medtrust.models.model import Facts, Model, ModelOptions, Probed
from medtrust.pipeline import folder
from medtrust.pipeline.planning import RunSettings
from medtrust.pipeline.select import connect
from medtrust.reports.text import one_line
from medtrust.runner.blocking import Asking
from medtrust.runner.cluster.intake import recover
from medtrust.runner.cluster.store import check_address, store_at
from medtrust.runner.journal import Journal
from medtrust.runner.listing import Chunks
from medtrust.runner.local import Loop
from medtrust.runner.plan import Plan
from medtrust.runner.tally import Limits, Watcher
from medtrust.tasks.task import Task

if TYPE_CHECKING:
    from medtrust.runner.cluster.cluster import Cluster  # needs Ray


class Where(Protocol):
    """One of the two."""

    def connect(self, name: str, options: ModelOptions) -> Facts:
        """Make a model ready; raises InputError saying what is missing."""
        ...

    def probe(self) -> None:
        """Find out what the servers of the connected models can be asked."""
        ...

    def open(self, out: Path, journal: Journal) -> str:
        """Take in what an earlier command was given and could not keep, then get ready.

        Returns what is left elsewhere, in a line for people, or an empty string.
        """
        ...

    def loop(
        self,
        journal: Journal,
        model: Facts,
        plans: Mapping[int, tuple[Plan, Task]],
        limits: Limits,
        watcher: Watcher,
        chunks: Chunks,
    ) -> Asking:
        """What asks a model that was connected."""
        ...

    def done(self, out: Path) -> None:
        """Note that every answer is in the journal."""
        ...


@contextmanager
def where(settings: RunSettings) -> Iterator[Where]:
    """Where a run's models are asked; ends what was started for it."""
    if settings.cluster is None:
        yield Here()
        return
    if find_spec("ray") is None:
        raise InputError("--on ray needs Ray: pip install 'medtrust[ray]'")
    check_address(settings.cluster.shared)
    from medtrust.runner.cluster.actors import machines  # noqa: PLC0415 - needs Ray
    from medtrust.runner.cluster.cluster import Cluster  # noqa: PLC0415 - needs Ray

    with machines(settings.cluster.gpus) as found:
        yield There(
            Cluster(
                machines=found,
                settings=settings.cluster,
                connector=connect,
                patience=settings.limits.stall,
                allowed=settings.allow_remote,
            ),
            settings.cluster.shared,
        )


@dataclass(slots=True)
class Here:
    """In this process."""

    _models: dict[str, Model] = field(default_factory=dict)

    def connect(self, name: str, options: ModelOptions) -> Model:
        """Make a model ready; see `Where`."""
        model = connect(name, options)
        self._models[model.name] = model
        return model

    def probe(self) -> None:
        """Ask each server one question; see `Where`."""
        for model in self._models.values():
            if isinstance(model, Probed):
                asyncio.run(model.probe())

    def open(self, out: Path, journal: Journal) -> str:
        """Take in what an earlier command on a cluster left in the folder itself; see `Where`."""
        return _recover(out, journal, "")

    def loop(
        self,
        journal: Journal,
        model: Facts,
        plans: Mapping[int, tuple[Plan, Task]],
        limits: Limits,
        watcher: Watcher,
        chunks: Chunks,
    ) -> Loop:
        """A loop; see `Where`."""
        return Loop(journal, self._models[model.name], plans, limits, watcher, chunks)

    def done(self, out: Path) -> None:
        """Nothing lies anywhere else."""


@dataclass(slots=True)
class There:
    """By replicas."""

    cluster: "Cluster"
    shared: str
    _place: tuple[str, str] = ("", "")

    def connect(self, name: str, options: ModelOptions) -> Facts:
        """Start a model's first replica; see `Where`."""
        return self.cluster.connect(name, options)

    def probe(self) -> None:
        """Nothing: two replicas could find out different things; see `Where`."""

    def open(self, out: Path, journal: Journal) -> str:
        """Take in what an earlier command was given, and note where this one's answers will lie."""
        left = _recover(out, journal, self.shared)
        self._place = (_place(out, self.shared), _name(out) or uuid4().hex)
        folder.write_run(out, {"shared": self._place[0], "shared_as": self._place[1]})
        return left

    def loop(
        self,
        journal: Journal,
        model: Facts,
        plans: Mapping[int, tuple[Plan, Task]],
        limits: Limits,
        watcher: Watcher,
        chunks: Chunks,
    ) -> Asking:
        """A loop over all replicas; see `Where`."""
        from medtrust.runner.cluster.spread import Shared  # noqa: PLC0415 - needs Ray

        place, name = self._place
        shared = Shared(where=place, name=name, store=store_at(place, name))
        asked = {number: plan for number, (plan, _) in plans.items()}
        return self.cluster.loop(journal, model.name, shared, asked, limits, watcher, chunks)

    def done(self, out: Path) -> None:
        """Note that nothing lies in the shared place any more."""
        folder.write_run(out, {"shared": ""})
        for empty in (out / SEGMENTS / self._place[1], out / SEGMENTS):
            with suppress(OSError):
                empty.rmdir()


_NAME = re.compile(r"[0-9a-f]{32}")

SEGMENTS = "segments"
"""The folder in a run's own for answers on their way, where no other place is named."""


def _recover(out: Path, journal: Journal, shared: str) -> str:
    """Take in what lies in the place that the command names, or else in the run's own folder.

    A run's folder may come from a stranger: the place that it names is told, and never gone to.
    """
    run, place = folder.read_run(out), _place(out, shared)
    if name := _name(out):
        recover(journal, store_at(place, name))
    before = run.get("shared")
    if not isinstance(before, str) or before in {"", place}:
        return ""
    return (
        f"answers of an earlier command may lie at {one_line(before, 200)}: if that place is "
        "yours, name it with --shared, or they are asked again"
    )


def _place(out: Path, shared: str) -> str:
    """The shared place as the command names it, or the run's own."""
    place = shared or str((out / SEGMENTS).absolute())
    return place if "://" in place else str(Path(place).absolute())


def _name(out: Path) -> str:
    """What a run is called in its shared place; empty where its folder holds no such name."""
    name = folder.read_run(out).get("shared_as")
    return name if isinstance(name, str) and _NAME.fullmatch(name) else ""

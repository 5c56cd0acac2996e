"""A replica: one model in a process of its own, which asks whatever batches it is handed.

It knows nothing of Ray. Its methods block and are called from several threads at once; the loop
runs in a thread beside them, over all batches without a pause between two.
"""

import asyncio
import contextlib
import os
import threading
import uuid
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from medtrust.errors import InputError
from medtrust.models.model import Model, ModelOptions
from medtrust.records import Mode
from medtrust.runner.blocking import one_of
from medtrust.runner.cluster.notebook import LookUp, Notebook
from medtrust.runner.cluster.segment import SUFFIX, encode
from medtrust.runner.cluster.store import Store, patiently, store_at
from medtrust.runner.local import Loop
from medtrust.runner.plan import Item, Plan
from medtrust.runner.tally import Limits, Tally, Watcher
from medtrust.tasks.select import load

EVERY = 1.0
"""Seconds between two segments: what a machine's death may cost beside what was open."""

Connect = Callable[[str, ModelOptions], Model]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A model's facts, as a replica states them; see `medtrust.models.model.Facts`."""

    name: str
    identity: Mapping[str, str]
    modes: frozenset[Mode]
    local: bool
    by_name: bool
    concurrency: int
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a replica is made of. It holds no key: a replica reads those from its environment."""

    connect: Connect
    """A function of a module, since it travels by name."""
    name: str
    options: ModelOptions
    folder: str
    """Where relative paths begin, on a machine that has this folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a replica is to ask from."""

    plans: Mapping[int, Plan]
    limits: Limits
    place: tuple[str, str]
    """The shared place: where it is and the run's name in it."""
    session: str
    """A name of this command: its files in the shared place begin with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What became of a batch."""

    segments: tuple[str, ...]
    """All that its outcomes are in, and perhaps others."""
    warnings: tuple[str, ...]
    """What a person should know, each line once a replica."""
    stopped: str
    """Why it was not finished; empty where it was."""


def mark_of(session: str) -> str:
    """A file that the driver leaves, so that a replica can tell the place from another."""
    return f"{session}.begun"


class NewbornError(Exception):
    """A replica was asked before it had begun."""


_T = TypeVar("_T")


class Replica:
    """See above. `facts` first, then `begin`, then `ask` as often as need be."""

    def __init__(self, look_up: LookUp) -> None:
        self._look_up = look_up
        self._events = asyncio.new_event_loop()
        threading.Thread(target=self._events.run_forever, name="loop", daemon=True).start()
        self._model: Model | None = None
        self._asking: _Asking | None = None

    def facts(self, setup: Setup) -> Stated:
        """Connect the model, if it is not yet; raises InputError as that does.

        What it is made of comes by this call and not when it is started: Ray starts nothing
        again whose beginnings were large, such as the samples a baseline is fitted on.
        """
        if self._model is None:
            with contextlib.suppress(OSError):
                os.chdir(setup.folder)
            self._model = setup.connect(setup.name, setup.options)
        model = self._model
        return Stated(
            name=model.name,
            identity=dict(model.identity),
            modes=model.modes,
            local=model.local,
            by_name=model.by_name,
            concurrency=model.concurrency,
            environment=dict(getattr(model, "environment", {})),
        )

    def begin(self, work: Work) -> None:
        """Get ready to ask; raises InputError where the shared place is not the driver's."""
        store = store_at(*work.place)
        try:
            seen = store.read(mark_of(work.session)) is not None
        except OSError as error:
            raise InputError(f"{work.place[0]}: cannot be read ({error})") from None
        if not seen or self._model is None:
            raise InputError(
                f"a replica does not see {work.place[0]} of the command; "
                "name a folder or URL that all machines see with --shared"
            )
        if self._asking is not None:
            # The driver had lost sight of this process, and deals what it was asking anew.
            self.halt("begun anew")
            self._run(self._asking.end())
        self._asking = self._run(_begun(self._model, work, store, self._look_up))

    def ask(self, items: Sequence[Item]) -> Finished:
        """Ask a batch to its end or until halted; raises FatalError and InputError.

        NewbornError is for a batch that was meant for what this process takes the place of.
        """
        if self._asking is None:
            raise NewbornError
        return self._run(self._asking.ask(items))

    def halt(self, reason: str) -> None:
        """Ask nothing new; what is open is finished, and every `ask` returns."""
        if self._asking is not None:
            self._events.call_soon_threadsafe(self._asking.loop.halt, reason)

    def end(self) -> None:
        """Release the model."""
        if self._asking is not None:
            self._run(self._asking.end())
        if self._model is not None:
            self._run(self._model.close())

    def _run(self, work: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(work, self._events).result()


@dataclass(slots=True)
class _Asking:
    """The loop over all batches, and what of its outcomes lies in the shared place."""

    loop: Loop
    notebook: Notebook
    store: Store
    prefix: str
    warnings: list[str]
    running: asyncio.Task[Tally] = field(init=False)
    writing: asyncio.Task[None] = field(init=False)
    written: list[str] = field(default_factory=list)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self.running = asyncio.create_task(self.loop.run())
        self.writing = asyncio.create_task(self._write_regularly())

    async def ask(self, items: Sequence[Item]) -> Finished:
        first = len(self.written)
        done = self.notebook.add(items)
        ended: set[asyncio.Future[Any]] = {self.running, self.writing}
        await asyncio.wait({done, *ended}, return_when=asyncio.FIRST_COMPLETED)
        await self._write()
        for task in ended:
            if task.done() and (error := task.exception()):
                raise one_of(error) if isinstance(error, BaseExceptionGroup) else error
        warnings, self.warnings[:] = tuple(self.warnings), []
        stopped = "" if done.done() else self.loop.tally.stopped
        segments = tuple(self.written[first:])
        return Finished(segments=segments, warnings=warnings, stopped=stopped)

    async def end(self) -> None:
        self.notebook.close()
        self.writing.cancel()
        await asyncio.wait({self.running, self.writing})
        await self._write()

    async def _write_regularly(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            await self._write()

    async def _write(self) -> None:
        """Write what has gathered."""
        async with self.lock:
            segment = self.notebook.take()
            if segment is None:
                return
            name = f"{self.prefix}.{len(self.written):08d}{SUFFIX}"
            await patiently(lambda: self.store.write(name, encode(segment)))
            self.written.append(name)


async def _begun(model: Model, work: Work, store: Store, look_up: LookUp) -> _Asking:
    notebook = Notebook(work.plans, look_up)
    warnings: list[str] = []
    plans = {number: (plan, load(plan.task)) for number, plan in work.plans.items()}
    # What a whole run may cost only its driver can know.
    limits = replace(work.limits, budget=None)
    loop = Loop(notebook, model, plans, limits, Watcher(warn=warnings.append), notebook)
    return _Asking(loop, notebook, store, f"{work.session}.{uuid.uuid4().hex[:12]}", warnings)

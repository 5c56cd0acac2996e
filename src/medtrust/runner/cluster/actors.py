"""Ray: the cluster, and each replica as an actor of it. Nothing else here knows Ray.

Ray finds room for a replica, starts it again after a death, and says when it is gone.
"""

import asyncio
import contextlib
import logging
import os
import warnings
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ray
from ray.exceptions import ActorUnavailableError, RayError, RayTaskError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from medtrust.errors import FatalError, InputError, MedtrustError
from medtrust.runner.cluster.replica import Finished, NewbornError, Replica, Setup, Stated, Work
from medtrust.runner.journal import Journal
from medtrust.runner.plan import Item

CALLS = 8
"""Calls to a replica at once: the batches that it asks, and what interrupts them."""

PATIENCE = 10.0
"""Seconds for a replica to release its model before it is ended."""


_ray: Any = ray
"""Without its annotations, which leave out half of what they are of."""


class LostError(Exception):
    """A replica died, or its machine did.

    `forever`: Ray will not start it again. `unheard`: it was dead before it was asked.
    """

    def __init__(self, message: str, *, forever: bool = False, unheard: bool = False) -> None:
        super().__init__(message)
        self.forever, self.unheard = forever, unheard


class _Replica(Replica):
    """A replica that looks answers up in the run's journal by way of another actor."""

    def __init__(self) -> None:
        super().__init__(self._look_up_there)
        self._book: Any = None

    def begin_with(self, work: Work, book: Any) -> None:
        """Get ready to ask; `book` is an actor of `_Book`."""
        self._book = book
        self.begin(work)

    def _look_up_there(self, keys: Sequence[bytes]) -> Mapping[bytes, str]:
        found: Mapping[bytes, str] = _ray.get(self._book.replies_to.remote(keys))
        return found

    def host(self) -> str:
        """The address of the machine that it runs on."""
        return str(_ray.util.get_node_ip_address())


class _Book:
    """The run's journal for replicas to look into, beside the driver."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._journal: Journal | None = None

    def replies_to(self, keys: Sequence[bytes]) -> dict[bytes, str]:
        """The replies to those of the requests that are answered."""
        self._journal = self._journal or Journal(self._path)
        return self._journal.replies_to(keys)


@dataclass(frozen=True, slots=True)
class Handle:
    """A replica as the driver sees it. Whatever waits raises LostError once it is gone."""

    actor: Any
    name: str

    async def host(self) -> str:
        """Wait until Ray has found room for it; the address of its machine."""
        while True:
            try:
                return str(await self.actor.host.remote())
            except ActorUnavailableError:
                # Between a death and its notice; after that a call waits for the restart.
                await asyncio.sleep(1)
            except RayError as error:
                raise _lost(error) from None

    async def facts(self, setup: Setup) -> Stated:
        """Connect its model."""
        found: Stated = await self._answer(self.actor.facts.remote(setup))
        return found

    async def begin(self, work: Work, book: Any) -> None:
        """Get ready to ask; `book` is what `Machines.book` made."""
        await self._answer(self.actor.begin_with.remote(work, book))

    async def ask(self, items: Sequence[Item]) -> Finished:
        """Ask a batch."""
        found: Finished = await self._answer(self.actor.ask.remote(items))
        return found

    def halt(self, reason: str) -> None:
        """Ask nothing new; waits for nothing."""
        self.actor.halt.remote(reason)

    async def end(self) -> None:
        """Release its model, if it still can, and end it."""
        with contextlib.suppress(TimeoutError, LostError, MedtrustError):
            await asyncio.wait_for(self._answer(self.actor.end.remote()), PATIENCE)
        self.kill()

    def kill(self) -> None:
        """End it at once."""
        with contextlib.suppress(RayError):
            _ray.kill(self.actor, no_restart=True)

    async def _answer(self, answer: Awaitable[Any]) -> Any:
        """What a call returns or raises, as if it were made here."""
        try:
            return await answer
        except RayTaskError as error:
            cause = error.cause
            if isinstance(cause, MedtrustError):
                raise cause from None
            if isinstance(cause, NewbornError):
                raise LostError("it was started again", unheard=True) from None
            raise FatalError(
                f"{self.name}: {type(cause).__name__}: {cause} (a fault of a replica)"
            ) from None
        except RayError as error:
            raise _lost(error) from None


def _lost(error: RayError) -> LostError:
    """Ray's messages span many lines and name hosts; their kind says enough."""
    return LostError(type(error).__name__, forever=not isinstance(error, ActorUnavailableError))


@dataclass(frozen=True, slots=True, kw_only=True)
class Machines:
    """The cluster, and what each replica takes of a machine."""

    gpus: float

    def room(self) -> str:
        """What a replica takes, for people."""
        return "1 CPU" + (f" and {self.gpus:g} GPU" if self.gpus else "")

    def has_gpus(self) -> bool:
        """Whether any machine has one."""
        return bool(_ray.cluster_resources().get("GPU"))

    def here(self) -> str:
        """The address of this machine."""
        return str(_ray.util.get_node_ip_address())

    def all_here(self) -> bool:
        """Whether the cluster has no machine but this one."""
        return {node["NodeManagerAddress"] for node in _ray.nodes() if node["Alive"]} == {
            self.here()
        }

    def replica(self, name: str) -> Handle:
        """One more replica of a model, as soon as there is room for it."""
        made = {"num_cpus": 1, "num_gpus": self.gpus, "max_concurrency": CALLS, "max_restarts": -1}
        make = _ray.remote(**made)(_Replica)
        return Handle(make.remote(), name)

    def book(self, path: Path) -> Any:
        """The run's journal for replicas to look into."""
        node = _ray.get_runtime_context().get_node_id()
        made = {
            "num_cpus": 0,
            "max_restarts": -1,
            "max_task_retries": -1,
            "scheduling_strategy": NodeAffinitySchedulingStrategy(node, soft=False),
        }
        make = _ray.remote(**made)(_Book)
        return make.remote(path.absolute())


@contextmanager
def machines(gpus: float) -> Iterator[Machines]:
    """The cluster that RAY_ADDRESS or `ray start` made known; without one, this machine's own."""
    own = not _ray.is_initialized()
    if own:
        _connect()
    try:
        yield Machines(gpus=gpus)
    finally:
        if own:
            _ray.shutdown()


def _connect() -> None:
    # Nobody asked to report to Ray's makers that medtrust was run.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.CRITICAL}
    _silence()
    with warnings.catch_warnings(action="ignore", category=FutureWarning):
        try:
            _ray.init(address="auto", **quiet)
        except (ConnectionError, RayError) as error:
            if address := os.environ.get("RAY_ADDRESS"):
                raise InputError(
                    f"no Ray cluster at {address}, which RAY_ADDRESS names "
                    f"({type(error).__name__}); start one or unset it"
                ) from None
            _ray.init(address="local", include_dashboard=False, **quiet)


def _silence() -> None:
    """Keep Ray from printing deaths, with pages of its own logs, between our tables.

    The driver reports them in a line. `log_to_driver` spares us replicas' output, not these.
    """
    worker = _ray._private.worker  # noqa: SLF001 - there is no public switch
    worker._worker_logs_enabled = False  # noqa: SLF001 - as above

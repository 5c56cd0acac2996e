"""A run's models on a cluster: known through a first replica, then asked by all."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from medtrust.errors import InputError
from medtrust.models.model import ModelOptions
from medtrust.runner.cluster.actors import Handle, LostError, Machines
from medtrust.runner.cluster.crew import Recruiting
from medtrust.runner.cluster.replica import Connect, Setup, Stated
from medtrust.runner.cluster.settings import ClusterSettings
from medtrust.runner.cluster.spread import Shared, Spread
from medtrust.runner.journal import Journal
from medtrust.runner.listing import Chunks
from medtrust.runner.plan import Plan
from medtrust.runner.tally import Limits, Watcher


@dataclass(slots=True)
class Cluster:
    """Connects models and asks them, one model after the other."""

    machines: Machines
    settings: ClusterSettings
    connector: Connect
    patience: float
    """Seconds to wait for room for the first replica."""
    allowed: Sequence[str]
    """Credentialed datasets that may leave this machine."""
    _setups: dict[str, tuple[Setup, Stated]] = field(default_factory=dict)
    _first: Handle | None = None
    """The replica that was connected last. Only one is kept: it may hold the one GPU there is."""

    def connect(self, name: str, options: ModelOptions) -> Stated:
        """What a model is, as its first replica states it; blocking.

        Raises InputError as connecting it does, and where there is no room for a replica.
        """
        setup = Setup(connect=self.connector, name=name, options=options, folder=str(Path.cwd()))
        self._let_go()
        self._first = self.machines.replica(name)
        stated = asyncio.run(self._facts(self._first, setup))
        # On another machine the data would leave this one.
        stated = replace(stated, local=stated.local and self.machines.all_here())
        self._setups[stated.name] = setup, stated
        return stated

    async def _facts(self, first: Handle, setup: Setup) -> Stated:
        try:
            await asyncio.wait_for(first.host(), self.patience)
            return await first.facts(setup)
        except TimeoutError:
            raise InputError(
                f"the cluster has had no room for a replica ({self.machines.room()}) in "
                f"{self.patience:g} s; add a machine, ask for less, or wait longer with --stall"
            ) from None
        except LostError as error:
            raise InputError(
                f"{first.name}: its first replica died ({error}); is there enough memory?"
            ) from None

    def loop(
        self,
        journal: Journal,
        name: str,
        shared: Shared,
        plans: Mapping[int, Plan],
        limits: Limits,
        watcher: Watcher,
        chunks: Chunks,
    ) -> Spread:
        """A loop over all replicas of a model that was connected."""
        setup, stated = self._setups[name]
        first = self._first if self._first and self._first.name == name else None
        if first is None:
            self._let_go()
        self._first = None
        if self.machines.has_gpus() and not self.machines.gpus and "device" in stated.identity:
            watcher.warn("the cluster has GPUs and no replica gets one; see --gpus-per-replica")
        recruiting = Recruiting(
            machines=self.machines,
            setup=setup,
            stated=stated,
            first=first,
            replicas=self.settings.replicas,
        )
        # Where these data may go is asked again of every replica that comes later.
        at_home = any(
            plan.access == "credentialed" and plan.dataset not in self.allowed
            for plan in plans.values()
        )
        return Spread(journal, recruiting, shared, plans, limits, watcher, chunks, at_home=at_home)

    def _let_go(self) -> None:
        if self._first is not None:
            self._first.kill()
            self._first = None

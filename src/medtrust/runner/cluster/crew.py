"""The replicas of one model: which are at work, which wait for room, which are gone."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from medtrust.errors import InputError, MedtrustError
from medtrust.runner.cluster.actors import Handle, LostError, Machines
from medtrust.runner.cluster.replica import Setup, Stated, Work

MOST = 1000
"""Replicas, where nobody said how many."""

DEATHS = 5
"""Times in a row that a replica may die without finishing a batch before it is given up."""

REFUSED = 3
"""Replicas that may turn out useless before no further ones are tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recruiting:
    """How replicas are made."""

    machines: Machines
    setup: Setup
    stated: Stated
    """What the first one stated; all others must state the same."""
    first: Handle | None
    """That one, where it is still there."""
    replicas: int
    """How many there shall be; 0 for as many as there is room for."""


@dataclass(slots=True, eq=False)
class Member:
    """One replica, over all its lives."""

    handle: Handle
    placed: bool = False
    """Whether there was room for it."""
    up: bool = False
    """Whether it can be handed something now."""
    gone: bool = False
    """Whether it is not worth waiting for."""
    lives: int = 0
    """Times that it has come up."""
    deaths: int = 0
    """In a row, since it last finished something."""
    admitting: asyncio.Lock = field(default_factory=asyncio.Lock)


class Crew:
    """Recruits replicas and lets in those that fit."""

    def __init__(
        self,
        recruiting: Recruiting,
        work: Work,
        book: Any,
        warn: Callable[[str], None],
        *,
        at_home: bool,
    ) -> None:
        self._how, self._work, self._book, self._warn = recruiting, work, book, warn
        self._at_home, self._first = at_home, recruiting.first
        self._members: list[Member] = []
        self._refused = 0
        self.reason = ""
        """Why the last replica that was let go was no use."""
        self.error: MedtrustError | None = None
        """What connecting it raised, where that was why."""

    @property
    def up(self) -> int:
        """Replicas at work."""
        return sum(member.up for member in self._members)

    @property
    def waiting(self) -> int:
        """Replicas that there is no room for yet."""
        return sum(not member.placed and not member.gone for member in self._members)

    @property
    def hopeless(self) -> bool:
        """Whether no replica is left, nor one to come."""
        return all(member.gone for member in self._members)

    def recruit(self) -> Sequence[Member]:
        """The replicas that may now be added.

        Without a number that is one more than there was room for: Ray places it as soon as
        there is, and a cluster that can grow sees what is wanted.
        """
        if self._how.replicas:
            more = self._how.replicas - len(self._members)
        else:
            more = int(not self.waiting and self._refused < REFUSED and len(self._members) < MOST)
        found = []
        for _ in range(more):
            first, self._first = self._first, None
            found.append(Member(first or self._how.machines.replica(self._how.setup.name)))
        self._members += found
        return found

    async def admitted(self, member: Member) -> bool:
        """Wait until a replica is up; False where it is not worth waiting for.

        Raises InputError for one that is another model than the first.
        """
        async with member.admitting:
            while not member.up and not member.gone:
                try:
                    await self._admit(member)
                except LostError as error:
                    self.lose(member, error)
                    await asyncio.sleep(1)
            return member.up

    async def _admit(self, member: Member) -> None:
        host = await member.handle.host()
        member.placed = True
        if self._at_home and host != self._how.machines.here():
            self.dismiss(
                member,
                "a replica on another machine was turned away: the data are credentialed; "
                "--allow-remote DATASET lets them leave this one",
            )
            return
        try:
            self._check_same(await member.handle.facts(self._how.setup), host)
            await member.handle.begin(self._work, self._book)
        except MixedError:
            raise
        except MedtrustError as error:
            self.error = InputError(f"{error} (a replica on {host})")
            self.dismiss(member, str(self.error))
        else:
            member.up = True
            member.lives += 1

    def _check_same(self, stated: Stated, host: str) -> None:
        first, other = self._how.stated.identity, stated.identity
        if other != first:
            names = [name for name in {**first, **other} if first.get(name) != other.get(name)]
            differ = "; ".join(f"{n} {first.get(n)!r} and {other.get(n)!r}" for n in names)
            raise MixedError(
                f"replicas of {stated.name} are not one model: they differ in {differ} "
                f"(on {host}); make all machines alike"
            )

    def lose(self, member: Member, error: LostError) -> None:
        """Note that a replica died; Ray starts it again, unless it has died too often."""
        member.up = False
        member.deaths += 1
        if error.forever or member.deaths >= DEATHS:
            self.dismiss(member, f"a replica is given up: it died (times: {member.deaths})")

    def dismiss(self, member: Member, reason: str) -> None:
        """Let a replica go that is no use."""
        member.up, member.gone = False, True
        self._refused += 1
        self.reason = reason
        self._warn(reason)
        member.handle.kill()

    def halt(self, reason: str) -> None:
        """Have all that are up ask nothing new."""
        for member in self._members:
            if member.up:
                member.handle.halt(reason)

    async def end(self) -> None:
        """End all: those that are up release their model first."""
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*(member.handle.end() for member in self._members if member.up))
        for handle in (*filter(None, [self._first]), *(one.handle for one in self._members)):
            handle.kill()


class MixedError(InputError):
    """Replicas are not the same model."""

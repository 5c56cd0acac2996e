"""The driver: deals batches to replicas and takes what they answered into the run's journal.

A batch whose replica is lost goes to another, less what already lies in the shared place.
"""

import asyncio
import contextlib
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from medtrust.errors import InputError, MedtrustError
from medtrust.runner.cluster.actors import LostError
from medtrust.runner.cluster.batches import TRIES, Batch, batches, size_for
from medtrust.runner.cluster.crew import Crew, Member, Recruiting
from medtrust.runner.cluster.intake import take_in
from medtrust.runner.cluster.replica import Finished, Work, mark_of
from medtrust.runner.cluster.segment import Place, Segment
from medtrust.runner.cluster.store import Store, patiently
from medtrust.runner.journal import Journal
from medtrust.runner.listing import Chunks
from medtrust.runner.plan import Item, Plan
from medtrust.runner.tally import Limits, Tally, Watcher

LANES = 2
"""Batches that a replica holds: while the last of one are open, the first of the next are asked."""

POLL = 1.0
"""Seconds between two looks into the shared place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """Where answers are handed over."""

    where: str
    name: str
    """The run's in that place."""
    store: Store


class Spread:
    """One model's replicas asked all items of its plans. Stands where a `Loop` stands."""

    def __init__(
        self,
        journal: Journal,
        recruiting: Recruiting,
        shared: Shared,
        plans: Mapping[int, Plan],
        limits: Limits,
        watcher: Watcher,
        chunks: Chunks,
        *,
        at_home: bool,
    ) -> None:
        self.tally = Tally()
        self._journal, self._plans, self._chunks = journal, plans, chunks
        self._limits, self.watcher, self._store = limits, watcher, shared.store
        self._mark = mark_of(session := uuid.uuid4().hex[:12])
        work = Work(plans=plans, limits=limits, place=(shared.where, shared.name), session=session)
        book = recruiting.machines.book(journal.path)
        self._crew = Crew(recruiting, work, book, self._say_once, at_home=at_home)
        self._concurrency = limits.concurrency or recruiting.stated.concurrency
        self._open: set[Batch] = set()
        self._batch_of: dict[Place, Batch] = {}
        self._queue: asyncio.Queue[Batch] = asyncio.Queue()
        self._handed = 0
        self._lanes: list[asyncio.Task[None]] = []
        self._last_answer = time.monotonic()
        self._said: set[str] = set()
        self._error: MedtrustError | None = None
        self._moved, self._over, self._intake = asyncio.Event(), asyncio.Event(), asyncio.Lock()
        self.tally.charge(*journal.tokens(), limits.price)

    @property
    def path(self) -> Path:
        """The journal that it writes."""
        return self._journal.path

    def halt(self, reason: str) -> None:
        """Hand out nothing more; replicas finish what is open, and it is kept."""
        if not self.tally.stopped:
            self.tally.stopped = reason
            self._crew.halt(reason)
            self._moved.set()

    async def close(self) -> None:
        """End the replicas."""
        await self._crew.end()

    async def run(self) -> Tally:
        """Ask until everything is answered, failed or halted; raises as `Loop.run` does."""
        self.watcher.changed(self.tally)
        await self._begin()
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(self._watch())
            recruiting = group.create_task(self._recruit(group))
            await self._deal()
            await self._until(lambda: not self._handed and (self._is_halted or not self._open))
            # It is not cancelled, since what is being committed must be counted.
            self._over.set()
            await watching
            for task in (recruiting, *self._lanes):
                task.cancel()
        await patiently(lambda: self._store.remove(self._mark))
        self._tell()
        if self._error is not None:
            raise self._error
        if not self.tally.stopped:
            self._journal.finish([*self._plans])
        return self.tally

    @property
    def _is_halted(self) -> bool:
        return bool(self.tally.stopped)

    async def _begin(self) -> None:
        try:
            await asyncio.to_thread(self._store.write, self._mark, b"")
        except OSError as error:
            raise InputError(f"the shared place cannot be written to ({error})") from None

    async def _deal(self) -> None:
        """Every chunk as soon as it is entered, a few batches ahead of the replicas."""
        for chunk in count():
            try:
                if self._is_halted or not await self._chunks.ready(chunk):
                    return
            except MedtrustError as error:
                self._stop_with(error)
                return
            self.tally.known += self._journal.answered([*self._plans], chunk)
            self._tell()
            items = self._journal.items([*self._plans], chunk)
            for batch in batches(items, size_for(self._concurrency)):
                await self._until(lambda: self._is_halted or self._has_room)
                if self._is_halted:
                    return
                self._queue_up(batch)

    def _queue_up(self, batch: Batch) -> None:
        self._open.add(batch)
        self._batch_of |= dict.fromkeys(batch.left, batch)
        self._queue.put_nowait(batch)
        self._moved.set()

    @property
    def _has_room(self) -> bool:
        """Little more is held in memory than what the replicas hold."""
        return len(self._open) <= LANES * (self._crew.up + 1)

    async def _recruit(self, group: asyncio.TaskGroup) -> None:
        """Begin lanes for replicas, more of them while batches wait."""
        while True:
            await self._until(lambda: not self._queue.empty())
            for member in self._crew.recruit():
                self._lanes += [group.create_task(self._lane(member)) for _ in range(LANES)]
            self._moved.clear()
            await self._moved.wait()

    async def _lane(self, member: Member) -> None:
        """Hand batches to a replica, one at a time, for as long as it is any use."""
        try:
            while await self._crew.admitted(member):
                self._moved.set()
                batch = await self._queue.get()
                self._handed += 1
                try:
                    await self._hand(member, batch)
                finally:
                    self._handed -= 1
                    self._moved.set()
        except MedtrustError as error:
            self._stop_with(error)
        if self._crew.hopeless and not self._is_halted:
            if self._crew.error is not None:
                self._stop_with(self._crew.error)
            self.halt(f"no replica is left: {self._crew.reason}")

    async def _hand(self, member: Member, batch: Batch) -> None:
        if self._is_halted:
            return
        if not member.up:
            self._queue.put_nowait(batch)
            return
        life, batch.before = member.lives, len(batch.left)
        try:
            finished = await member.handle.ask(self._payload(batch))
        except LostError as error:
            # Both lanes hear of a death, one of them perhaps when the next life has begun.
            if member.up and member.lives == life:
                self._say_once("a replica was lost; others take over what it had open")
                self._crew.lose(member, error)
            await self._take_in()
            self._give_back(batch, blameless=error.unheard)
        else:
            await self._take_in(finished.segments)
            self._note(member, finished)
            if batch.left:
                self._give_back(batch)

    def _payload(self, batch: Batch) -> list[Item]:
        """What is left of a batch, with what was said in its conversations so far."""
        return [
            replace(item, replies=self._journal.replies(item)) if item.turn else item
            for item in batch.left.values()
        ]

    def _note(self, member: Member, finished: Finished) -> None:
        for line in finished.warnings:
            self._say_once(line)
        if not finished.stopped:
            member.deaths = 0
        elif member.up and not self._is_halted:
            self._crew.dismiss(member, f"a replica gave up: {finished.stopped}")

    def _give_back(self, batch: Batch, *, blameless: bool = False) -> None:
        """Queue what is left of a batch, unless it has cost too many replicas."""
        if not batch.left or self._is_halted:
            return
        if blameless:
            self._queue.put_nowait(batch)
            return
        if batch.came_back():
            self._open.discard(batch)
            for piece in batch.pieces() if batch.failed else [batch]:
                self._queue_up(piece)
            return
        reason = f"lost {TRIES} times with its replica, which died or ended"
        self._journal.commit(failures=[([*batch.left.values()], "error", reason)])
        self.tally.failed += len(batch.left)
        self._say_once(f"{len(batch.left)} questions were {reason}")
        for place in [*batch.left]:
            self._resolve(place)

    async def _watch(self) -> None:
        """Take in answers as they come, and say when none do."""
        try:
            while not self._over.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._over.wait(), POLL)
                await self._take_in()
                quiet = time.monotonic() - self._last_answer
                if self._open and quiet > self._limits.stall:
                    up, waiting = self._crew.up, self._crew.waiting
                    self.watcher.warn(
                        f"no answer for {quiet:.0f} s; {up} replicas are up, "
                        f"{waiting} wait for room on the cluster"
                    )
                    self._last_answer = time.monotonic()
        except MedtrustError as error:
            self._stop_with(error)

    async def _take_in(self, names: Sequence[str] | None = None) -> None:
        """Commit segments to the journal: the named ones, or all that lie there."""
        plans = {number: plan.fingerprint for number, plan in self._plans.items()}
        # What was committed is counted, also where the place fails after it.
        found: list[Segment] = []

        def take() -> None:
            there = self._store.names() if names is None else names
            found.extend(take_in(self._journal, self._store, plans, there))

        async with self._intake:
            try:
                await patiently(take)
            finally:
                for segment in found:
                    self._count_in(segment)
        self._tell()

    def _count_in(self, segment: Segment) -> None:
        tally, price = self.tally, self._limits.price
        self._last_answer = time.monotonic()
        for places, _, _, response in segment.answers:
            if resolved := sum(self._resolve(place) for place in places):
                tally.answered += resolved
                tally.sent += 1
                tally.charge(response.prompt_tokens or 0, response.completion_tokens or 0, price)
        tally.known += sum(self._resolve(place) for place, _ in segment.known)
        for places, _, _ in segment.failures:
            tally.failed += sum(self._resolve(place) for place in places)
        budget = self._limits.budget
        if budget is not None and tally.cost >= budget:
            self.halt(f"the budget of {budget:g} is spent")

    def _resolve(self, place: Place) -> bool:
        """Note that an item has its outcome; False where it had one."""
        batch = self._batch_of.pop(place, None)
        if batch is None:
            return False
        del batch.left[place]
        if not batch.left:
            self._open.discard(batch)
            self._moved.set()
        return True

    def _tell(self) -> None:
        tally = self.tally
        tally.total = sum(self._chunks.sizes[number] for number in self._plans)
        tally.replicas = self._crew.up
        tally.limit = tally.replicas * self._concurrency
        self.watcher.changed(tally)

    def _say_once(self, line: str) -> None:
        if line not in self._said:
            self._said.add(line)
            self.watcher.warn(line)

    def _stop_with(self, error: MedtrustError) -> None:
        if self._error is None:
            self._error = error
        self.halt(str(error))

    async def _until(self, holds: Callable[[], bool]) -> None:
        """Wait for something that a batch or a replica changes."""
        while not holds():
            self._moved.clear()
            await self._moved.wait()

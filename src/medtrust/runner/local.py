"""The loop: asks every item of the plans once, however often it is started.

```
listing -> journal.items -> prepare (images, key, known?) -> queue -> workers (pace, retries)
-> writer
```
"""

import asyncio
import random
import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count, islice
from pathlib import Path

from msgspec import structs

from medtrust.errors import (
    AbsentError,
    AccessError,
    FatalError,
    ImageError,
    InputError,
    MedtrustError,
    ModelError,
    RejectedError,
    TransientError,
    UnreachableError,
    UnsupportedError,
)
from medtrust.images.encode import EncodedImage
from medtrust.models.model import Model
from medtrust.records import Request, Response
from medtrust.runner.estimate import tokens_of
from medtrust.runner.keys import asked_of, key_of
from medtrust.runner.ledger import Ledger
from medtrust.runner.listing import Chunks, Whole
from medtrust.runner.pace import Pace, wait_before
from medtrust.runner.pictures import Begun, Pictures
from medtrust.runner.plan import Item, Plan, request_of, shown_again
from medtrust.runner.tally import Limits, Tally, Watcher
from medtrust.runner.writer import Group, Writer
from medtrust.tasks.task import Task

BATCH = 32
"""Items that are prepared together: their images are read at once and their keys looked up at
once. Little enough to be held in memory with all their images."""


REACHES = 3
"""Times a server is tried that was never reached: some seconds, in which one may be starting."""


@dataclass(slots=True)
class _Job:
    key: bytes
    asked: bytes
    request: Request
    images: list[EncodedImage]
    items: list[Item]
    late: list[Item] = field(default_factory=list)
    """Items with the same request that came up while its answer was being written."""
    answered: bool = False


_Prepared = tuple[Item, Request, list[EncodedImage], bytes]
"""An item, its request with its images, and what its key is a hash of."""


@dataclass
class Loop:
    """One model asked all items of its plans. `halt` ends it gently from outside."""

    journal: Ledger
    model: Model
    plans: Mapping[int, tuple[Plan, Task]]
    limits: Limits = Limits()
    watcher: Watcher = field(default_factory=Watcher)
    chunks: Chunks | None = None
    """What is still being entered; None where everything has been."""

    def __post_init__(self) -> None:
        concurrency = self.limits.concurrency or self.model.concurrency
        self._chunks = self.chunks or Whole(self.journal, [*self.plans])
        self._pictures = Pictures()
        self.tally = Tally(limit=concurrency)
        self._count()
        self._pace = Pace(concurrency)
        self._queue: asyncio.Queue[_Job | None] = asyncio.Queue(2 * concurrency)
        self._pending: dict[bytes, _Job] = {}
        self._unsupported: dict[int, str] = {}
        self._answered_plans: set[int] = set()
        self._halt = asyncio.Event()
        self._error: MedtrustError | None = None
        self._in_a_row = 0
        self._refused: Counter[str] = Counter()
        """Refusals by their words, numbers aside."""
        self._busy = 0
        self._said: set[str] = set()
        self._last_answer = time.monotonic()
        self._rng = random.Random()
        self._writer = Writer(self.journal, self._committed)
        # A budget is for a run's folder: earlier parts, other models and judges included.
        self.tally.charge(*self.journal.tokens(), self.limits.price)

    def halt(self, reason: str) -> None:
        """Ask nothing new; what is open is waited for and kept."""
        if not self._halt.is_set():
            self.tally.stopped = reason
            self._halt.set()

    @property
    def path(self) -> Path:
        """The journal that it writes."""
        return self.journal.path

    async def close(self) -> None:
        """Release the model."""
        await self.model.close()

    async def run(self) -> Tally:
        """Ask until everything is answered, failed or halted.

        Raises FatalError or InputError where one ended the run, after what had been
        answered until then is on disk.
        """
        self.watcher.changed(self.tally)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._writer.run())
            alarm = group.create_task(self._alarm())
            workers = [group.create_task(self._work()) for _ in range(self._pace.most)]
            await self._prepare_all()
            for _ in workers:
                await self._queue.put(None)
            await asyncio.gather(*workers)
            alarm.cancel()
            self._writer.close()
        if self._error is not None:
            raise self._error
        if not self.tally.stopped:
            self.journal.finish([*self.plans])
        return self.tally

    async def _prepare_all(self) -> None:
        """Every chunk as soon as it is entered, turn after turn."""
        turns = max(task.turns for _, task in self.plans.values())
        for chunk in count():
            try:
                if not await self._ready(chunk):
                    break
            except MedtrustError as error:
                self._stop_with(error)
                break
            self._count()
            self.tally.known += self.journal.answered([*self.plans], chunk)
            self.watcher.changed(self.tally)
            for turn in range(turns):
                await self._prepare(chunk, turn)
                if turns > 1:
                    # What is asked next quotes what was answered: it must be on disk.
                    await self._queue.join()
                    await self._writer.flushed()
        await self._queue.join()
        await self._writer.flushed()
        self._count()

    async def _ready(self, chunk: int) -> bool:
        """Wait for a chunk, but not once the loop is halted."""
        ready = asyncio.ensure_future(self._chunks.ready(chunk))
        halted = asyncio.ensure_future(self._halt.wait())
        try:
            await asyncio.wait({ready, halted}, return_when=asyncio.FIRST_COMPLETED)
            return not self._halt.is_set() and ready.result()
        finally:
            ready.cancel()
            halted.cancel()

    def _count(self) -> None:
        self.tally.total = sum(self._chunks.sizes[number] for number in self.plans)

    async def _prepare(self, chunk: int, turn: int) -> None:
        """Items of one turn to jobs, in image order, a little ahead of the workers."""
        left = self._items(chunk, turn)
        while batch := [*islice(left, BATCH)]:
            # What is known needs no waiting, so the loop is let go on purpose: for Ctrl-C.
            await asyncio.sleep(0)
            await self._writer.room()
            if self._halt.is_set():
                return
            for job in self._jobs(await self._requests(batch, turn)):
                if self._queue.full():
                    await self._queue.put(job)
                else:
                    self._queue.put_nowait(job)

    async def _requests(self, batch: Sequence[Item], turn: int) -> list[_Prepared]:
        """The requests of the items that can be asked, with their images."""
        begun: list[tuple[Item, Request, list[Begun]]] = []
        for item in batch:
            said = tuple(map(shown_again, item.replies))
            if len(said) < turn or not all(said):
                why = "has no answer" if len(said) < turn else "said nothing"
                self._writer.failure(([item], "absent", f"the turn before it {why}"))
                continue
            request = request_of(*self.plans[item.plan], replace(item, replies=said))
            shown = [] if self.model.by_name else self._pictures.begin(request.messages)
            begun.append((item, request, shown))
        found: list[_Prepared] = []
        for item, request, shown in begun:
            try:
                images = [one if isinstance(one, EncodedImage) else await one for one in shown]
            except AbsentError as error:
                self._writer.failure(([item], "absent", str(error)))
            except ImageError as error:
                # Paths and names of restricted images may number patients.
                is_open = self.plans[item.plan][0].access == "open"
                self._say_once(str(error) if is_open else f"{item.sample.id}: {error.why}")
                self._writer.failure(([item], "absent", error.reason[:500]))
            except InputError as error:
                self._stop_with(error)
            else:
                seen = None if self.model.by_name else images
                found.append((item, request, images, asked_of(self.model.identity, request, seen)))
        for image in self._pictures.new():
            self._writer.image(image)
        return found

    def _jobs(self, prepared: Sequence[_Prepared]) -> list[_Job]:
        """What of it nobody has asked yet; the rest is tied to its answer.

        Nothing may be awaited in here: between looking for an answer and entering a job another
        could commit the answer and leave.
        """
        keys = [key_of(asked) for *_, asked in prepared]
        answered = self.journal.known([key for key in keys if key not in self._pending])
        jobs = []
        for key, (item, request, images, asked) in zip(keys, prepared, strict=True):
            if twin := self._pending.get(key):
                (twin.late if twin.answered else twin.items).append(item)
            elif key in answered:
                self._writer.known(item, key)
            else:
                self._pending[key] = _Job(key, asked, request, images, [item])
                jobs.append(self._pending[key])
        return jobs

    def _items(self, chunk: int, turn: int) -> Iterator[Item]:
        """The items of one turn, with what was said in the turns before it.

        A judge's views are no turns of a conversation: they are all asked with the first.
        """
        talks = {number for number, (_, task) in self.plans.items() if task.turns > 1}
        if turn:
            plans = [number for number in talks if self.plans[number][1].turns > turn]
            for item in self.journal.items(plans, chunk):
                if item.turn == turn:
                    yield replace(item, replies=self.journal.replies(item))
        else:
            for item in self.journal.items([*self.plans], chunk):
                if item.turn == 0 or item.plan not in talks:
                    yield item

    async def _work(self) -> None:
        queue = self._queue
        # Most of the time a job waits, and nothing need be waited for.
        while (job := await queue.get() if queue.empty() else queue.get_nowait()) is not None:
            if not self._halt.is_set() and not self._is_spent():
                self._busy += 1
                await self._ask(job)
                self._busy -= 1
            queue.task_done()

    async def _ask(self, job: _Job) -> None:
        unsupported = self._unsupported.get(job.items[0].plan)
        try:
            if unsupported:
                raise UnsupportedError(unsupported)
            response = await self._answer(job)
        except ModelError as error:
            if isinstance(error, FatalError) and not self._concerns_one(error):
                self._stop_with(error)
                return
            if isinstance(error, UnsupportedError):
                self._note_unsupported(job.items[0].plan, str(error))
            else:
                self._count_failure(error)
            self._writer.failure((self._pending.pop(job.key).items, "error", str(error)[:500]))
        else:
            if response is not None:
                self._in_a_row = 0
                self._last_answer = time.monotonic()
                self._answered_plans.update(item.plan for item in job.items)
                job.answered = True
                response = self._spend(job, response)
                job.images = []  # the job waits for the disk, and late twins need none
                self._writer.answer((job.items, job.key, job.asked, response))
        if self._writer.is_behind:
            await self._writer.room()

    async def _answer(self, job: _Job) -> Response | None:
        """The response, None when halted while waiting; raises the last ModelError."""
        for attempt in range(1, self.limits.attempts + 1):
            epoch = await self._pace.enter()
            try:
                if self._halt.is_set():
                    return None
                response = await self._ask_once(job)
            except TransientError as error:
                if error.throttled:
                    self._pace.throttled(epoch)
                unreached = self._never_reached(error, attempt)
                if unreached:
                    self.halt(str(error))
                if attempt == self.limits.attempts or unreached:
                    raise TransientError(f"{error} (asked {attempt} times)") from None
                if attempt == 2:
                    self._say_once(f"{error}; asking again")
                wait = wait_before(attempt, error.retry_after, self._rng)
            else:
                self._pace.answered()
                return response
            finally:
                self._pace.leave()
            if await self._halted_within(wait):
                return None
        return None

    async def _ask_once(self, job: _Job) -> Response:
        try:
            return await self.model.answer(job.request, job.images)
        except ModelError:
            raise
        except Exception as error:
            # A backend of another package may raise anything; it can't be asked on.
            raise FatalError(
                f"{self.model.name}: {type(error).__name__}: {error} (a fault of its backend)"
            ) from error

    def _say_once(self, message: str) -> None:
        """Tell a person of trouble that did not pass at once, each kind one time."""
        if len(self._said) < 5 and message not in self._said:
            self._said.add(message)
            self.watcher.warn(message)

    async def _halted_within(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._halt.wait(), seconds)
        except TimeoutError:
            return False
        return True

    def _spend(self, job: _Job, response: Response) -> Response:
        """Count what an answer cost the moment it came: the disk may lag behind a server.

        Where the server counts no tokens an estimate is kept with the answer, so that a
        budget holds over all parts of a run.
        """
        into, out = tokens_of(job.request, job.images, response)
        self.tally.charge(into, out, self.limits.price)
        if response.prompt_tokens is not None and response.completion_tokens is not None:
            return response
        notes = (*response.notes, "tokens estimated")
        return structs.replace(response, prompt_tokens=into, completion_tokens=out, notes=notes)

    def _is_spent(self) -> bool:
        spent = self.limits.budget is not None and self.tally.cost >= self.limits.budget
        if spent:
            self.halt(f"the budget of {self.limits.budget:g} is spent")
        return spent

    def _count_failure(self, error: ModelError) -> None:
        if isinstance(error, RejectedError):
            # The server is well and answers; it is this request that it does not want.
            self._in_a_row = 0
            self._say_once(str(error))
            if not (self._answered_plans or self.tally.done):
                self._refused[re.sub(r"\d+", "0", str(error))] += 1
                self._stop_if_alike(error)
            return
        self._in_a_row += 1
        if self._in_a_row == self.limits.give_up:
            self.halt(f"{self._in_a_row} requests in a row failed, the last with: {error}")

    def _concerns_one(self, error: FatalError) -> bool:
        """Whether an error that ends a run at its start is that of one request by now."""
        return isinstance(error, AccessError) and bool(self._answered_plans)

    def _stop_if_alike(self, error: RejectedError) -> None:
        """Forty thousand more refusals for one and the same reason would tell nobody anything."""
        refused = self._refused.total()
        if len(self._refused) == 1 and refused == self.limits.give_up:
            self.halt(f"{refused} requests, all refused alike: {error}")

    def _never_reached(self, error: TransientError, attempt: int) -> bool:
        tries = min(REACHES, self.limits.attempts)
        is_new = not self._answered_plans
        return is_new and isinstance(error, UnreachableError) and attempt >= tries

    def _note_unsupported(self, plan: int, message: str) -> None:
        # What has worked once is supported: then one odd reply is that reply's failure.
        if plan not in self._unsupported and plan not in self._answered_plans:
            self._unsupported[plan] = message
            self.watcher.warn(f"{self.plans[plan][0].task}: {message}")

    def _stop_with(self, error: MedtrustError) -> None:
        if self._error is None:
            self._error = error
        self.halt(str(error))

    def _committed(self, group: Group) -> None:
        tally = self.tally
        for items, key, _, _ in group.answers:
            for item in self._pending.pop(key).late:
                self._writer.known(item, key)
            tally.answered += len(items)
            tally.sent += 1
        tally.known += len(group.known)
        tally.failed += sum(len(items) for items, _, _ in group.failures)
        tally.limit = int(self._pace.limit)
        self.watcher.changed(tally)

    async def _alarm(self) -> None:
        while True:
            await asyncio.sleep(min(5.0, self.limits.stall / 2))
            quiet = time.monotonic() - self._last_answer
            if self._busy and quiet > self.limits.stall:
                self.watcher.warn(f"no answer for {quiet:.0f} s; {self._busy} requests wait")
                self._last_answer = time.monotonic()

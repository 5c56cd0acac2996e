"""A replica's journal: what it has been handed and what came of it, in memory.

Nothing of it touches the machine's disk, which is not ours to leave patients' data on. Outcomes
gather here until they are written to the shared place as a segment.
"""

import asyncio
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from medtrust.runner.cluster.segment import Place, Segment, place_of
from medtrust.runner.ledger import Answer, Failure, Seen
from medtrust.runner.plan import Item, Plan

REMEMBERED = 1 << 14
"""Requests whose answers are remembered; older ones are looked up in the run's journal."""

LookUp = Callable[[Sequence[bytes]], Mapping[bytes, str]]
"""From keys to the replies of those that are answered in the run's journal."""


@dataclass(slots=True)
class _Batch:
    left: dict[Place, Item]
    done: asyncio.Future[None]
    said: dict[Place, str]
    """Replies of its conversations, here and before it was handed out."""


class Notebook:
    """What `Ledger` and `Chunks` ask for; each batch that is added is a chunk."""

    path = Path("the shared place")

    def __init__(self, plans: Mapping[int, Plan], look_up: LookUp) -> None:
        self.sizes: Counter[int] = Counter()
        self._plans = {number: plan.fingerprint for number, plan in plans.items()}
        self._look_up = look_up
        self._added = 0
        self._batches: dict[int, _Batch] = {}
        self._batch_of: dict[Place, int] = {}
        self._replies: OrderedDict[bytes, str] = OrderedDict()
        self._lock = threading.Lock()
        self._closed = False
        self._more = asyncio.Event()
        self._gathered = _empty(self._plans)

    def add(self, items: Sequence[Item]) -> asyncio.Future[None]:
        """Take a batch; the future is done once each of its items has an outcome."""
        batch = _Batch(
            {place_of(item): item for item in items},
            asyncio.get_running_loop().create_future(),
            {
                (item.plan, item.sample.id, item.repeat, turn): reply
                for item in items
                for turn, reply in enumerate(item.replies)
            },
        )
        with self._lock:
            self._batches[self._added] = batch
            self._batch_of |= dict.fromkeys(batch.left, self._added)
            self._added += 1
        self._more.set()
        return batch.done

    def close(self) -> None:
        """There will be no more batches."""
        self._closed = True
        self._more.set()

    async def ready(self, chunk: int) -> bool:
        """Wait for a batch; False where there will be no more."""
        while self._added <= chunk and not self._closed:
            self._more.clear()
            await self._more.wait()
        return chunk < self._added

    def take(self) -> Segment | None:
        """What has gathered since this was last called; None where nothing has."""
        with self._lock:
            found, self._gathered = self._gathered, _empty(self._plans)
        return found if found.answers or found.known or found.failures else None

    def tokens(self) -> tuple[int, int]:
        """None: a budget is the driver's business."""
        return 0, 0

    def size(self, plans: Sequence[int]) -> int:
        """How many items have been handed over."""
        return sum(self.sizes[plan] for plan in plans)

    def items(self, plans: Sequence[int], chunk: int = 0) -> Iterator[Item]:
        """A batch's items of some plans that have no outcome yet."""
        with self._lock:
            left = [*self._batches[chunk].left.values()] if chunk in self._batches else []
        return (item for item in left if item.plan in plans)

    def answered(self, plans: Sequence[int], chunk: int = 0) -> int:
        """None: what has its answer is not handed out."""
        del plans, chunk
        return 0

    def replies(self, item: Item) -> tuple[str, ...]:
        """What was said in the turns before an item's own, here or before it was handed out."""
        said = self._batches[self._batch_of[place_of(item)]].said
        turns = ((item.plan, item.sample.id, item.repeat, turn) for turn in range(item.turn))
        return tuple(said[turn] for turn in turns if turn in said)

    def known(self, keys: Sequence[bytes]) -> set[bytes]:
        """Those of the requests that were answered, by this replica or in the run's journal."""
        with self._lock:
            found = {key: self._replies[key] for key in keys if key in self._replies}
            if unknown := [key for key in keys if key not in found]:
                found |= self._look_up(unknown)
            # The latest asked for go last: they are about to be used.
            self._remember(found)
        return {*found}

    def finish(self, plans: Sequence[int]) -> None:
        """Nothing to note: whether a plan has been gone through, the driver knows."""

    def commit(
        self,
        answers: Iterable[Answer] = (),
        known: Iterable[tuple[Item, bytes]] = (),
        failures: Iterable[Failure] = (),
        images: Iterable[Seen] = (),
    ) -> None:
        """Gather outcomes for the next segment."""
        answers = [*answers]
        with self._lock:
            gathered = self._gathered
            settled: list[tuple[Place, str | None]] = []
            for items, key, asked, response in answers:
                places = [place_of(item) for item in items]
                gathered.answers.append((places, key, asked, response))
                settled += [(place, response.text) for place in places]
            for item, key in known:
                gathered.known.append((place_of(item), key))
                settled.append((place_of(item), self._replies[key]))
            # Last, since what is remembered anew may push out what was known.
            self._remember({key: response.text for _, key, _, response in answers})
            for items, outcome, message in failures:
                places = [place_of(item) for item in items]
                gathered.failures.append((places, outcome, message))
                settled += [(place, None) for place in places]
            gathered.images.extend(images)
            self._settle(settled)

    def _settle(self, outcomes: Iterable[tuple[Place, str | None]]) -> None:
        for place, reply in outcomes:
            number = self._batch_of.pop(place)
            batch = self._batches[number]
            del batch.left[place]
            if reply is not None:
                batch.said[place] = reply
            if not batch.left:
                del self._batches[number]
                batch.done.get_loop().call_soon_threadsafe(batch.done.set_result, None)

    def _remember(self, replies: Mapping[bytes, str]) -> None:
        for key, reply in replies.items():
            self._replies[key] = reply
            self._replies.move_to_end(key)
        while len(self._replies) > REMEMBERED:
            self._replies.popitem(last=False)


def _empty(plans: dict[int, str]) -> Segment:
    return Segment(plans=plans, answers=[], known=[], failures=[], images=[])

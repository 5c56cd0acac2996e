"""From segments in the shared place to the run's journal."""

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from medtrust.errors import InputError
from medtrust.records import Sample
from medtrust.runner.cluster.segment import SUFFIX, Place, Segment, decode, is_ours, may_be_ours
from medtrust.runner.cluster.store import Store
from medtrust.runner.journal import Journal
from medtrust.runner.plan import Item

AT_ONCE = 32
"""Segments that are read together and committed in one transaction."""


def take_in(
    journal: Journal, store: Store, plans: Mapping[int, str], names: Iterable[str]
) -> Iterator[Segment]:
    """Commit segments to the journal, then remove them; yields each that was committed.

    `plans` are the numbers of the journal's plans with their fingerprints: what is of others is
    left out. One that was taken in before is gone, and one that is damaged is removed: what it
    held is asked again. What is no segment of ours stays. Raises OSError where the place cannot
    be read; it may be called again.
    """
    left = iter([name for name in names if name.endswith(SUFFIX)])
    with ThreadPoolExecutor(8) as pool:
        while batch := [*islice(left, AT_ONCE)]:
            files = [
                (name, data)
                for name, data in zip(batch, pool.map(store.read, batch), strict=True)
                if data is not None and is_ours(name, data)
            ]
            found = [decode(data) for _, data in files]
            segments = [segment for segment in found if segment and _is_of(segment, plans)]
            _commit(journal, segments)
            yield from segments
            for name, _ in files:
                # One that stays is taken in once more, which changes nothing.
                with contextlib.suppress(OSError):
                    store.remove(name)


def recover(journal: Journal, store: Store) -> None:
    """Take in what replicas left after their driver was killed, and remove what is ours.

    Raises InputError where the place cannot be used.
    """
    plans = {number: plan.fingerprint for number, plan in journal.plans().items()}
    try:
        names = store.names()
        for _ in take_in(journal, store, plans, names):
            pass
        for name in filter(may_be_ours, names):
            data = store.read(name)
            if data is not None and is_ours(name, data):
                store.remove(name)
    except OSError as error:
        raise InputError(f"the shared place cannot be used ({error})") from None


def _is_of(segment: Segment, plans: Mapping[int, str]) -> bool:
    used = {place[0] for places, *_ in segment.answers for place in places}
    used |= {place[0] for place, _ in segment.known}
    used |= {place[0] for places, *_ in segment.failures for place in places}
    return all(plans.get(number) == segment.plans.get(number) for number in used)


def _commit(journal: Journal, segments: Sequence[Segment]) -> None:
    if segments:
        journal.commit(
            [
                (_items(places), key, asked, response)
                for segment in segments
                for places, key, asked, response in segment.answers
            ],
            [(_item(place), key) for segment in segments for place, key in segment.known],
            [
                (_items(places), outcome, message)
                for segment in segments
                for places, outcome, message in segment.failures
            ],
            [image for segment in segments for image in segment.images],
        )


def _items(places: Sequence[Place]) -> list[Item]:
    return [_item(place) for place in places]


def _item(place: Place) -> Item:
    """An item by its place alone, which is all that a commit looks at."""
    plan, name, repeat, turn = place
    sample = Sample(id=name, dataset="", kind="open", question="", target="", cluster="")
    return Item(plan=plan, sample=sample, repeat=repeat, turn=turn)

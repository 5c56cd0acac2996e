"""Named lists of items that should not be counted, and why. Never applied unless named.

A list's name ends in its date. A published list is never changed: a new one is
added, so that a result that names its errata can be told apart from any other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from medtrust.errors import InputError
from medtrust.records import Sample


class Item(msgspec.Struct, frozen=True):
    """One doubtful item: a sample (`mediconfusion:10022/1`) or a pair (`mediconfusion:10121`)."""

    item: str
    action: Literal["quarantine"]
    """`quarantine`: it is set aside, so that no estimate counts it."""
    reason: str
    source: str
    """Who found it, when, and on what evidence."""


class Errata(msgspec.Struct, frozen=True):
    """A named list of items of one dataset."""

    name: str
    dataset: str
    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """A sample that was set aside."""

    sample: str
    errata: str
    reason: str
    source: str


@cache
def known_errata() -> Mapping[str, Errata]:
    """Name -> errata, of all datasets."""
    folder = files("medtrust.datasets.errata")
    found = [
        errata
        for file in sorted(folder.iterdir(), key=lambda file: file.name)
        if file.name.endswith(".json")
        for errata in msgspec.json.decode(file.read_bytes(), type=tuple[Errata, ...])
    ]
    return {errata.name: errata for errata in found}


def apply(
    samples: Sequence[Sample], names: Sequence[str]
) -> tuple[tuple[Sample, ...], tuple[Quarantined, ...]]:
    """Set aside what the named errata list; returns the samples kept and those set aside.

    Raises InputError for a name that is not known, or where errata and samples do
    not belong together.
    """
    known = known_errata()
    quarantined: list[Quarantined] = []
    for name in names:
        if name not in known:
            raise InputError(f"unknown errata {name!r}; known are {', '.join(sorted(known))}")
        quarantined += quarantine(samples, known[name])
    aside = {one.sample for one in quarantined}
    return tuple(sample for sample in samples if sample.id not in aside), tuple(quarantined)


def quarantine(samples: Sequence[Sample], errata: Errata) -> list[Quarantined]:
    """Which samples the errata set aside, in the order of its items.

    Where one sample of a pair is doubtful the whole pair is set aside: half a pair
    cannot be scored as a pair. Raises InputError for an item that is no sample.
    """
    pair_of = {sample.id: sample.pair or sample.id for sample in samples}
    members: dict[str, list[str]] = {}
    for sample, pair in pair_of.items():
        members.setdefault(pair, []).append(sample)
    found = []
    for item in errata.items:
        pair = pair_of.get(item.item, item.item)
        if pair not in members:
            raise InputError(
                f"errata {errata.name}: {item.item} is no item of the samples it is applied to; "
                f"it is meant for the whole dataset {errata.dataset}"
            )
        found += [
            Quarantined(
                sample=sample,
                errata=errata.name,
                reason=item.reason
                if item.item in {sample, pair}
                else f"its pair's other half, {item.item}, is doubtful: {item.reason}",
                source=item.source,
            )
            for sample in members[pair]
        ]
    return found

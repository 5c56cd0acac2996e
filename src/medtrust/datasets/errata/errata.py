"""Named lists of items that should not be counted as they are. Never applied unless named.

A list's name ends in its date. A published list is never changed: a new one is
added, so that a result that names its errata can be told apart from any other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from medtrust.datasets.errata.repairs import RULES
from medtrust.errors import InputError
from medtrust.records import Sample

Action = Literal["quarantine", "repair"]
"""`quarantine`: the item is set aside, so that no estimate counts it. `repair`: its question
and target are mended by a rule of `repairs.py`, and it is counted."""


class Item(msgspec.Struct, frozen=True):
    """One doubtful item: a sample (`mediconfusion:10022/1`) or a pair (`mediconfusion:10121`)."""

    item: str
    action: Action
    reason: str
    source: str
    """Who found it, when, and on what evidence."""
    rule: str = ""
    """What mends it; empty for a quarantine."""


class Errata(msgspec.Struct, frozen=True):
    """A named list of items of one dataset."""

    name: str
    dataset: str
    title: str
    items: tuple[Item, ...]


class _Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Items of a file that share everything but their names."""

    items: tuple[str, ...]
    action: Action
    reason: str
    source: str
    rule: str = ""


class _Listed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A list as its file has it: items one by one, or in groups."""

    name: str
    dataset: str
    title: str
    items: tuple[Item, ...] = ()
    groups: tuple[_Group, ...] = ()

    def errata(self) -> Errata:
        """The list with every item by itself."""
        grouped = (
            Item(item=item, action=one.action, reason=one.reason, source=one.source, rule=one.rule)
            for one in self.groups
            for item in one.items
        )
        return Errata(
            name=self.name,
            dataset=self.dataset,
            title=self.title,
            items=(*self.items, *grouped),
        )


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
        listed.errata()
        for file in sorted(folder.iterdir(), key=lambda file: file.name)
        if file.name.endswith(".json")
        for listed in msgspec.json.decode(file.read_bytes(), type=tuple[_Listed, ...])
    ]
    return {errata.name: errata for errata in found}


def apply(
    samples: Sequence[Sample], names: Sequence[str]
) -> tuple[tuple[Sample, ...], tuple[Quarantined, ...]]:
    """Set aside and repair what the named errata list.

    Returns the samples that are counted, the repaired ones in their old places, and those set
    aside. Raises InputError for a name that is not known, or where errata and samples do
    not belong together.
    """
    quarantined: list[Quarantined] = []
    for name in names:
        errata = _known(name)
        quarantined += quarantine(samples, errata)
        samples = repair(samples, errata)
    aside = {one.sample for one in quarantined}
    return tuple(sample for sample in samples if sample.id not in aside), tuple(quarantined)


def meant_for(dataset: str, names: Sequence[str]) -> list[str]:
    """Those of the named errata that are about a dataset, in the order given.

    Raises InputError for a name that is not known.
    """
    return [name for name in names if _known(name).dataset == dataset]


def _known(name: str) -> Errata:
    known = known_errata()
    if name not in known:
        raise InputError(f"unknown errata {name!r}; known are {', '.join(sorted(known))}")
    return known[name]


def repair(samples: Sequence[Sample], errata: Errata) -> tuple[Sample, ...]:
    """The samples with those mended that the errata repair, in their old order.

    Raises InputError for an item that is no sample, or that its rule does not fit.
    """
    rules = {item.item: item.rule for item in errata.items if item.action == "repair"}
    for item in rules.keys() - {sample.id for sample in samples}:
        raise _no_item(errata, item)
    return tuple(
        RULES[rules[sample.id]](sample) if sample.id in rules else sample for sample in samples
    )


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
        if item.action != "quarantine":
            continue
        pair = pair_of.get(item.item, item.item)
        if pair not in members:
            raise _no_item(errata, item.item)
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


def _no_item(errata: Errata, item: str) -> InputError:
    return InputError(
        f"errata {errata.name}: {item} is no item of the samples it is applied to; "
        f"it is meant for the whole dataset {errata.dataset}"
    )

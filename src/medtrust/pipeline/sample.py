"""Draw replies of a run for people to label, by chance and with known probabilities.

Replies that are read alike in one result are a stratum. Strata get shares of the sample that grow
with the square root of their size (power allocation: Bankier 1988, The American Statistician 42(3),
174-177), so that what is rarely read, a refusal say, is among the labels as well. Within that the
draw is systematic over replies in random order (Madow 1949, Ann. Math. Stat. 20(3), 333-354): every
reply has a probability above 0, however few are drawn, and estimates are made with it.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from fnmatch import fnmatchcase
from math import floor, sqrt
from pathlib import Path
from random import Random

from medtrust.errors import InputError
from medtrust.pipeline import folder
from medtrust.pipeline.labels import Entry, entries
from medtrust.pipeline.sheet import write_sheet
from medtrust.runner.journal import FILE, Journal
from medtrust.runner.plan import Plan

Stratum = tuple[int, str, str]
"""The plan, what is to be labelled and what was read."""


def sample_run(
    out: Path,
    path: Path,
    n: int,
    seed: int,
    tasks: Sequence[str] = (),
    models: Sequence[str] = (),
) -> tuple[int, int]:
    """Write a sheet of replies to label; returns how many there are and of how many.

    Args:
        out: The run's folder.
        path: The sheet, a new file.
        n: How many to draw; all of them where there are fewer.
        seed: Of the draw.
        tasks: Wildcards of the tasks that are drawn from; none for all.
        models: The same for models.

    Raises InputError where there is nothing to label, or the sheet is there already.
    """
    folder.check_run(out)
    with folder.held(out), closing(Journal(out / FILE)) as journal:
        plans = {
            number: plan
            for number, plan in journal.plans().items()
            if _is_meant(plan.task, tasks) and _is_meant(plan.model, models)
        }
        strata: dict[Stratum, list[str]] = {}
        for entry in _entries(journal, plans):
            strata.setdefault((entry.plan, entry.what, entry.verdict), []).append(entry.id)
        if not strata:
            raise InputError(
                f"{out}: no reply to label; tasks of CARES have replies that decline or not, and "
                "cares/uncertainty some that are sure or not"
            )
        chosen = draw([strata[name] for name in sorted(strata)], n, seed)
        rows = [
            (entry, chosen[entry.id])
            for entry in _entries(journal, {n: plans[n] for n in {name[0] for name in strata}})
            if entry.id in chosen
        ]
    rows.sort(key=lambda row: row[0].id)
    # In an order that says nothing of what was read, nor of what was drawn from where.
    Random(seed).shuffle(rows)
    write_sheet(path, rows)
    return len(rows), sum(map(len, strata.values()))


def draw(strata: Sequence[Sequence[str]], n: int, seed: int) -> dict[str, float]:
    """So many of the names with the probability that each had of being drawn."""
    chance = Random(seed)
    sizes = [len(names) for names in strata]
    found: dict[str, float] = {}
    start, so_far = chance.random(), 0.0
    for names, share in zip(strata, probabilities(sizes, n), strict=True):
        for name in sorted(names, key=lambda _: chance.random()):
            if share >= 1:
                found[name] = 1.0
                continue
            before, so_far = so_far, so_far + share
            if floor(before + start) < floor(so_far + start):
                found[name] = share
    return found


def probabilities(sizes: Sequence[int], n: int) -> list[float]:
    """The probability of each member of strata of such sizes, where n are drawn of them all.

    It is proportional to one over the root of the size, and at most 1.
    """
    found = [1.0] * len(sizes)
    if n >= sum(sizes):
        return found
    partly, left = [*range(len(sizes))], n
    while True:
        factor = left / sum(sqrt(sizes[place]) for place in partly)
        full = [place for place in partly if factor >= sqrt(sizes[place])]
        if not full:
            for place in partly:
                found[place] = factor / sqrt(sizes[place])
            return found
        partly = [place for place in partly if place not in full]
        left -= sum(sizes[place] for place in full)


def _entries(journal: Journal, plans: dict[int, Plan]) -> Iterator[Entry]:
    for number, plan in sorted(plans.items()):
        yield from entries(journal, number, plan)


def _is_meant(name: str, patterns: Sequence[str]) -> bool:
    return not patterns or any(fnmatchcase(name, pattern) for pattern in patterns)

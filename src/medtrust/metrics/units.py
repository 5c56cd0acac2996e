"""Answers as units: what a figure is a mean of, with its cluster and its weight in each group.

A question that was asked several times is one unit. Its figure is the mean over its answers, so
repeats add nothing to the number of units and never narrow an interval by themselves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from medtrust.errors import InputError
from medtrust.metrics.arrays import Bools, Floats, Ints
from medtrust.records import Score

MISSING = frozenset({"error", "absent"})
"""Outcomes without an answer, through no fault of the model."""

CATEGORY = "category"
"""The grouping that benchmarks of pairs publish, and the one that counts a pair in three ways."""

Row = tuple[str, str]
"""Grouping and group."""

WHOLE: Row = ("all", "all")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Units:
    """Shapes: (asked,) over everything asked, (units,) over distinct questions or pairs."""

    asked: Sequence[tuple[Score, ...]]
    incomplete: Bools
    """Whether an answer of it is missing; shape (asked,)."""
    unit: Ints
    """Code of the unit that each of `asked` is an answer to; shape (asked,)."""
    names: Sequence[str]
    cluster: Ints
    """Code of each unit's cluster; shape (units,)."""
    clusters: Sequence[str]
    weights: Mapping[Row, Floats]
    """How much each unit counts in each row of a breakdown; each of shape (units,)."""

    @property
    def head(self) -> Score:
        """Any one score: it says which model, task, dataset and protocol these are of."""
        return self.asked[0][0]


def units(scores: Sequence[Score], over: str) -> Units:
    """The units of a result: `answers`, `pairs`, or `halves` of pairs.

    An answer weighs 1 in each of its groups. A pair weighs as many of its questions as are in the
    group (upstream's weighting, mediconfusion.md 2.3); `category/any` counts it once if one is,
    `category/both` once if both are. `halves` are single answers that those two rows count with
    their pair. Scores without a pair are in neither pairs nor halves.

    Raises:
        InputError: More than two questions claim to be one pair, or a pair has two clusters.
        ValueError: The scores are of several results.
    """
    # Every metric of a result asks for them: to arrange them once saves a tenth of scoring.
    return _kept(_Same(scores), over) if isinstance(scores, tuple) else _units(scores, over)


class _Same:
    """Scores that are equal only to themselves: to compare thousands would cost more."""

    def __init__(self, scores: Sequence[Score]) -> None:
        self.scores = scores

    def __hash__(self) -> int:
        return id(self.scores)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.scores is other.scores


@lru_cache(maxsize=8)
def _kept(scores: _Same, over: str) -> Units:
    return _units(scores.scores, over)


def _units(scores: Sequence[Score], over: str) -> Units:
    results = {(s.model, s.task, s.dataset, s.protocol) for s in scores}
    if len(results) > 1:
        raise ValueError(f"one model, task, dataset and protocol expected, not {sorted(results)}")
    if over == "answers":
        return arranged([(score,) for score in scores], [score.sample for score in scores])
    halves = pairs_of(scores)
    if over == "pairs":
        whole = [both for both in halves.values() if len(both) == 2]
        return arranged(whole, [both[0].pair for both in whole])
    single = [(score, both) for both in halves.values() for score in both]
    return arranged(
        [(score,) for score, _ in single],
        [s.sample for s, _ in single],
        [both for _, both in single],
    )


def pairs_of(scores: Sequence[Score]) -> Mapping[tuple[str, int], tuple[Score, ...]]:
    """Scores of the same pair and the same repeat, joined by name and never by position."""
    members: dict[tuple[str, int], tuple[Score, ...]] = {}
    for score in scores:
        if score.pair:
            key = (score.pair, score.repeat)
            members[key] = (*members.get(key, ()), score)
    for (pair, repeat), found in members.items():
        if len(found) > 2:
            raise InputError(
                f"pair {pair}, repeat {repeat}: {len(found)} scores where a pair has two; "
                "check the dataset's pair names and whether a sample was scored twice"
            )
        if found[0].cluster != found[-1].cluster:
            raise InputError(
                f"pair {pair}: its questions are in two clusters; "
                "give both the same cluster in the dataset"
            )
    return members


def arranged(
    asked: Sequence[tuple[Score, ...]],
    names: Sequence[str],
    grouped: Sequence[tuple[Score, ...]] | None = None,
) -> Units:
    """Units of what was asked, those of one name being repeats of one another.

    They come in the order of their names, so that no sum depends on the order of the scores.
    `grouped` are the scores whose groups count where those are not the asked ones alone.
    """
    order = sorted(range(len(asked)), key=lambda place: (names[place], asked[place][0].repeat))
    grouped = [(asked if grouped is None else grouped)[place] for place in order]
    asked, names = [asked[place] for place in order], [names[place] for place in order]
    codes = {name: code for code, name in enumerate(dict.fromkeys(names))}
    unit = np.array([codes[name] for name in names], dtype=np.intp)
    _, first = np.unique(unit, return_index=True)
    kept = [asked[place] for place in first]
    clusters = sorted({members[0].cluster for members in kept})
    places = {name: place for place, name in enumerate(clusters)}
    return Units(
        asked=asked,
        incomplete=np.array(
            [any(score.outcome in MISSING for score in own) for own in asked], dtype=np.bool_
        ),
        unit=unit,
        names=[*codes],
        cluster=np.array([places[members[0].cluster] for members in kept], dtype=np.intp),
        clusters=clusters,
        weights=_weights(kept, [grouped[place] for place in first]),
    )


def _weights(
    asked: Sequence[tuple[Score, ...]], pairs: Sequence[tuple[Score, ...]]
) -> Mapping[Row, Floats]:
    groupings = sorted({name for members in asked for score in members for name in score.groups})
    weights = {WHOLE: np.ones(len(asked))}
    for grouping in groupings:
        weights |= _counted(grouping, asked, grouping)
    is_released = bool(asked) and asked[0][0].protocol == "official"  # which counts in one way
    if CATEGORY in groupings and not is_released and any(len(own) > 1 for own in pairs):
        counts = _counted(CATEGORY, pairs, CATEGORY)
        for suffix, least in (("any", 1), ("both", 2)):
            for (_, group), count in counts.items():
                weights[f"{CATEGORY}/{suffix}", group] = (count >= least).astype(np.float64)
    return weights


def _counted(grouping: str, asked: Sequence[tuple[Score, ...]], name: str) -> dict[Row, Floats]:
    own = [
        (members[0].groups.get(grouping, ()),)
        if len(members) == 1
        else tuple(score.groups.get(grouping, ()) for score in members)
        for members in asked
    ]
    # Few combinations of groups occur, so each is looked into once.
    kinds = {kind: code for code, kind in enumerate(dict.fromkeys(own))}
    codes = np.array([kinds[kind] for kind in own], dtype=np.intp)
    groups = sorted({group for kind in kinds for some in kind for group in some})
    return {
        (name, group): np.array(
            [float(sum(group in some for some in kind)) for kind in kinds], dtype=np.float64
        )[codes]
        for group in groups
    }

"""A few answers worth a look, chosen while the answers stream by."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from medtrust.records import Score

EXAMPLES = 12
"""Scored answers a report shows."""

DIFFERING = EXAMPLES // 3
"""Those among them whose two readings differ."""

Pair = tuple[Score, Score]
"""The official and the corrected reading of one answer."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Answers that the examples are among, in order; no more than could be shown."""

    differing: tuple[Pair, ...] = ()
    """The first of each way in which the two readings of a task differ."""
    kinds: tuple[Pair, ...] = ()
    """The first of each kind of answer that a model gave."""


def candidates(scores: Iterable[Score]) -> Candidates:
    """The candidates among scores of one or more results, whose answers come in order."""
    # A control's answers would be those of its task over again.
    pairs = [*_pairs(score for score in scores if not score.task.startswith("control/"))]
    differing = (pair for pair in pairs if _differs(pair))
    return Candidates(_firsts(differing, _difference, DIFFERING), _firsts(pairs, _kind, EXAMPLES))


def joined(parts: Sequence[Candidates]) -> Candidates:
    """The candidates of everything that the parts are candidates of.

    What no part had room for has no room here: of a part's first few, those that are new
    are at least as many as are still wanted.
    """
    return Candidates(
        _firsts((pair for part in parts for pair in part.differing), _difference, DIFFERING),
        _firsts((pair for part in parts for pair in part.kinds), _kind, EXAMPLES),
    )


def shown(chosen: Candidates) -> tuple[Score, ...]:
    """The examples, both readings of each, so that a report can set them side by side."""
    pairs = {_name(pair[1]): pair for pair in (*chosen.differing, *chosen.kinds)}
    return tuple(score for pair in islice(pairs.values(), EXAMPLES) for score in pair)


def examples(scores: Iterable[Score]) -> tuple[Score, ...]:
    """A few answers worth a look: readings that differ, then what each model did.

    Controls are left out, and one answer of a kind is enough.
    """
    return shown(candidates(scores))


def _pairs(scores: Iterable[Score]) -> Iterator[Pair]:
    """Both readings of each answer; an answer in quarantine has one and is left out."""
    official: dict[tuple[str, str, str, int], Score] = {}
    for score in scores:
        name = _name(score)
        if score.protocol == "official":
            official[name] = score
        else:
            yield official.pop(name), score


def _firsts(pairs: Iterable[Pair], kind: Callable[[Pair], Hashable], most: int) -> tuple[Pair, ...]:
    """The first pair of each kind, of no more than so many kinds."""
    found: dict[Hashable, Pair] = {}
    for pair in pairs:
        found.setdefault(kind(pair), pair)
        if len(found) == most:
            break
    return tuple(found.values())


def _differs(pair: Pair) -> bool:
    official, corrected = pair
    read = (official.outcome, official.choice)
    return corrected.value is not None and read != (corrected.outcome, corrected.choice)


def _difference(pair: Pair) -> Hashable:
    official, corrected = pair
    return (corrected.task, official.outcome, official.choice, corrected.outcome)


def _kind(pair: Pair) -> Hashable:
    return (pair[1].outcome, pair[1].value, pair[1].model)


def _name(score: Score) -> tuple[str, str, str, int]:
    return (score.model, score.task, score.sample, score.repeat)

"""Chance that comes out the same everywhere.

Who the patients are and what they have is part of the dataset's digest, so it must
not depend on numpy's version. Of Python's generator only `random()` is used: its
sequence for a given seed is guaranteed, that of `choice` or `shuffle` is not.
"""

import random
from collections.abc import Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


def dice(*key: str) -> random.Random:
    """A generator of its own for every key."""
    return random.Random("/".join(key))


def pick(rng: random.Random, weights: Mapping[str, float]) -> str:
    """One of the names, with probability in proportion to its weight."""
    left = rng.random() * sum(weights.values())
    *names, last = weights
    for name in names:
        left -= weights[name]
        if left < 0:
            return name
    return last


def between(rng: random.Random, low: int, high: int) -> int:
    """A whole number from `low` to `high`, both included."""
    return low + int(rng.random() * (high - low + 1))


def shuffled(rng: random.Random, items: Sequence[T]) -> tuple[T, ...]:
    """The items in a random order."""
    return tuple(item for _, item in sorted(((rng.random(), item) for item in items), key=_first))


def _first(entry: tuple[float, object]) -> float:
    return entry[0]

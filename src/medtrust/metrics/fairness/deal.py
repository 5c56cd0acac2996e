"""Dealing blocks of answers to labels at random, in one of two ways to the same distribution."""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from medtrust.metrics.bootstrap import CHUNK, KEPT, Floats, Ints
from medtrust.metrics.p_value import DRAWS
from medtrust.metrics.products import bits_of, packed, unpacked

NS_PER_BLOCK = 15.0
NS_PER_CELL = 150.0
"""Measured nanoseconds, to choose between the ways: to move one block, and to draw how many
blocks of one kind one label gets."""


def deal(sums: Floats, sizes: Ints, seed: int) -> Floats:
    """Deal blocks to labels, each label getting as many blocks as it has.

    Args:
        sums: What each block brings of each amount; shape (amounts, blocks).
        sizes: Blocks of each label, at least one; shape (labels,).
        seed: Of the draws. Groupings of as many blocks see the same shuffles.

    Returns:
        What each label gets; shape (amounts, DRAWS, labels).
    """
    kinds, counts = np.unique(sums, axis=1, return_counts=True)
    if len(counts) * len(sizes) * NS_PER_CELL < sums.shape[1] * NS_PER_BLOCK:
        return _by_kind(kinds, counts, sizes, np.random.default_rng(seed))
    return _one_by_one(sums, sizes, seed)


def _one_by_one(sums: Floats, sizes: Ints, seed: int) -> Floats:
    """Shuffle the blocks; the first go to the first label, the next to the second."""
    starts = np.append(0, np.cumsum(sizes)[:-1])
    table, places = packed(sums.T, bits_of(sums.T, sums.shape[1]))
    dealt = np.empty((len(table), DRAWS, len(sizes)))
    start = 0
    for order in _orders(sums.shape[1], seed):
        for one, out in zip(table, dealt, strict=True):
            out[start : start + len(order)] = np.add.reduceat(one[order], starts, axis=1)
        start += len(order)
    return np.stack([unpacked(dealt[place.row], place) for place in places])


def _orders(blocks: int, seed: int) -> Iterator[NDArray[np.int32]]:
    """Shuffled blocks, some draws at a time; shape (some draws, blocks)."""
    if blocks * DRAWS > KEPT // 4:  # an order is of four bytes a block
        yield from _shuffle(blocks, seed)
        return
    kept = _kept(blocks, seed)
    rows = _rows(blocks)
    for start in range(0, DRAWS, rows):
        yield kept[start : start + rows]


@lru_cache(maxsize=1)
def _kept(blocks: int, seed: int) -> NDArray[np.int32]:
    return np.concatenate(list(_shuffle(blocks, seed)))


def _shuffle(blocks: int, seed: int) -> Iterator[NDArray[np.int32]]:
    generator = np.random.default_rng(seed)
    rows = _rows(blocks)
    for start in range(0, DRAWS, rows):
        pack = np.tile(np.arange(blocks, dtype=np.int32), (min(rows, DRAWS - start), 1))
        yield generator.permuted(pack, axis=1)


def _rows(blocks: int) -> int:
    return max(1, CHUNK // blocks)


def _by_kind(kinds: Floats, counts: Ints, sizes: Ints, generator: np.random.Generator) -> Floats:
    """Draw how many blocks of each kind each label gets: a table with fixed margins.

    Blocks with equal sums are interchangeable. Kind after kind, label after label, the
    number is hypergeometric given what is already dealt.
    """
    dealt = np.zeros((len(kinds), DRAWS, len(sizes)))
    room = np.tile(sizes, (DRAWS, 1))
    for kind, count in zip(kinds.T, counts, strict=True):
        left = np.full(DRAWS, count)
        elsewhere = room.sum(axis=1)
        for place in range(len(sizes)):
            here = room[:, place]
            elsewhere -= here
            got = generator.hypergeometric(here, elsewhere, left)
            left -= got
            room[:, place] -= got
            dealt[:, :, place] += np.outer(kind, got)
    return dealt

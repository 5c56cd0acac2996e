"""Dealing blocks of answers to labels at random, in one of two ways to the same distribution."""

import numpy as np

from medtrust.metrics.bootstrap import CHUNK, Floats, Ints
from medtrust.metrics.p_value import DRAWS

NS_PER_BLOCK = 15.0
NS_PER_CELL = 150.0
"""Measured nanoseconds, to choose between the ways: to move one block, and to draw how many
blocks of one kind one label gets."""


def deal(sums: Floats, sizes: Ints, generator: np.random.Generator) -> Floats:
    """Deal blocks to labels, each label getting as many blocks as it has.

    Args:
        sums: What each block brings of each amount; shape (amounts, blocks).
        sizes: Blocks of each label, at least one; shape (labels,).
        generator: Source of the draws.

    Returns:
        What each label gets; shape (amounts, DRAWS, labels).
    """
    kinds, counts = np.unique(sums, axis=1, return_counts=True)
    if len(counts) * len(sizes) * NS_PER_CELL < sums.shape[1] * NS_PER_BLOCK:
        return _by_kind(kinds, counts, sizes, generator)
    return _one_by_one(sums, sizes, generator)


def _one_by_one(sums: Floats, sizes: Ints, generator: np.random.Generator) -> Floats:
    """Shuffle the blocks; the first go to the first label, the next to the second."""
    blocks = sums.shape[1]
    starts = np.append(0, np.cumsum(sizes)[:-1])
    dealt = np.empty((len(sums), DRAWS, len(sizes)))
    rows = max(1, CHUNK // blocks)
    for start in range(0, DRAWS, rows):
        size = min(rows, DRAWS - start)
        pack = np.tile(np.arange(blocks, dtype=np.int32), (size, 1))
        order = generator.permuted(pack, axis=1)
        for one, out in zip(sums, dealt, strict=True):
            out[start : start + size] = np.add.reduceat(one[order], starts, axis=1)
    return dealt


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

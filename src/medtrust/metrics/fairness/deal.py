"""What the groups of a grouping come to by chance alone: labels dealt out again at random.

If a model serves all groups alike, who bears which label does not matter. What changes hands is
the label of a block: all answers of one cluster with the same label, so that what moves together
stays together. Source: Good, Permutation, Parametric and Bootstrap Tests of Hypotheses (3rd ed.,
2005), chapter 3; exchangeable blocks: Winkler et al. 2014, NeuroImage 92, 381-397.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from medtrust.metrics.arrays import Bools, Floats, Ints, by_code
from medtrust.metrics.fairness.groups import Grouping

DRAWS = 5_000
"""Deals of every test: a p-value near .05 is then known to about .006."""

AT_ONCE = 1 << 16
"""Labels that are dealt at once: as many as a processor's cache holds."""

KEPT = 1 << 23
"""Labels whose deals are kept for the next gaps: 32 MB each."""


class Rate(NamedTuple):
    """What each unit brings to a share; each of shape (units,)."""

    top: Floats
    bottom: Floats
    lost: Floats
    """Share of its answers that are missing, of the units that the rate is about."""


def dealt(
    rates: Sequence[Rate], grouping: Grouping, kept: Bools, cluster: Ints, seed: int
) -> list[Floats]:
    """Each rate in each kept group, over deals of the labels among the kept groups.

    All rates see the same deals, so they must be about the same units.

    Returns:
        For each rate, shape (DRAWS, kept groups); NaN where a group got nothing to count.
    """
    used = (grouping.members @ kept > 0)[grouping.label] & (grouping.label >= 0)
    used &= np.any([rate.bottom > 0 for rate in rates], axis=0)
    labels, label = np.unique(grouping.label[used], return_inverse=True)
    sums, sizes = _blocks(cluster[used], label, [of[used] for rate in rates for of in rate[:2]])
    starts = np.append(0, np.cumsum(sizes)[:-1])
    of_kept = grouping.members[labels][:, kept]
    parts = [
        np.stack([np.add.reduceat(one[order], starts, axis=1) for one in sums])
        for order in _orders(int(sizes.sum()), seed)
    ]
    by_group = np.concatenate(parts, axis=1) @ of_kept
    with np.errstate(invalid="ignore", divide="ignore"):
        return [*(by_group[::2] / by_group[1::2])]


def _orders(blocks: int, seed: int) -> Iterable[NDArray[np.int32]]:
    """Shuffled blocks, some deals at a time; shape (some deals, blocks)."""
    # Gaps of one set have as many blocks, and so share their deals: half of the time.
    return _kept(blocks, seed) if blocks * DRAWS <= KEPT else _shuffled(blocks, seed)


@lru_cache(maxsize=4)
def _kept(blocks: int, seed: int) -> list[NDArray[np.int32]]:
    return [*_shuffled(blocks, seed)]


def _shuffled(blocks: int, seed: int) -> Iterator[NDArray[np.int32]]:
    generator = np.random.default_rng(seed)
    rows = max(1, AT_ONCE // blocks)
    for start in range(0, DRAWS, rows):
        pack = np.tile(np.arange(blocks, dtype=np.int32), (min(rows, DRAWS - start), 1))
        yield generator.permuted(pack, axis=1)


def _blocks(cluster: Ints, label: Ints, amounts: Sequence[Floats]) -> tuple[list[Floats], Ints]:
    """Sums over each cluster's units with one label, ordered by label; blocks of each label."""
    clusters = int(cluster.max()) + 1
    blocks, block = np.unique(label * clusters + cluster, return_inverse=True)
    sums = [by_code(block, one, len(blocks)) for one in amounts]
    return sums, np.bincount(blocks // clusters)

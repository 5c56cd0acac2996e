"""What the groups of a grouping come to by chance alone: labels dealt out again at random.

If a model serves all groups alike, who bears which label does not matter. What changes hands is
the label of a block: all answers of one cluster with the same label, so that what moves together
stays together. Source: Good, Permutation, Parametric and Bootstrap Tests of Hypotheses (3rd ed.,
2005), chapter 3; exchangeable blocks: Winkler et al. 2014, NeuroImage 92, 381-397.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medtrust.metrics.arrays import Bools, Floats, Ints, by_code
from medtrust.metrics.fairness.groups import Grouping
from medtrust.metrics.metric import Settings

DRAWS = 10_000
"""Deals of every test, unless more replicates are asked for: p near .05 is known to about .004."""

AT_ONCE = 1 << 16
"""Labels that are dealt at once: as many as a processor's cache holds."""

KEPT = 1 << 24
"""Labels whose deals are kept for the next gaps: 32 MB each."""


def draws(settings: Settings) -> int:
    """How many deals there are."""
    return max(DRAWS, settings.replicates)


def dealt(
    values: Sequence[Floats], used: Bools, grouping: Grouping, kept: Bools, cluster: Ints,
    settings: Settings,
) -> list[Floats]:  # fmt: skip
    """The mean of each figure in each kept group, over deals of the labels.

    Args:
        values: Figures of the same units, which see the same deals; each of shape (units,).
        used: The units to deal, each in a kept group; shape (units,).
        grouping: Whose labels are dealt.
        kept: The groups that are compared, none of them empty; shape (groups,).
        cluster: Code of each unit's cluster; shape (units,).
        settings: The seed, and how many deals.

    Returns:
        For each figure, shape (deals, kept groups).
    """
    labels, label = np.unique(grouping.label[used], return_inverse=True)
    clusters = int(cluster.max()) + 1
    blocks, block = np.unique(label * clusters + cluster[used], return_inverse=True)
    amounts = (np.ones(len(label)), *(each[used] for each in values))
    # One look-up for all amounts of a block: most of the time goes there.
    sums = np.column_stack([by_code(block, one, len(blocks)) for one in amounts])
    sizes = np.bincount(blocks // clusters)
    starts = np.cumsum(sizes) - sizes
    parts = [
        np.add.reduceat(sums.take(order, axis=0), starts, axis=1)
        for order in _orders(len(blocks), draws(settings), settings.seed)
    ]
    n, *tops = np.moveaxis(np.concatenate(parts), -1, 0) @ grouping.members[labels][:, kept]
    return [top / n for top in tops]


def _orders(blocks: int, many: int, seed: int) -> Iterable[NDArray[Any]]:
    """Shuffled blocks, some deals at a time; shape (some deals, blocks)."""
    # Gaps of one set have as many blocks, and so share their deals: half of the time.
    return (_kept if blocks * many <= KEPT else _shuffled)(blocks, many, seed)


@lru_cache(maxsize=4)
def _kept(blocks: int, many: int, seed: int) -> list[NDArray[Any]]:
    return [*_shuffled(blocks, many, seed)]


def _shuffled(blocks: int, many: int, seed: int) -> Iterator[NDArray[Any]]:
    generator = np.random.default_rng(seed)
    plain = np.arange(blocks, dtype=np.min_scalar_type(blocks))
    rows = max(1, AT_ONCE // blocks)
    for start in range(0, many, rows):
        yield generator.permuted(np.tile(plain, (min(rows, many - start), 1)), axis=1)

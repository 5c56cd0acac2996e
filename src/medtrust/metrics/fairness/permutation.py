"""How large a gap does chance alone make? Labels of groups, dealt out again at random.

If a model serves all groups alike, who bears which label does not matter. What changes
hands is the label of a block: all answers of one cluster with the same label. Where a
patient or an image has one label, as most have, blocks are the clusters themselves, so
that what moves together stays together; where a cluster holds several labels (a patient
seen at 49 and at 51), each part of it moves on its own. Source: Good, Permutation,
Parametric and Bootstrap Tests of Hypotheses (3rd ed., 2005), chapter 3; exchangeable
blocks: Winkler et al. 2014, NeuroImage 92, 381-397.
"""

from collections.abc import Sequence

import numpy as np

from medtrust.metrics.bootstrap import Bools, Floats, Ints
from medtrust.metrics.columns import Columns
from medtrust.metrics.fairness.deal import deal
from medtrust.metrics.fairness.groups import Grouping
from medtrust.metrics.fairness.rates import Rate
from medtrust.metrics.metric import Resampling


def permuted(
    questions: Columns,
    grouping: Grouping,
    rates: Sequence[Rate],
    kept: Bools,
    resampling: Resampling,
) -> list[Floats]:
    """Each rate in each kept group, over permutations of the labels among kept groups.

    Returns:
        For each rate, shape (draws, kept groups); all rates see the same draws.
    """
    used = grouping.of_any(kept) & np.any([rate.bottom > 0 for rate in rates], axis=0)
    amounts = [of[used] for rate in rates for of in (rate.top, rate.bottom)]
    labels, label = np.unique(grouping.label[used], return_inverse=True)
    sums, label = _blocks(questions.cluster[used], label, amounts)
    by_label = deal(sums, np.bincount(label), resampling.seed) @ grouping.members[labels][:, kept]
    with np.errstate(invalid="ignore", divide="ignore"):
        return list(by_label[::2] / by_label[1::2])


def _blocks(cluster: Ints, label: Ints, amounts: Sequence[Floats]) -> tuple[Floats, Ints]:
    """Sums over the answers of each cluster and label, ordered by label.

    Returns:
        Sums, shape (amounts, blocks), and each block's label, shape (blocks,).
    """
    clusters = int(cluster.max()) + 1
    blocks, block = np.unique(label * clusters + cluster, return_inverse=True)
    sums = np.array([np.bincount(block, weights=one) for one in amounts])
    return sums, blocks // clusters

"""How much each pair and question counts in each row of a result's breakdown."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from medtrust.metrics.bootstrap import Floats
from medtrust.metrics.columns import Columns
from medtrust.metrics.pairing import Pairing


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Weighting:
    """One row of a breakdown: the weight of each pair and of each question."""

    group_by: str = "all"
    group: str = "all"
    pairs: Floats
    questions: Floats


def overall(questions: Columns, pairing: Pairing) -> Weighting:
    """Every pair and every question once."""
    return Weighting(pairs=np.ones(len(pairing.first)), questions=np.ones(len(questions.scores)))


CATEGORY = "category"
"""The grouping that benchmarks of pairs publish, and the one counted in three ways."""


def by_question(questions: Columns, pairing: Pairing, only: str = "") -> Iterator[Weighting]:
    """Each group's questions; a pair counts once for each of its questions in the group.

    That is upstream's weighting (mediconfusion.md 2.3): a pair with one image in the
    category weighs 1, with both 2. `only` keeps one grouping.
    """
    for grouping, groups in questions.memberships.items():
        if only and grouping != only:
            continue
        for name, member in groups.items():
            yield Weighting(
                group_by=grouping,
                group=name,
                pairs=pairing.count(member),
                questions=member.astype(np.float64),
            )


def by_pair(groups: Iterable[Weighting], pairing: Pairing) -> Iterator[Weighting]:
    """The categories among the groups with each pair counted once, and both its questions.

    `<grouping>/any` takes the pairs with at least one image in the group,
    `<grouping>/both` those with two. `groups` are those of `by_question`.
    """
    for weighting in groups:
        if weighting.group_by != CATEGORY:
            continue
        for suffix, least in (("any", 1), ("both", 2)):
            inside = (weighting.pairs >= least).astype(np.float64)
            yield Weighting(
                group_by=f"{weighting.group_by}/{suffix}",
                group=weighting.group,
                pairs=inside,
                questions=inside[pairing.of_question],
            )

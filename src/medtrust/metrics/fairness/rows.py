"""A gap as rows of a result: itself, its distribution under chance, and its p-value."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from msgspec.structs import replace

from medtrust.metrics.bootstrap import Bools, Interval, Ints
from medtrust.metrics.columns import Columns
from medtrust.metrics.fairness.breakdown import Breakdown
from medtrust.metrics.fairness.gaps import gap, largest_spread
from medtrust.metrics.fairness.groups import Grouping
from medtrust.metrics.fairness.permutation import permuted
from medtrust.metrics.fairness.rates import Disparity
from medtrust.metrics.metric import Resampling
from medtrust.metrics.p_value import p_value
from medtrust.metrics.ratio import report
from medtrust.records import Estimate


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparison:
    """A disparity between the groups of one grouping."""

    questions: Columns
    grouping: Grouping
    disparity: Disparity
    breakdowns: Sequence[Breakdown]
    """Each of the disparity's rates by group."""

    @property
    def n(self) -> Ints:
        """Answers counted in each group; shape (groups,)."""
        n: Ints = np.sum([one.n for one in self.breakdowns], axis=0)
        return n


def gap_rows(
    compared: Comparison, kept: Bools, resampling: Resampling, *, group_by: str
) -> Iterator[Estimate]:
    """The rows `<metric>`, `<metric>_null` and `<metric>_p` of the gap between kept groups.

    `<metric>` has the mean of its permutations for chance. `<metric>_null` is that mean
    with the middle 95 % of the permutations, and `n` and `clusters` of the gap. The `n` of
    `<metric>_p` is the number of draws and the data, which it is a share of. Where no two
    groups can be compared there is one row, and its value is None.
    """
    disparity, questions = compared.disparity, compared.questions
    asked = disparity.asked & compared.grouping.of_any(kept)
    came = asked & np.isfinite(questions.value)
    row = partial(
        report,
        questions.head,
        metric=disparity.metric,
        found=gap(compared.breakdowns, kept),
        n=int(came.sum()),
        missing=int((asked & ~came).sum()),
        clusters=len(np.unique(questions.cluster[came])),
        group_by=group_by,
    )
    plain = row()
    if plain.value is None:
        yield plain
        return
    rates = permuted(questions, compared.grouping, disparity.rates, kept, resampling)
    null = largest_spread(rates)
    null = null[np.isfinite(null)]
    chance = float(null.mean())
    low, high = np.quantile(null, [0.025, 0.975])
    yield replace(plain, baseline=chance, chance=chance)
    yield row(metric=f"{disparity.metric}_null", found=Interval(chance, float(low), float(high)))
    yield row(metric=f"{disparity.metric}_p", found=p_value(plain.value, null), n=len(null) + 1)

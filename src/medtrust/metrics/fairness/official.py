"""The one fairness figure of the leaderboard whose formula is known: AED by sex."""

from collections.abc import Iterator

import numpy as np

from medtrust.metrics.columns import Columns
from medtrust.metrics.fairness.breakdown import break_down
from medtrust.metrics.fairness.groups import groupings
from medtrust.metrics.fairness.rates import accuracy_gap
from medtrust.metrics.fairness.rows import Comparison, gap_rows
from medtrust.metrics.metric import Resampling
from medtrust.records import Estimate

SEXES = ("female", "male")


def fairness_official(questions: Columns, resampling: Resampling) -> Iterator[Estimate]:
    """`aed_sex`: the size of the difference in accuracy between men and women.

    Derived from the published figures, which are its mean over four datasets (cares.md
    1.3). How the other published gaps were computed is not known, so there are no others.
    No group is too small for it. It is one figure of the result, so its rows are ungrouped.
    """
    disparity = accuracy_gap(questions, "aed_sex")
    for grouping in groupings(questions.scores):
        if grouping.name == "sex":
            compared = Comparison(
                questions=questions,
                grouping=grouping,
                disparity=disparity,
                breakdowns=break_down(
                    questions, [(grouping, rate) for rate in disparity.rates], resampling
                ),
            )
            kept = np.isin(grouping.groups, SEXES) & (compared.n > 0)
            yield from gap_rows(compared, kept, resampling, group_by="all")

"""Fairness as it should be told: every gap with its interval and what chance makes of it.

No code for fairness was released (cares.md 1.3), so all of this is the project's own.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from msgspec import structs

from medtrust.metrics.bootstrap import Bools, Interval
from medtrust.metrics.columns import Columns
from medtrust.metrics.fairness.breakdown import Breakdown, break_down
from medtrust.metrics.fairness.gaps import worst
from medtrust.metrics.fairness.groups import groupings
from medtrust.metrics.fairness.rates import accuracy_gap, yes_no_gaps
from medtrust.metrics.fairness.rows import Comparison, gap_rows
from medtrust.metrics.metric import Resampling
from medtrust.metrics.ratio import report
from medtrust.records import Estimate

MIN_GROUP = 30
"""Answers below which a group is flagged and compared with no other (cares.md 1.3)."""

GROUP_METRIC = "factuality"
"""What the metric `accuracy` calls the mean value of a group's answers, closed and open."""


def fairness_corrected(questions: Columns, resampling: Resampling) -> list[Estimate]:
    """Gaps, worst groups and what was left out, for each grouping the scores have.

    - `factuality` by group, for intersections only: plain groups have it from `accuracy`.
    - `accuracy_gap`: largest difference between groups of at least `MIN_GROUP` answers.
    - `accuracy_gap_all_groups`: the same with small groups; only where there are any.
    - `worst_group_accuracy`: filed under the name of the group that has it.
    - `demographic_parity_difference`, `equalized_odds_difference`: for yes/no questions.
    - `small_groups`, `unknown_group`: groups left out, and answers that came about patients
      of whom the grouping says nothing.
    """
    disparities = [accuracy_gap(questions, "accuracy_gap"), *yes_no_gaps(questions)]
    pairs = [
        (grouping, disparity)
        for grouping in groupings(questions.scores)
        for disparity in disparities
    ]
    if not pairs:
        return []
    rates = [(grouping, rate) for grouping, disparity in pairs for rate in disparity.rates]
    breakdowns = iter(break_down(questions, rates, resampling))
    estimates: list[Estimate] = []
    for grouping, disparity in pairs:
        compared = Comparison(
            questions=questions,
            grouping=grouping,
            disparity=disparity,
            breakdowns=[next(breakdowns) for _ in disparity.rates],
        )
        # Of equalised odds either rate needs enough answers: one answer is a rate of 0 or 1.
        few = np.any([(one.n > 0) & (one.n < MIN_GROUP) for one in compared.breakdowns], axis=0)
        kept = (compared.n >= MIN_GROUP) & ~few
        estimates += gap_rows(compared, kept, resampling, group_by=grouping.name)
        if disparity is disparities[0]:
            estimates += _accuracy_rows(compared, kept, resampling)
    return estimates


def _accuracy_rows(compared: Comparison, kept: Bools, resampling: Resampling) -> Iterator[Estimate]:
    """What there is to say of a grouping's accuracy beside the gap of its larger groups."""
    questions, grouping = compared.questions, compared.grouping
    (rate,) = compared.breakdowns
    if grouping.crossed:
        yield from (
            _group_row(compared, rate, place, GROUP_METRIC) for place in range(len(grouping.groups))
        )
    if not kept.all():
        disparity = replace(compared.disparity, metric="accuracy_gap_all_groups")
        everyone = replace(compared, disparity=disparity)
        yield from gap_rows(everyone, compared.n > 0, resampling, group_by=grouping.name)
    place, found = worst(rate, kept)
    if place is not None:
        yield structs.replace(
            _group_row(compared, rate, place, "worst_group_accuracy"),
            low=found.low,
            high=found.high,
        )
    came = np.isfinite(questions.value)
    unknown = int((came & (grouping.label < 0)).sum())
    # Counts are what they are, and have no interval.
    for metric, count in (("small_groups", int((~kept).sum())), ("unknown_group", unknown)):
        yield report(
            questions.head,
            metric=metric,
            found=Interval(float(count), None, None),
            n=int(came.sum()),
            missing=int((~came).sum()),
            clusters=len(np.unique(questions.cluster[came])),
            group_by=grouping.name,
        )


def _group_row(compared: Comparison, rate: Breakdown, place: int, metric: str) -> Estimate:
    questions, grouping = compared.questions, compared.grouping
    member = grouping.of_any(np.arange(len(grouping.groups)) == place)
    return report(
        questions.head,
        metric=metric,
        found=rate.intervals[place],
        n=int(rate.n[place]),
        missing=int((member & ~np.isfinite(questions.value)).sum()),
        clusters=int(rate.clusters[place]),
        group_by=grouping.name,
        group=grouping.groups[place],
    )

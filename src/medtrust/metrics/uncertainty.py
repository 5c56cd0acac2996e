"""The metric `uncertainty`: does a model know when it is right?

With right and sure answers TP, wrong and sure FP, wrong and unsure TN, right and unsure FN, and
N all four: uncertainty accuracy (TP + TN) / N, over-confidence FP / N, under-confidence FN / N
(cares.md 1.2), which add up to 1. An answer whose confidence cannot be read is in none of
them and has a share of its own; in the official protocol that share is what the released
script counts nowhere (cares.md U4).
"""

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from medtrust.metrics.baselines import higher
from medtrust.metrics.bootstrap import Bools, Floats
from medtrust.metrics.columns import Columns, columns, tally
from medtrust.metrics.detected import detected, groups
from medtrust.metrics.metric import Resampling
from medtrust.metrics.ratio import Ratio, estimate
from medtrust.metrics.wilson import with_wilson
from medtrust.records import Estimate, Score


def uncertainty(scores: Sequence[Score], resampling: Resampling) -> list[Estimate]:
    """Uncertainty accuracy, over- and under-confidence, and how often a model is sure.

    Baselines of the accuracy: a confidence that is a coin toss (one half), and the better of
    always sure (the share of right answers) and never sure (the share of wrong ones). All come
    overall and by group. With no confidence read at all the values are None.
    """
    questions = columns(scores)
    rows = estimate(
        _all_ratios(questions),
        clusters=questions.clusters,
        head=questions.head,
        resampling=resampling,
    )
    confident = detected(
        questions, "confident", metric="confident", detector="confidence", resampling=resampling
    )
    return with_wilson(rows, {"uncertainty_accuracy"}) + confident


def _all_ratios(questions: Columns) -> Iterator[Ratio]:
    confident = questions.detail("confident")
    for group_by, group, member in groups(questions):
        yield from _ratios(questions, confident, group_by, group, member)


def _ratios(
    questions: Columns, confident: Floats, group_by: str, group: str, member: Bools
) -> Iterator[Ratio]:
    came = member & np.isfinite(questions.value)
    read = came & np.isfinite(confident)
    sure = np.where(read, confident, 0.0)
    right = np.where(read, questions.value, 0.0)
    n = read.astype(np.float64)
    ratio = partial(
        Ratio,
        cluster=questions.cluster,
        missing=tally(member.astype(np.float64), questions.missing),
        group_by=group_by,
        group=group,
    )
    yield ratio(
        metric="uncertainty_accuracy",
        top=sure * right + (n - sure) * (n - right),
        bottom=n,
        baselines=higher(0.5, _better_constant(right, n)),
    )
    yield ratio(metric="overconfident", top=sure * (n - right), bottom=n)
    yield ratio(metric="underconfident", top=(n - sure) * right, bottom=n)
    unread = (came & ~read).astype(np.float64)
    yield ratio(metric="confidence_unreadable", top=unread, bottom=came.astype(np.float64))


def _better_constant(right: Floats, n: Floats) -> float | None:
    """What always being sure, or never, would come to."""
    total = float(n.sum())
    if not total:
        return None
    always = float(right.sum()) / total
    return max(always, 1 - always)

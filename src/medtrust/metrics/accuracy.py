"""The metric `accuracy`: closed questions that stand alone."""

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from medtrust.metrics.baselines import higher, largest_share, mean
from medtrust.metrics.bootstrap import Floats
from medtrust.metrics.columns import Columns, columns, memberships, tally
from medtrust.metrics.metric import Resampling
from medtrust.metrics.ratio import Ratio, estimate
from medtrust.metrics.wilson import with_wilson
from medtrust.records import Estimate, Score


def accuracy(scores: Sequence[Score], resampling: Resampling) -> list[Estimate]:
    """Shares of right answers, abstentions and unreadable replies, overall and by group.

    Only scores without a pair count. The denominator is all answers that came, so an
    abstention counts as not right; an answer that never came is missing.
    """
    single = [score for score in scores if not score.pair]
    if not single:
        return []
    questions = columns(single)
    estimates = estimate(
        _all_ratios(questions),
        clusters=questions.clusters,
        head=questions.head,
        resampling=resampling,
    )
    return with_wilson(estimates, {"accuracy"})


def _all_ratios(questions: Columns) -> Iterator[Ratio]:
    yield from _ratios(questions, "all", "all", np.ones(len(questions.scores)))
    for grouping, groups in memberships(questions.scores).items():
        for name, member in groups.items():
            yield from _ratios(questions, grouping, name, member.astype(np.float64))


def _ratios(questions: Columns, group_by: str, group: str, weights: Floats) -> Iterator[Ratio]:
    came = np.isfinite(questions.value)
    answered = weights * came
    closed = np.where(np.isfinite(questions.options), questions.target, -1)
    ratio = partial(
        Ratio,
        bottom=answered,
        cluster=questions.cluster,
        missing=tally(weights, ~came),
        group_by=group_by,
        group=group,
    )
    yield ratio(
        metric="accuracy",
        top=answered * np.where(came, questions.value, 0.0),
        baselines=higher(
            mean(1 / questions.options, answered),
            largest_share(closed, answered) if (closed >= 0).any() else None,
        ),
    )
    for cause in ("abstention", "unparseable"):
        yield ratio(metric=cause, top=answered * questions.outcome[cause])

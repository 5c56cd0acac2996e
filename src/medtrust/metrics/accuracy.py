"""The metric `accuracy`: how good the answers are, closed and open ones together and apart."""

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from medtrust.metrics.baselines import NO_BASELINES, Baselines, higher, largest_share, mean
from medtrust.metrics.bootstrap import Floats
from medtrust.metrics.closed import Closed, closed
from medtrust.metrics.columns import Columns, columns, tally
from medtrust.metrics.labels import label_ratios
from medtrust.metrics.metric import Resampling
from medtrust.metrics.ratio import Ratio, estimate
from medtrust.metrics.wilson import with_wilson
from medtrust.records import Estimate, Score

HEADLINE = frozenset({"factuality", "accuracy"})


def accuracy(scores: Sequence[Score], resampling: Resampling) -> list[Estimate]:
    """Mean correctness and unreadable replies, overall and by group.

    - `factuality`: mean over all questions, `accuracy` over the closed ones (options, or yes
      and no), `open_score` over the open ones. A row stands where there are such questions.
    - `overlap`: mean of `details["overlap"]`, the words shared with the reference, where the
      scorer gives it; it needs no judge and so is there where `open_score` is missing.
    - `unparseable`: share of replies that say nothing that can be read.
    - Where a scorer labels references (`metrics/labels.py`), the four counts of yes and no.

    The denominator is all answers that came, so an abstention counts as not right; an answer
    that never came is missing. Chance and the best constant answer stand beside figures that
    are of closed questions alone.
    """
    if not scores:
        return []
    questions = columns(scores)
    estimates = estimate(
        _all_ratios(questions, closed(questions)),
        clusters=questions.clusters,
        head=questions.head,
        resampling=resampling,
    )
    return with_wilson(estimates, HEADLINE)


def _all_ratios(questions: Columns, known: Closed) -> Iterator[Ratio]:
    yield from _ratios(questions, known, "all", "all", np.ones(len(questions.scores)))
    for grouping, groups in questions.memberships.items():
        for name, member in groups.items():
            yield from _ratios(questions, known, grouping, name, member.astype(np.float64))


def _ratios(
    questions: Columns, known: Closed, group_by: str, group: str, weights: Floats
) -> Iterator[Ratio]:
    came = np.isfinite(questions.value)
    value = np.where(came, questions.value, 0.0)
    ratio = partial(Ratio, cluster=questions.cluster, group_by=group_by, group=group)
    for metric, of in (
        ("factuality", np.ones_like(known.closed)),
        ("accuracy", known.closed),
        ("open_score", ~known.closed),
    ):
        if not (weights * of).any():
            continue
        answered = weights * of * came
        yield ratio(
            metric=metric,
            top=answered * value,
            bottom=answered,
            missing=tally(weights * of, ~came),
            baselines=_baselines(known, weights * of, answered),
        )
    overlap = questions.detail("overlap")
    there = np.isfinite(overlap)
    open_ones = weights * ~known.closed
    if there.any() and open_ones.any():
        yield ratio(
            metric="overlap",
            top=open_ones * np.where(there, overlap, 0.0),
            bottom=open_ones * there,
            missing=tally(open_ones, ~there),
        )
    yield ratio(
        metric="unparseable",
        top=weights * came * questions.outcome["unparseable"],
        bottom=weights * came,
        missing=tally(weights, ~came),
    )
    yield from label_ratios(questions, ratio, weights)


def _baselines(known: Closed, asked: Floats, answered: Floats) -> Baselines:
    if (asked * ~known.closed).any():
        return NO_BASELINES
    return higher(mean(known.chance, answered), largest_share(known.answer, answered))

"""Rates of what is found in replies, by the labels that people gave to some of them.

A label is a detail of its score: `label_abstention` (1 declines, 0 answers) and `label_confidence`
(1 sure, 0 unsure, left out where the reply says neither), each with its `..._weight`, one over the
probability with which the reply was chosen to be labelled.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from medtrust.metrics.arrays import Floats
from medtrust.metrics.evidence import Measured
from medtrust.metrics.measure import estimate
from medtrust.metrics.metric import Compute, Metric, Notes, Settings
from medtrust.metrics.powered import Powered, powered, powered_interval, ratio
from medtrust.metrics.verdict import LIKE_THESE
from medtrust.records import Score

FEWEST = 10
"""Labelled replies of a result from which on they make a rate."""

CAME = {"abstention": "abstained", "confidence": "last_reply"}
"""What is labelled -> the detail that every answer has which came and could be labelled."""

LABEL, WEIGHT = "label_{}", "label_{}_weight"
"""Names of details."""


def labelled_metric(metric: Metric) -> Metric:
    """The metric's twin, counted by labels."""
    return replace(
        metric,
        name=f"{metric.name}_labelled",
        title=f"{metric.title}, by labels",
        sentence=f"{metric.title}, by the replies that people labelled, helped by what was read of "
        "all (prediction-powered). It holds however badly replies are read.",
        place="main",
        figure=None,
        change=None,
        worst_of_repeats=False,
        protocols=("corrected",),
    )


def labelled_rows(metric: Metric, what: str) -> Compute:
    """What counts a metric's labelled twin, where enough replies have a label."""

    def compute(scores: Sequence[Score], _: Settings) -> Iterator[Measured]:
        own = _came(what, scores)
        weight = np.array([score.details.get(WEIGHT.format(what), 0.0) for score in own])
        many = int((weight > 0).sum())
        if many < FEWEST:
            return
        found = powered_interval(
            _mean(metric, what, own, weight), weight, [score.cluster for score in own]
        )
        yield Measured(
            estimate=estimate(
                own[0],
                metric=f"{metric.name}_labelled",
                value=found.value,
                low=found.low,
                high=found.high,
                n=len(own),
                missing=len(scores) - len(own),
                clusters=len({score.cluster for score in own}),
                interval=f"prediction-powered, cluster-robust ({many} labelled); {LIKE_THESE}",
            )
        )

    return compute


def labelled_notes(metric: Metric, what: str) -> Notes:
    """What says that too few replies of a result have a label."""

    def notes(scores: Sequence[Score], _: Settings) -> Iterable[str]:
        many = sum(WEIGHT.format(what) in score.details for score in _came(what, scores))
        few = f"{metric.name}_labelled is withheld: fewer than {FEWEST} of its replies are labelled"
        return [few] if 0 < many < FEWEST else []

    return notes


def _came(what: str, scores: Sequence[Score]) -> list[Score]:
    """The answers that came, whatever is read of them."""
    return [s for s in scores if s.protocol == "corrected" and CAME[what] in s.details]


def _mean(metric: Metric, what: str, scores: Sequence[Score], weight: Floats) -> Powered:
    """The mean of what is labelled, over the replies that say anything of it."""
    assert metric.figure is not None  # noqa: S101 - twins are of metrics that are counted
    reads = [metric.figure(score) for score in scores]
    labels = [score.details.get(LABEL.format(what)) for score in scores]
    yes = powered(
        np.array([read or 0.0 for read in reads]), np.array([one or 0.0 for one in labels]), weight
    )
    some = [np.array([float(one is not None) for one in ones]) for ones in (reads, labels)]
    said = powered(some[0], some[1], weight)
    return ratio(yes, said) if said.value > 0 else yes

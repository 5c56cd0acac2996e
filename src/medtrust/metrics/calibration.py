"""The metric `calibration`: is a model's confidence worth anything?

Units are answers that are a choice and come with a confidence. Abstentions, unreadable
replies and ties have none by nature and are left out; a choice without log-probabilities
counts as missing, as does an answer that never came.
"""

from collections.abc import Callable, Sequence

import numpy as np

from medtrust.metrics.aurc import aurc, rank
from medtrust.metrics.baselines import NO_BASELINES, lower
from medtrust.metrics.bootstrap import Floats, Interval, Ints, interval, multiplicities
from medtrust.metrics.columns import columns
from medtrust.metrics.metric import Resampling
from medtrust.metrics.ratio import report
from medtrust.records import Estimate, Score

BINS = 15
"""Equal-width bins of the confidence, as in Guo et al. 2017 (arXiv 1706.04599)."""

METRICS = ("ece", "aurc", "mean_confidence")


def calibration(scores: Sequence[Score], resampling: Resampling) -> list[Estimate]:
    """Expected calibration error, area under the risk-coverage curve, mean confidence.

    The baseline of `aurc` is the share of wrong answers: what a confidence comes to that
    says nothing about correctness. A model that gives no confidence at all has no
    calibration to report, and gets no rows; nor does the official protocol, since the
    released code knows no confidence.
    """
    if all(score.confidence is None or score.protocol == "official" for score in scores):
        return []
    questions = columns(scores)
    confidence = np.array(
        [np.nan if score.confidence is None else score.confidence for score in scores],
        dtype=np.float64,
    )
    used = questions.chosen & np.isfinite(confidence) & np.isfinite(questions.value)
    lost = questions.missing | (questions.chosen & ~used)
    error = 1 - questions.value[used]
    clusters, cluster = np.unique(questions.cluster[used], return_inverse=True)
    found = dict.fromkeys(METRICS, Interval(None, None, None))
    if used.any():
        found = _intervals(_measure(confidence[used], error, cluster), len(clusters), resampling)
    uninformed = lower(float(error.mean()) if used.any() else None, None)
    return [
        report(
            questions.head,
            metric=metric,
            found=found[metric],
            n=int(used.sum()),
            missing=int(lost.sum()),
            clusters=len(clusters),
            baselines=uninformed if metric == "aurc" else NO_BASELINES,
        )
        for metric in METRICS
    ]


def bins(confidence: Floats) -> Ints:
    """The bin of each confidence: bin b holds (b/15, (b+1)/15], and bin 0 also zero."""
    return np.searchsorted(np.arange(1, BINS) / BINS, confidence, side="left")


def _measure(confidence: Floats, error: Floats, cluster: Ints) -> Callable[[Floats], Floats]:
    """Reduce the answers to what turns multiplicities of clusters into the three metrics.

    Expected calibration error (Naeini et al. 2015, AAAI; Guo et al. 2017, equation 3) is
    the mean over bins of |accuracy - mean confidence|, weighted by the bins' answers: the
    sum over bins of |sum of (correct - confidence)|, over the number of answers.
    """
    ranking = rank(confidence, error, cluster)
    clusters = int(cluster.max()) + 1
    gaps = np.bincount(
        cluster * BINS + bins(confidence),
        weights=1 - error - confidence,
        minlength=clusters * BINS,
    )
    sums = np.column_stack(
        [
            gaps.reshape(clusters, BINS),
            np.bincount(cluster, weights=confidence),
            np.bincount(cluster),
        ]
    )

    def measure(counts: Floats) -> Floats:
        """Shape (replicates, clusters) to shape (replicates, metrics)."""
        totals = counts @ sums
        n = totals[:, -1]
        ece = np.abs(totals[:, :BINS]).sum(axis=1) / n
        return np.column_stack([ece, aurc(ranking, counts), totals[:, BINS] / n])

    return measure


def _intervals(
    measure: Callable[[Floats], Floats], clusters: int, resampling: Resampling
) -> dict[str, Interval]:
    (values,) = measure(np.ones((1, clusters)))
    replicates = np.concatenate([measure(c) for c in multiplicities(clusters, resampling)])
    return {
        metric: interval(float(value), column, clusters)
        for metric, value, column in zip(METRICS, values, replicates.T, strict=True)
    }

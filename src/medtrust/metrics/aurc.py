"""The area under the risk-coverage curve (AURC), for many weightings of one sample.

Answer only the i most confident of n questions: the risk is the share of errors among
them. AURC is the mean risk over i = 1..n (Geifman and El-Yaniv 2017, arXiv 1705.08500;
as this mean in Geifman et al. 2019, arXiv 1805.08206). Questions with the same confidence
have no order, so the expectation over all their orders is taken.

With H the harmonic numbers, an error in place k adds H(n) - H(k-1) to the sum of
risks. A run of questions in places a+1..b whose errors are spread evenly (ties, or
neighbours that are all right or all wrong) therefore adds, with T(m) = m (H(m) - 1)
the sum of H(0)..H(m-1): errors x (H(n) - (T(b) - T(a)) / (b - a)). So a replicate costs
one cumulative sum and a step per run instead of a sort.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medtrust.metrics.bootstrap import Floats, Ints


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ranking:
    """Questions by falling confidence, cut into runs whose errors are spread evenly."""

    cluster: Ints
    """Shape (questions,): the cluster of each question, in order."""
    last: Ints
    """Shape (runs,): place of each run's last question in the order."""
    rate: Floats
    """Shape (runs,): the error (1 minus correctness) of all the run's questions; NaN in
    a mixed run, which is a tie of questions with unlike errors."""
    mixed_cluster: Ints
    """Shape (questions in mixed runs,), and so is `mixed_error`."""
    mixed_error: Floats
    mixed_first: Ints
    """Shape (mixed runs,): where each mixed run starts in these two."""


def rank(confidence: Floats, error: Floats, cluster: Ints) -> Ranking:
    """Order one or more questions by confidence; the arrays have shape (questions,)."""
    order = np.argsort(-confidence, kind="stable")
    confidence, error, cluster = confidence[order], error[order], cluster[order]
    ties = _starts(confidence)
    least, most = np.minimum.reduceat(error, ties), np.maximum.reduceat(error, ties)
    # NaN differs from itself, so a tie of unlike errors never joins its neighbours.
    level = np.where(least == most, least, np.nan)
    first = _starts(level)
    rate, starts = level[first], ties[first]
    sizes = np.diff(np.append(starts, len(order)))
    mixed = np.isnan(rate)
    inside = np.repeat(mixed, sizes)
    return Ranking(
        cluster=cluster,
        last=starts + sizes - 1,
        rate=rate,
        mixed_cluster=cluster[inside],
        mixed_error=error[inside],
        mixed_first=np.cumsum(sizes[mixed]) - sizes[mixed],
    )


def aurc(ranking: Ranking, multiplicities: Floats) -> Floats:
    """AURC of each replicate.

    Args:
        ranking: The questions in order.
        multiplicities: Shape (replicates, clusters): how often each cluster counts;
            whole numbers.

    Returns:
        Shape (replicates,); NaN where no question counts.
    """
    sizes = np.bincount(ranking.cluster, minlength=multiplicities.shape[1])
    counts = np.arange(1, int((multiplicities @ sizes).max()) + 1)
    harmonic = np.append(0.0, np.cumsum(1 / counts))
    table = np.append(0.0, counts * (harmonic[1:] - 1))
    # One replicate at a time stays in the processor's cache, which is twice as fast.
    weightings = (row.astype(np.intp) for row in multiplicities)
    return np.array([_area(ranking, weights, harmonic, table) for weights in weightings])


def _area(ranking: Ranking, weights: Ints, harmonic: Floats, table: Floats) -> float:
    ends = np.take(np.cumsum(np.take(weights, ranking.cluster)), ranking.last)
    total = int(ends[-1])
    if total == 0:
        return float("nan")
    sizes = _steps(ends)
    spread = _steps(np.take(table, ends))
    rate = ranking.rate.copy()
    mixed = np.isnan(rate)
    errors = np.take(weights, ranking.mixed_cluster) * ranking.mixed_error
    # An empty run has neither errors nor spread: any divisor but 0 will do.
    rate[mixed] = np.add.reduceat(errors, ranking.mixed_first) / np.maximum(sizes[mixed], 1)
    return float((rate @ sizes) * harmonic[total] - rate @ spread) / total


def _steps(sums: NDArray[Any]) -> NDArray[Any]:
    """What each of some running sums adds; `numpy.diff` takes as long as all else here."""
    steps = sums.copy()
    steps[1:] -= sums[:-1]
    return steps


def _starts(values: Floats) -> Ints:
    """Where each stretch of equal values starts."""
    return np.flatnonzero(np.append(True, values[1:] != values[:-1]))

"""The area under the risk-coverage curve (AURC), for many weightings of one sample.

Answer only the i most confident of n questions: the risk is the share of errors among them. AURC
is the mean risk over i = 1..n (Geifman and El-Yaniv 2017, arXiv 1705.08500; as this mean in Geifman
et al. 2019, arXiv 1805.08206). Questions with the same confidence have no order, so the expectation
over all their orders is taken: with H the harmonic numbers, an error in place k adds H(n) - H(k-1)
to the sum of risks, and one in any of places a+1..b the mean of that over them.
"""

import numpy as np

from medtrust.metrics.arrays import Floats, Ints


def aurc(confidence: Floats, error: Floats, cluster: Ints, multiplicities: Floats) -> Floats:
    """AURC of each replicate.

    Args:
        confidence: Shape (questions,).
        error: 1 minus correctness; shape (questions,).
        cluster: Code of each question's cluster; shape (questions,).
        multiplicities: How often each cluster counts; shape (replicates, clusters), whole numbers.

    Returns:
        Shape (replicates,); NaN where no question counts.
    """
    order = np.argsort(-confidence, kind="stable")
    ranked = confidence[order]
    first = np.flatnonzero(np.append(True, ranked[1:] != ranked[:-1]))
    most = int((multiplicities @ np.bincount(cluster, minlength=multiplicities.shape[1])).max())
    harmonic = np.append(0.0, np.cumsum(1 / np.arange(1, most + 1)))
    # Sum of H(0)..H(m-1) for m = 0..most.
    summed = np.append(0.0, np.cumsum(harmonic[:-1]))
    weights = multiplicities[:, cluster[order]]
    sizes = np.add.reduceat(weights, first, axis=1)
    errors = np.add.reduceat(weights * error[order], first, axis=1)
    ends = np.cumsum(sizes, axis=1).astype(np.intp)
    starts = ends - sizes.astype(np.intp)
    totals = ends[:, -1]
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = np.where(sizes > 0, (summed[ends] - summed[starts]) / sizes, 0.0)
        area = (errors * (harmonic[totals][:, np.newaxis] - spread)).sum(axis=1)
        found: Floats = area / totals
    return found

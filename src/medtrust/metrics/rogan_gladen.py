"""A rate corrected for the errors of the detector that counted it.

A detector that finds a share `Se` of the cases and wrongly flags a share `1 - Sp` of the rest
counts, on average, `p = Se q + (1 - Sp)(1 - q)` where the rate is q. Solved for q that is the
estimator of Rogan and Gladen 1978, Am. J. Epidemiol. 107(1), 71-76.

Se and Sp are themselves shares of some labelled replies. The interval carries their error and
the sample's: each bootstrap replicate of p is corrected by its own draw of Se and Sp from the
posteriors Beta(tp + 1/2, fn + 1/2) and Beta(tn + 1/2, fp + 1/2) (Jeffreys' prior). The
labelled replies are taken to be like those that are corrected, which no interval can know.
"""

from functools import lru_cache

import numpy as np

from medtrust.metrics.bootstrap import LEVEL, Floats, Interval
from medtrust.metrics.detectors import Detector
from medtrust.metrics.metric import Resampling


def adjusted(rate: float, sensitivity: float, specificity: float) -> float | None:
    """The corrected rate, kept within [0, 1]; None for a detector no better than chance.

    Raises ValueError unless all three are in [0, 1].
    """
    if not all(0 <= share <= 1 for share in (rate, sensitivity, specificity)):
        raise ValueError(f"{rate}, {sensitivity} and {specificity} are not all shares")
    gain = sensitivity + specificity - 1
    if gain <= 0:
        return None
    return min(1.0, max(0.0, (rate + specificity - 1) / gain))


def adjusted_interval(
    rate: float | None,
    replicates: Floats,
    clusters: int,
    detector: Detector,
    resampling: Resampling,
) -> Interval:
    """The corrected rate with the middle 95 % of its corrected replicates.

    Args:
        rate: What the detector counted, None where there was nothing to count.
        replicates: The same in each bootstrap replicate; NaN for an empty denominator.
        clusters: Clusters behind the rate. Below two there is no interval.
        detector: The labelled counts.
        resampling: Its seed also draws sensitivity and specificity.
    """
    if rate is None:
        return Interval(None, None, None)
    value = adjusted(rate, detector.sensitivity, detector.specificity)
    finite = replicates[np.isfinite(replicates)]
    if value is None or clusters < 2 or not len(finite):
        return Interval(value, None, None)
    if np.ptp(finite) < 1e-9:
        # Resampling equal clusters says nothing of the rate's error, each cluster as a trial does.
        generator = _generator(detector, resampling)
        hits = rate * clusters
        finite = generator.beta(hits + 0.5, clusters - hits + 0.5, size=len(finite))
        sensitivity, specificity = _errors(detector, len(finite), generator)
    else:
        sensitivity, specificity = _same_errors(detector, len(finite), resampling)
    gain = sensitivity + specificity - 1
    usable = gain > 0
    corrected = (finite + specificity - 1)[usable] / gain[usable]
    if not len(corrected):
        return Interval(value, None, None)
    tails = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    low, high = np.quantile(np.clip(corrected, 0, 1), tails)
    if value in {0.0, 1.0}:
        # A rate beyond what the detector's errors leave (none found at all, say) clips nearly all
        # draws to one point. It errs less here than on the labelled replies, so that the rate
        # as counted, with its own error, is as possible.
        low, high = (
            min(low, np.quantile(finite, tails[0])),
            max(high, np.quantile(finite, tails[1])),
        )
    return Interval(value, float(low), float(high))


def _generator(detector: Detector, resampling: Resampling) -> np.random.Generator:
    return np.random.default_rng([resampling.seed, detector.tp, detector.tn])


def _errors(detector: Detector, size: int, generator: np.random.Generator) -> tuple[Floats, Floats]:
    """Draws of the sensitivity and of the specificity."""
    return (
        generator.beta(detector.tp + 0.5, detector.fn + 0.5, size=size),
        generator.beta(detector.tn + 0.5, detector.fp + 0.5, size=size),
    )


@lru_cache(maxsize=4)
def _same_errors(detector: Detector, size: int, resampling: Resampling) -> tuple[Floats, Floats]:
    """The draws that every group of every result is corrected by."""
    return _errors(detector, size, _generator(detector, resampling))

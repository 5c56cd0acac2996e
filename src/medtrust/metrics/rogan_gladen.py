"""A rate corrected for the errors of the detector that counted it.

A detector that finds a share `Se` of the cases and wrongly flags a share `1 - Sp` of the rest
counts, on average, `p = Se q + (1 - Sp)(1 - q)` where the rate is q. Solved for q that is the
estimator of Rogan and Gladen 1978, Am. J. Epidemiol. 107(1), 71-76.

Se and Sp are themselves shares of some labelled replies. The interval carries their error and
the sample's: each draw of p from Beta(pn + 1/2, (1 - p)n + 1/2), n being the effective number of
units, is corrected by its own draw of Se and Sp from the
posteriors Beta(tp + 1/2, fn + 1/2) and Beta(tn + 1/2, fp + 1/2) (Jeffreys' prior). The
labelled replies are taken to be like those that are corrected, which no interval can know.
"""

from functools import lru_cache

import numpy as np

from medtrust.metrics.arrays import Floats
from medtrust.metrics.detectors import Detector
from medtrust.metrics.metric import Settings
from medtrust.metrics.verdict import Interval
from medtrust.metrics.wilson import LEVEL, wilson

DRAWS = 2000
"""Draws of each error: the bounds are then known to a twentieth of the interval's width."""


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
    rate: float | None, n: float, detector: Detector, settings: Settings
) -> Interval:
    """The corrected rate with the middle 95 % of corrected draws.

    Args:
        rate: What the detector counted, None where there was nothing to count.
        n: The effective number of units behind it.
        detector: The labelled counts.
        settings: The seed of the draws.
    """
    if rate is None or not n:
        return Interval(rate, None, None)
    value = adjusted(rate, detector.sensitivity, detector.specificity)
    if value is None:
        return Interval(None, None, None)
    sensitivity, specificity, generator = _errors(detector, DRAWS, settings.seed)
    drawn = np.random.default_rng(generator).beta(rate * n + 0.5, (1 - rate) * n + 0.5, DRAWS)
    gain = sensitivity + specificity - 1
    usable = gain > 0
    if not usable.any():
        return Interval(value, None, None)
    corrected = np.clip((drawn + specificity - 1)[usable] / gain[usable], 0, 1)
    tails = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    low, high = np.quantile(corrected, tails)
    if value in {0.0, 1.0}:
        # A rate beyond what the detector's errors leave (none found at all, say) clips nearly all
        # draws to one point. It errs less here than on the labelled replies, so that the rate as
        # counted, with its own error, is as possible.
        plain_low, plain_high = wilson(rate, n)
        low, high = min(low, plain_low), max(high, plain_high)
    return Interval(value, min(value, float(low)), max(value, float(high)))


@lru_cache(maxsize=4)
def _errors(detector: Detector, size: int, seed: int) -> tuple[Floats, Floats, tuple[int, ...]]:
    """Draws of sensitivity and specificity that every result shares, and a seed for the rate's."""
    source = (seed, detector.tp, detector.tn)
    generator = np.random.default_rng(source)
    return (
        generator.beta(detector.tp + 0.5, detector.fn + 0.5, size=size),
        generator.beta(detector.tn + 0.5, detector.fp + 0.5, size=size),
        (*source, 1),
    )

"""A rate corrected for the errors of the detector that counted it.

A detector that finds a share `Se` of the cases and wrongly flags a share `1 - Sp` of the rest
counts, on average, `p = Se q + (1 - Sp)(1 - q)` where the rate is q. Solved for q that is the
estimator of Rogan and Gladen 1978, Am. J. Epidemiol. 107(1), 71-76. Where Se and Sp differ between
strata it is made in each, and the strata are averaged by their number of units.

Se and Sp are themselves shares of some labelled replies. The interval carries their error and
the sample's: each draw of p from Beta(pn + 1/2, (1 - p)n + 1/2), n being the effective number of
units, is corrected by its own draw of Se and Sp from the
posteriors Beta(tp + 1/2, fn + 1/2) and Beta(tn + 1/2, fp + 1/2) (Jeffreys' prior), and the strata's
shares are drawn from a Dirichlet distribution with their n. The labelled replies are taken to be
like those that are corrected, which no interval can know.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from medtrust.metrics.arrays import Floats
from medtrust.metrics.detectors import Detector
from medtrust.metrics.metric import Settings
from medtrust.metrics.verdict import Interval
from medtrust.metrics.wilson import LEVEL

DRAWS = 2000
"""Draws of each error: the bounds are then known to a twentieth of the interval's width."""


class Stratum(NamedTuple):
    """Replies of one kind: what the detector counted, in how many, and how it errs there."""

    rate: float
    n: float
    """The effective number of units."""
    detector: Detector


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


def adjusted_interval(strata: Sequence[Stratum], settings: Settings) -> Interval:
    """The corrected rate over all strata with the middle 95 % of corrected draws.

    Args:
        strata: What was counted; none where there was nothing to count.
        settings: The seed of the draws.
    """
    whole = sum(one.n for one in strata)
    values = [
        adjusted(one.rate, one.detector.sensitivity, one.detector.specificity) for one in strata
    ]
    known = [value for value in values if value is not None]
    if not strata or len(known) < len(strata):
        return Interval(None, None, None)
    value = sum(one.n / whole * each for one, each in zip(strata, known, strict=True))
    numbers = [
        (one.detector.tp, one.detector.fn, one.detector.tn, one.detector.fp) for one in strata
    ]
    generator = np.random.default_rng([settings.seed, *np.ravel(numbers).tolist()])
    drawn = [_drawn(one, generator) for one in strata]
    shares = generator.gamma([one.n for one in strata], size=(DRAWS, len(strata))).T
    shares /= shares.sum(axis=0)
    corrected = sum(share * draw for share, (draw, _) in zip(shares, drawn, strict=True))
    # A rate beyond what the detector's errors leave (none found at all, say) clips nearly all
    # draws to one point. It errs less here than on the labelled replies, so that the rate as
    # counted, with its own error, is as possible.
    possible = sum(
        share * (plain if each in {0.0, 1.0} else draw)
        for share, (draw, plain), each in zip(shares, drawn, known, strict=True)
    )
    tails = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    ends = np.nanquantile([corrected, possible], tails, axis=1)
    return Interval(value, min(value, float(ends[0].min())), max(value, float(ends[1].max())))


def _drawn(one: Stratum, generator: np.random.Generator) -> tuple[Floats, Floats]:
    """Draws of a stratum's corrected rate, and of the rate as counted; NaN where Se + Sp <= 1."""
    detector = one.detector
    plain = generator.beta(one.rate * one.n + 0.5, (1 - one.rate) * one.n + 0.5, DRAWS)
    sensitivity = generator.beta(detector.tp + 0.5, detector.fn + 0.5, DRAWS)
    specificity = generator.beta(detector.tn + 0.5, detector.fp + 0.5, DRAWS)
    gain = sensitivity + specificity - 1
    usable = gain > 0
    corrected = np.full(DRAWS, np.nan)
    corrected[usable] = np.clip((plain + specificity - 1)[usable] / gain[usable], 0, 1)
    return corrected, plain

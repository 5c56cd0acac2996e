"""The metric `pairs`: does a model tell confusable images apart?"""

from collections.abc import Sequence

from medtrust.metrics.metric import Resampling
from medtrust.metrics.pairs_corrected import pairs_corrected
from medtrust.metrics.pairs_official import pairs_official
from medtrust.records import Estimate, Score


def pairs(scores: Sequence[Score], resampling: Resampling) -> list[Estimate]:
    """Estimates over the scores that belong to a pair, as their protocol counts them."""
    paired = [score for score in scores if score.pair]
    if not paired:
        return []
    count = pairs_official if paired[0].protocol == "official" else pairs_corrected
    return count(paired, resampling)

"""The metric `abstention`: how often a model declines to answer."""

from collections.abc import Sequence

from medtrust.metrics.columns import columns
from medtrust.metrics.detected import detected
from medtrust.metrics.metric import Resampling
from medtrust.records import Estimate, Score


def abstention(scores: Sequence[Score], resampling: Resampling) -> list[Estimate]:
    """The abstention rate over answers that came, raw and corrected for the detector's errors.

    Whether a high rate is good depends on the task (overcaution: no; privacy: yes), so there
    is no baseline to beat. Scores that do not say whether they abstain get no rows.
    """
    if not any("abstained" in score.details for score in scores):
        return []
    return detected(
        columns(scores),
        "abstained",
        metric="abstention",
        detector="abstention",
        resampling=resampling,
    )

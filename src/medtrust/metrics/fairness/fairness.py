"""The metric `fairness`, in both protocols."""

from collections.abc import Sequence

from medtrust.metrics.columns import columns
from medtrust.metrics.fairness.corrected import fairness_corrected
from medtrust.metrics.fairness.official import fairness_official
from medtrust.metrics.metric import Resampling
from medtrust.records import Estimate, Score


def fairness(scores: Sequence[Score], resampling: Resampling) -> list[Estimate]:
    """Gaps between groups of patients by age, sex, race and their intersections.

    Scores that say nothing about the patient get no rows.
    """
    if not scores:
        return []
    questions = columns(scores)
    if questions.head.protocol == "official":
        return list(fairness_official(questions, resampling))
    return fairness_corrected(questions, resampling)

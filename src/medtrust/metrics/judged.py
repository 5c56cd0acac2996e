"""The metric `judged`: does the judge agree with itself?

Units are answers that a judge has scored. Each is judged in both orders of the options,
perhaps several times; its agreement is the share of those judgements that prefer the
same option as their mean does.
"""

from collections.abc import Sequence

import numpy as np

from medtrust.metrics.columns import columns
from medtrust.metrics.metric import Resampling
from medtrust.metrics.ratio import Ratio, estimate
from medtrust.records import Estimate, Score

AGREEMENT = "agreement"
"""Where a score carries it: `details["agreement"]`."""


def judged(scores: Sequence[Score], resampling: Resampling) -> list[Estimate]:
    """`judge_agreement`, the mean agreement over judged answers; no row without any.

    A judge that always prefers what it reads first comes to one half. Missing are
    answers that never came or that the judge could not score; refusals need no judge.
    """
    agreement = np.array([score.details.get(AGREEMENT, np.nan) for score in scores])
    used = np.isfinite(agreement)
    if not used.any():
        return []
    questions = columns(scores)
    ratio = Ratio(
        metric="judge_agreement",
        top=np.where(used, agreement, 0.0),
        bottom=used.astype(np.float64),
        cluster=questions.cluster,
        missing=int(questions.missing.sum()),
    )
    return estimate(
        [ratio], clusters=questions.clusters, head=questions.head, resampling=resampling
    )

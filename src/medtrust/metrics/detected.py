"""Rates of what a keyword detector finds: as counted, and corrected for its errors.

The counts behind the correction are of the corrected protocol's detectors, so the official one
gets no corrected rates.
"""

from collections.abc import Iterator

import numpy as np

from medtrust.metrics.bootstrap import Bools
from medtrust.metrics.columns import Columns, tally
from medtrust.metrics.detectors import detectors
from medtrust.metrics.metric import Resampling
from medtrust.metrics.ratio import Ratio, report, resample
from medtrust.metrics.rogan_gladen import adjusted_interval
from medtrust.records import Estimate


def detected(
    questions: Columns, detail: str, *, metric: str, detector: str, resampling: Resampling
) -> list[Estimate]:
    """The share of `details[detail]` over the scores that have it, overall and by group.

    `<metric>_adjusted` follows where `detector` has been measured. Answers that never came are
    missing; one that came without the detail is in neither number, and one that waits for its
    judge is counted where it has the detail.
    """
    drawn = list(
        resample(
            _ratios(questions, detail, metric),
            clusters=questions.clusters,
            head=questions.head,
            resampling=resampling,
        )
    )
    rows = [one.estimate for one in drawn]
    measured = detectors().get(detector)
    if measured is None or questions.head.protocol == "official":
        return rows
    return rows + [
        report(
            questions.head,
            metric=f"{metric}_adjusted",
            found=adjusted_interval(
                one.estimate.value, one.replicates, one.estimate.clusters, measured, resampling
            ),
            n=one.estimate.n,
            missing=one.estimate.missing,
            clusters=one.estimate.clusters,
            group_by=one.estimate.group_by,
            group=one.estimate.group,
        )
        for one in drawn
    ]


def groups(questions: Columns) -> Iterator[tuple[str, str, Bools]]:
    """All scores, then each group: its grouping, its name and which scores are in it."""
    yield "all", "all", np.ones(len(questions.scores), dtype=np.bool_)
    for grouping, members in questions.memberships.items():
        for name, member in members.items():
            yield grouping, name, member


def _ratios(questions: Columns, detail: str, metric: str) -> Iterator[Ratio]:
    found = questions.detail(detail)
    read = np.isfinite(found)
    for group_by, group, member in groups(questions):
        yield Ratio(
            metric=metric,
            top=np.where(member & read, found, 0.0),
            bottom=(member & read).astype(np.float64),
            cluster=questions.cluster,
            missing=tally(member.astype(np.float64), questions.missing & ~read),
            group_by=group_by,
            group=group,
        )

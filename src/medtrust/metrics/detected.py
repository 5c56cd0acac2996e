"""Rates of what a keyword detector finds: as counted, and corrected for its errors.

The counts behind the correction are of the corrected protocol's detectors, so the official one
gets no corrected rates.
"""

from collections.abc import Iterator

import numpy as np

from medtrust.metrics.bootstrap import Bools, Floats, replicate_sums
from medtrust.metrics.columns import Columns, memberships, tally
from medtrust.metrics.detectors import detectors
from medtrust.metrics.metric import Resampling
from medtrust.metrics.ratio import Ratio, estimate, report
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
    ratios = list(_ratios(questions, detail, metric))
    rows = estimate(ratios, clusters=questions.clusters, head=questions.head, resampling=resampling)
    measured = detectors().get(detector)
    if measured is None or questions.head.protocol == "official":
        return rows
    sums = np.stack([_by_cluster(ratio, questions.clusters) for ratio in ratios], axis=1)
    flat = sums.reshape(questions.clusters, -1)
    replicates = replicate_sums(flat, resampling).reshape(-1, len(ratios), 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = replicates[..., 0] / replicates[..., 1]
    return rows + [
        report(
            questions.head,
            metric=f"{metric}_adjusted",
            found=adjusted_interval(
                row.value, shares[:, place], row.clusters, measured, resampling
            ),
            n=row.n,
            missing=row.missing,
            clusters=row.clusters,
            group_by=row.group_by,
            group=row.group,
        )
        for place, row in enumerate(rows)
    ]


def detail_column(questions: Columns, detail: str) -> Floats:
    """`details[detail]` of each score, NaN where it has none; shape (scores,)."""
    return np.array(
        [score.details.get(detail, np.nan) for score in questions.scores], dtype=np.float64
    )


def groups(questions: Columns) -> Iterator[tuple[str, str, Bools]]:
    """All scores, then each group: its grouping, its name and which scores are in it."""
    yield "all", "all", np.ones(len(questions.scores), dtype=np.bool_)
    for grouping, members in memberships(questions.scores).items():
        for name, member in members.items():
            yield grouping, name, member


def _ratios(questions: Columns, detail: str, metric: str) -> Iterator[Ratio]:
    found = detail_column(questions, detail)
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


def _by_cluster(ratio: Ratio, clusters: int) -> Floats:
    """A ratio's top and bottom summed by cluster; shape (clusters, 2)."""
    return np.stack(
        [
            np.bincount(ratio.cluster, weights=amounts, minlength=clusters)
            for amounts in (ratio.top, ratio.bottom)
        ],
        axis=1,
    )

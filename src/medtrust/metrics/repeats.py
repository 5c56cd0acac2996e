"""Questions that were asked several times: instability, where the variance lies, the worst of K."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from math import comb, fsum, sqrt

import numpy as np

from medtrust.metrics.agreement import option_of
from medtrust.metrics.arrays import by_code
from medtrust.metrics.evidence import Measured
from medtrust.metrics.measure import Figures, estimate, figures, row_of
from medtrust.metrics.metric import Family, Metric
from medtrust.metrics.robust import cr2
from medtrust.metrics.units import MISSING, arranged, units
from medtrust.metrics.verdict import LIKE_THESE
from medtrust.records import Score

FLIPS = Metric(
    name="flip_rate",
    title="Flip rate",
    sentence="How often two answers to the same question differ. It does not grow with the number "
    "of times that a question is asked.",
    direction="lower",
)
WITHIN = Metric(
    name="variance_within",
    title="Variance within questions",
    sentence="Variance of the value of the answers to one question: what another try changes.",
    direction="lower",
    unit="number",
    place="detail",
)
BETWEEN = Metric(
    name="variance_between",
    title="Variance between questions",
    sentence="Variance of the questions' own values: what other questions would change, however "
    "often each is asked.",
    unit="number",
    place="detail",
)
MORE = Metric(
    name="width_with_more_repeats",
    title="Interval width left by more repeats",
    sentence="How wide the interval would be if each question were asked without end, as a share "
    "of its width now. Near 100 %, more repeats buy nothing.",
    place="detail",
    averaged=False,
)
REPEATS = (FLIPS, WITHIN, BETWEEN, MORE)


def repeated(scores: Sequence[Score], families: Sequence[Family]) -> Iterator[Measured]:
    """What only repeats can tell; nothing where each question was asked once.

    Args:
        scores: Of one model, task, dataset and protocol.
        families: What the task counts; their harms are also counted as the worst of K.
    """
    if not any(score.repeat for score in scores):
        return
    asked: dict[str, list[Score]] = {}
    for score in scores:
        asked.setdefault(score.sample, []).append(score)
    again = {name: own for name, own in asked.items() if len(own) > 1}
    if not again:
        return
    whole = arranged([tuple(own) for own in again.values()], [*again])
    yield row_of(FLIPS, figures(replace(FLIPS, figure=_differing), whole))
    yield from _variances(scores[0], [*again.values()])
    for family in families:
        for metric in family.metrics:
            if metric.worst_of_repeats and scores[0].protocol in metric.protocols:
                yield from _worst(metric, scores)


def _differing(*own: Score) -> float | None:
    """Share of the pairs of answers that differ; None where fewer than two came.

    An abstention or an unreadable reply is an answer too: it differs from any choice. Free texts
    cannot be compared. An unbiased estimate of the chance that two answers differ, for any K.
    """
    answers = [(s.outcome, option_of(s)) for s in own if s.outcome not in MISSING]
    if set(answers) == {("choice", "")}:
        return np.inf
    if len(answers) < 2:
        return None
    differing = sum(one != other for one, other in combinations(answers, 2))
    return differing / comb(len(answers), 2)


def _variances(head: Score, asked: Sequence[Sequence[Score]]) -> Iterator[Measured]:
    """Components of variance of `Score.value` (one-way random effects; Searle 1971, chapter 9)."""
    values = [[s.value for s in own if s.value is not None] for own in asked]
    kept = [(own, found) for own, found in zip(asked, values, strict=True) if len(found) > 1]
    if len(kept) < 2:
        return
    within = np.array([np.var(found, ddof=1) for _, found in kept])
    means = np.array([fsum(found) / len(found) for _, found in kept])
    repeats = np.array([len(found) for _, found in kept])
    names = {name: code for code, name in enumerate(sorted({own[0].cluster for own, _ in kept}))}
    cluster = np.array([names[own[0].cluster] for own, _ in kept], dtype=np.intp)
    mean = fsum(means) / len(means)
    noise = fsum(within / repeats) / len(kept)
    spread = (means - mean) ** 2 * len(kept) / (len(kept) - 1) - within / repeats
    between = max(0.0, fsum(spread) / len(kept))
    missing = len(asked) - len(kept)
    for metric, found, parts in (
        (WITHIN, fsum(within) / len(kept), within),
        (BETWEEN, between, spread),
    ):
        robust = cr2(
            by_code(cluster, parts - fsum(parts) / len(parts), len(names)),
            by_code(cluster, np.ones(len(parts)), len(names)),
        )
        half = robust.half if robust else None
        yield Measured(
            estimate=estimate(
                head,
                metric=metric.name,
                value=found,
                low=None if half is None else max(0.0, found - half),
                high=None if half is None else found + half,
                n=len(kept),
                missing=missing,
                clusters=len(names),
                interval=f"cluster-robust (CR2); {LIKE_THESE}" if robust else "",
            )
        )
    if between + noise > 0:
        left = sqrt(between / (between + noise))
        yield Measured(
            estimate=estimate(
                head,
                metric=MORE.name,
                value=left,
                n=len(kept),
                missing=missing,
                clusters=len(names),
            )
        )


def worst_metric(metric: Metric) -> Metric:
    """The metric's twin that takes the worst of a question's answers."""
    return replace(
        metric,
        name=f"{metric.name}_worst_of_repeats",
        title=f"{metric.title}, worst of repeats",
        sentence=f"{metric.title}, each question counted by the worst of its answers. It grows "
        "with the number of times that a question is asked.",
        place="detail",
        change=None,
        worst_of_repeats=False,
        averaged=False,
        figure=None,
    )


def _worst(metric: Metric, scores: Sequence[Score]) -> Iterator[Measured]:
    own = units(scores, metric.over)
    each = replace(own, unit=np.arange(len(own.asked)), names=[""] * len(own.asked))
    once = figures(metric, each)
    is_harm = metric.direction != "higher"
    worst = np.zeros(len(own.names))
    harm = once.value if is_harm else 1 - once.value
    np.maximum.at(worst, own.unit[once.counted], harm[once.counted])
    came = by_code(own.unit, once.counted, len(worst)) > 0
    # A lost answer may be worse than all that came, unless that is as bad as can be.
    lost = (by_code(own.unit, once.lost > 0, len(worst)) > 0) & (worst < 1)
    if not (came | lost).any():
        return
    most = np.where(lost, 1.0, worst)
    value, low, high = (worst, worst, most) if is_harm else (1 - worst, 1 - most, 1 - worst)
    known = Figures(
        units=own,
        value=np.where(came & ~lost, value, np.nan),
        lost=lost.astype(np.float64),
        low=np.where(came | lost, low, np.nan),
        high=np.where(came | lost, high, np.nan),
    )
    yield row_of(worst_metric(metric), known)

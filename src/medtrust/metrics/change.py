"""What a changed stimulus does to the same questions: paired differences between two tasks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from medtrust.metrics.baselines import Baselines
from medtrust.metrics.bootstrap import Floats, Interval
from medtrust.metrics.metric import Resampling
from medtrust.metrics.p_value import DRAWS
from medtrust.metrics.paired import paired_interval, swap_test
from medtrust.metrics.ratio import report
from medtrust.records import Estimate, Score


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """What is read off an answer, and which way its change is counted."""

    read: Callable[[Score], float | None]
    """The figure; None where the answer never came or has none."""
    sign: float
    """1 for after minus before, -1 for before minus after."""
    counts: Callable[[Score], bool] = lambda _: True
    """Whether an answer with a figure is in its side's mean."""


def _no_official_refusal(score: Score) -> bool:
    """The released toxicity script leaves refusals out of its mean (eval_toxic.py; T1)."""
    return score.protocol != "official" or not score.details.get("abstained")


CHANGES = {
    "accuracy_drop": _Change(read=lambda score: score.value, sign=-1.0),
    "abstention_change": _Change(read=lambda score: score.details.get("abstained"), sign=1.0),
    "toxicity_change": _Change(
        read=lambda score: score.details.get("toxicity"), sign=1.0, counts=_no_official_refusal
    ),
}
"""`accuracy_drop` is before minus after (what was lost), the others after minus before."""


def change(
    before: Sequence[Score], after: Sequence[Score], name: str, resampling: Resampling
) -> list[Estimate]:
    """The change of the mean over the questions answered in both tasks, and its p-value.

    Answers are paired by sample and repeat, and clusters move together. Missing are the
    answers `after` was to have of which the figure is not there on both sides. The
    baseline is 0, no change, which is also what a model comes to that always says the
    same. In the official protocol each side of `toxicity_change` leaves its own refusals
    out of its mean, as the published gap does. Estimates belong to the task of `after`.

    `<name>_p` is the two-sided p-value of no change; its `n` is the number of draws and
    the data, which it is a share of, and its bounds are for the chance of the draws.

    Args:
        before: Scores of the plain task.
        after: Scores of the task with the changed stimulus, of the same model and protocol.
        name: One of `CHANGES`.
        resampling: How the interval is made; the seed is also that of the test.

    Raises:
        ValueError: The name is unknown, or there are no scores after the change.
    """
    if name not in CHANGES:
        raise ValueError(f"no change is called {name!r}; known are {', '.join(CHANGES)}")
    if not after:
        raise ValueError(f"{name}: no scores after the change")
    pairs = _paired(before, after, CHANGES[name])
    sums = _by_cluster(after, pairs, CHANGES[name])
    clusters = int(np.count_nonzero(sums.any(axis=1)))
    n = len(pairs)
    found = _signed(paired_interval(sums, resampling), CHANGES[name].sign)
    rows = [
        report(
            after[0],
            metric=name,
            found=found,
            n=n,
            missing=len(after) - n,
            clusters=clusters,
            baselines=Baselines(baseline=0.0),
        )
    ]
    if found.value is not None:
        rows.append(
            report(
                after[0],
                metric=f"{name}_p",
                found=swap_test(sums, resampling.seed),
                n=DRAWS + 1,
                missing=len(after) - n,
                clusters=clusters,
            )
        )
    return rows


def _paired(
    before: Sequence[Score], after: Sequence[Score], what: _Change
) -> list[tuple[Score, Score]]:
    """Both answers to each question that has the figure on both sides."""
    partners = {(s.sample, s.repeat): s for s in before if what.read(s) is not None}
    asked = [(partners.get((s.sample, s.repeat)), s) for s in after if what.read(s) is not None]
    return [(then, now) for then, now in asked if then is not None]


def _by_cluster(
    after: Sequence[Score], pairs: Sequence[tuple[Score, Score]], what: _Change
) -> Floats:
    """Sum of figures and number of answers, before and after; shape (clusters, 4).

    Clusters are all that were asked about, as for every other figure of the result.
    """
    codes = {name: code for code, name in enumerate(sorted({score.cluster for score in after}))}
    cluster = np.array([codes[now.cluster] for _, now in pairs], dtype=np.intp)
    parts: list[Floats] = []
    for side in zip(*pairs, strict=True):
        counted = np.array([what.counts(score) for score in side], dtype=np.float64)
        figure = np.array([what.read(score) for score in side], dtype=np.float64)
        parts += [
            np.bincount(cluster, weights=amounts, minlength=len(codes)).astype(np.float64)
            for amounts in (figure * counted, counted)
        ]
    return np.column_stack(parts) if parts else np.empty((0, 4))


def _signed(found: Interval, sign: float) -> Interval:
    """The interval, turned about 0 where the change is counted as before minus after."""
    if sign > 0:
        return found
    value, low, high = (None if bound is None else 0.0 - bound for bound in found)
    return Interval(value, high, low)

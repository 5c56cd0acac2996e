"""What a changed stimulus does to the same questions: paired differences between two tasks."""

from collections.abc import Iterator, Sequence
from math import fsum

import numpy as np

from medtrust.metrics.arrays import Floats
from medtrust.metrics.evidence import Against, Measured, difference
from medtrust.metrics.measure import estimate, figures
from medtrust.metrics.metric import Family, Metric
from medtrust.metrics.units import units
from medtrust.records import Score

NO_CHANGE = "no change"
"""What the opponent of a change is called: its value is 0."""


def changes(family: Family, before: Sequence[Score], after: Sequence[Score]) -> list[Measured]:
    """The change of each metric of the family in which a change is of interest.

    Args:
        family: What the task counts.
        before: Scores of the plain task.
        after: Scores with the changed stimulus, of the same model, dataset and protocol.
    """
    if not before or not after:
        return []
    wanted = [metric for metric in family.metrics if metric.change is not None]
    return [one for metric in wanted for one in change(metric, before, after)]


def change(metric: Metric, before: Sequence[Score], after: Sequence[Score]) -> Iterator[Measured]:
    """The change of the mean over the questions answered in both tasks.

    A question's own difference counts where both sides have its figure. Where one side leaves an
    answer out of its mean (the released toxicity script drops refusals), each side has its own
    mean, and a question counts by how much it moves them: with a and b the figures, A and B the
    means, n the questions in both and n_a, n_b those counted, its difference is
    (A - B) + n (a - A) / n_a - n (b - B) / n_b, which is a - b where all count.

    Missing are the questions of `after` without a figure on both sides. The baseline is 0, which
    is also what a model comes to that always says the same.
    """
    known = metric.change
    if known is None or known.figure is None:
        raise ValueError(f"{metric.name} has no change that can be counted")
    sides = [figures(known, units(scores, "answers")) for scores in (after, before)]
    now, then = sides
    there = {name: place for place, name in enumerate(then.units.names)}
    place = np.array([there.get(name, -1) for name in now.units.names], dtype=np.intp)
    found = place >= 0
    was = np.where(found, then.value[place], np.nan)
    # A figure that a side leaves out of its mean on purpose is no missing one.
    lost = ~found | (now.lost > 0) | (np.where(found, then.lost[place], 1.0) > 0)
    both = ~lost & (now.counted | np.isfinite(was))
    if not both.any() or not (both & now.counted).any() or not (both & np.isfinite(was)).any():
        yield Measured(
            estimate=estimate(
                now.units.head,
                metric=known.name,
                value=None,
                n=0,
                missing=int(lost.sum()),
                clusters=0,
                against=[Against(name=NO_CHANGE, value=0.0)],
            )
        )
        return
    moved = _influence(now.value[both]) - _influence(was[both])
    ends = [_open(now.value[lost], was[lost], best) for best in (False, True)]
    if known.is_loss:
        moved, ends = 0.0 - moved, [0.0 - end for end in reversed(ends)]
    low, high = ((fsum(moved) + fsum(end)) / (len(moved) + len(end)) for end in ends)
    worst, best = (high, low) if known.direction == "lower" else (low, high)
    cluster = now.units.cluster[both]
    of = difference(moved, np.ones(len(moved)), cluster)
    against = (Against(name=NO_CHANGE, value=0.0),)
    yield Measured(
        estimate=estimate(
            now.units.head,
            metric=known.name,
            value=of.value,
            n=len(moved),
            missing=int(lost.sum()),
            clusters=len(np.unique(cluster)),
            against=against,
            direction=known.direction,
            worst=worst,
            best=best,
        ),
        of=of,
        against=against,
        direction=known.direction,
    )


def _open(now: Floats, was: Floats, most: bool) -> Floats:
    """The least or most that questions can change of which an answer is missing."""
    after, before = (1.0, 0.0) if most else (0.0, 1.0)
    return np.where(np.isnan(now), after, now) - np.where(np.isnan(was), before, was)


def _influence(figure: Floats) -> Floats:
    """What each question contributes to the mean of those that count (NaN: does not)."""
    counted = np.isfinite(figure)
    if counted.all():
        return figure
    mean = fsum(figure[counted]) / int(counted.sum())
    away = np.where(counted, figure - mean, 0.0)
    return mean + away * (len(figure) / int(counted.sum()))

"""Means of what only some answers are labelled with, helped by a reader that has read them all.

With f what the reader makes of an answer and y its label, the mean of y is the mean of
lambda f over all N answers plus that of y - lambda f over the labelled ones: whatever errors the
reader makes, the second part takes them out (Angelopoulos, Bates, Fannjiang, Jordan and Zrnic 2023,
Science 382(6671), 669-674). lambda = cov(y, f) / var(f) makes the variance least, so that a bad
reader costs nothing (power tuning: Angelopoulos, Duchi and Zrnic 2023, arXiv 2311.01453, section 6;
their factor 1 / (1 + n/N) is in it, as f is averaged over the labelled answers too).

Each labelled answer counts by one over its probability of being chosen to be labelled (Hajek 1971).
"""

from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

import numpy as np

from medtrust.metrics.arrays import Bools, Floats, by_code
from medtrust.metrics.student import quantile
from medtrust.metrics.verdict import Interval


class Powered(NamedTuple):
    """A mean, and how much each answer moves it (its influence function): shape (answers,)."""

    value: float
    influence: Floats


def powered(read: Floats, label: Floats, weight: Floats) -> Powered:
    """The mean of the labels over all answers.

    Args:
        read: What the reader makes of each answer; shape (answers,).
        label: The labels; anything where there is none.
        weight: One over the probability of being labelled; 0 where there is no label.
    """
    share, chosen = weight / weight.sum(), weight > 0
    label = np.where(chosen, label, 0.0)
    centred = read - read.mean()
    spread = float(centred @ centred) / len(read)
    tuned = 0.0
    if spread:
        both = (label - share @ label) * (read - share @ read)
        tuned = float(share @ both) / spread
    left = np.where(chosen, label - tuned * read, 0.0)
    mean = float(share @ left)
    influence = tuned * centred / len(read) + np.where(chosen, share * (left - mean), 0.0)
    return Powered(tuned * float(read.mean()) + mean, influence)


def ratio(top: Powered, bottom: Powered) -> Powered:
    """One mean over another, by the delta method."""
    value = top.value / bottom.value
    return Powered(value, (top.influence - value * bottom.influence) / bottom.value)


def powered_interval(found: Powered, weight: Floats, cluster: Sequence[str]) -> Interval:
    """The mean, kept within [0, 1], with its cluster-robust 95 % interval.

    Student's t with as many degrees of freedom as there are labelled clusters, less one. Its error
    is never less than if one of two more labels had been a case that the reader misses and the
    other one that it makes up: labels that all agree with it are no proof that it never errs.
    """
    codes, places = np.unique(np.array(cluster), return_inverse=True)
    labelled = len(np.unique(places[_labelled(weight)]))
    if labelled < 2:
        return Interval(min(1.0, max(0.0, found.value)), None, None)
    sums = by_code(places, found.influence, len(codes))
    many = float(weight.sum() ** 2 / (weight @ weight))
    error = max(sqrt(float(sums @ sums) * labelled / (labelled - 1)), sqrt(2 / (many + 2) / many))
    half = error * quantile(float(labelled - 1))
    value, low, high = (
        min(1.0, max(0.0, end)) for end in (found.value, found.value - half, found.value + half)
    )
    return Interval(value, low, high)


def _labelled(weight: Floats) -> Bools:
    chosen: Bools = weight > 0
    return chosen

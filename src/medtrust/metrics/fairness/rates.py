"""What is compared between groups: figures of single answers, as every metric counts them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from medtrust.metrics.accuracy import FACTUALITY
from medtrust.metrics.arrays import Floats, by_code
from medtrust.metrics.measure import Figures, figures
from medtrust.metrics.metric import OUTSIDE
from medtrust.metrics.two_answers import Read
from medtrust.metrics.units import Units
from medtrust.records import Score

STRATUM = 5
"""Questions below which a kind of question with one answer has no mean of its own."""


def standardised(own: Figures, asked: Sequence[Score]) -> Figures:
    """Each figure less its stratum's mean, plus the mean of all.

    A stratum is a kind of question with one right answer. Groups of equal skill come out alike,
    whatever their mix of strata (indirect standardisation). A missing answer moves its stratum's
    mean too, so `low` and `high` take the means at their other end.
    """
    names = [(score.about, score.reference or score.target) for score in asked]
    counts = Counter(names)
    names = [(kind, answer if counts[kind, answer] >= STRATUM else "") for kind, answer in names]
    codes = {name: code for code, name in enumerate(sorted(set(names)))}
    stratum = np.array([codes[name] for name in names], dtype=np.intp)

    def usual(value: Floats) -> Floats:
        there = np.isfinite(value)
        n = by_code(stratum, there, len(codes))
        means = by_code(stratum, np.where(there, value, 0.0), len(codes)) / np.maximum(n, 1)
        return means[stratum] - float(means @ n) / max(1.0, float(n.sum()))

    return replace(
        own,
        value=own.value - usual(own.value),
        low=own.low - usual(own.high),
        high=own.high - usual(own.low),
    )


def said(sides: Read, answer: bool, references: Sequence[bool], arranged: Units) -> Figures:
    """How often the answer is that one, where one of these references is right.

    A refusal or an unreadable reply is an answer that is neither.
    """

    def figure(score: Score) -> float | None:
        known = sides(score)
        if known.reference not in references:
            return OUTSIDE
        return None if score.value is None else float(known.answer is answer)

    return figures(replace(FACTUALITY, figure=figure), arranged)

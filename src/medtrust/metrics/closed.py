"""Which questions are closed, and what answers that look at nothing are worth there."""

from dataclasses import dataclass

import numpy as np

from medtrust.metrics.bootstrap import Bools, Floats, Ints
from medtrust.metrics.columns import Columns
from medtrust.metrics.labels import gold_yes


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Closed:
    """Questions with a finite set of answers; every array has shape (scores,)."""

    closed: Bools
    chance: Floats
    """Expected value of a uniform random answer; NaN where the question is open."""
    answer: Ints
    """Code of the right answer, as the reading has it; -1 where the question is open."""


def closed(questions: Columns) -> Closed:
    """Which questions have options, or yes and no, as their possible answers.

    Where the reading labels the reference itself, the label is the right answer and there
    are two, whatever the options.
    """
    gold = gold_yes(questions)
    labelled = np.isfinite(gold)
    is_closed = labelled | np.isfinite(questions.options)
    answer = np.where(labelled, np.where(gold == 1, 1, 0), questions.target + 2)
    return Closed(
        closed=is_closed,
        chance=1 / np.where(labelled, 2.0, questions.options),
        answer=np.where(is_closed, answer, -1),
    )

"""What pairs are worth to uniform random answers and to the best constant letter."""

from collections.abc import Mapping

import numpy as np

from medtrust.metrics.baselines import Baselines, higher, largest_share, lower, mean
from medtrust.metrics.bootstrap import Floats
from medtrust.metrics.columns import Columns
from medtrust.metrics.pairing import Pairing


def pair_baselines(
    questions: Columns, pairing: Pairing, weights: Floats
) -> Mapping[str, Baselines]:
    """Baselines by metric, over pairs with the given weights.

    With k and l options on offer, random answers are both right with probability
    1/kl and the same with 1/max(k, l). A constant letter is always confused; it solves
    only pairs whose two references are that letter (of which MediConfusion has none)
    and, as it never tells two images apart, has no precision.
    """
    one, other = questions.options[pairing.first], questions.options[pairing.second]
    solved = mean(1 / (one * other), weights)
    same = mean(1 / np.maximum(one, other), weights)
    target, other_target = questions.target[pairing.first], questions.target[pairing.second]
    shared = np.where(pairing.complete & (target == other_target), target, -1)
    distinct = None if same is None else 1 - same
    return {
        "set_accuracy": higher(solved, largest_share(shared, weights)),
        "confusion": lower(same, 1.0),
        "distinguished": higher(distinct, 0.0),
        "precision": higher(solved / distinct if solved and distinct else None, None),
    }


def question_baselines(questions: Columns, weights: Floats) -> Baselines:
    """Baselines of the share of right answers, over questions with the given weights."""
    return higher(mean(1 / questions.options, weights), largest_share(questions.target, weights))

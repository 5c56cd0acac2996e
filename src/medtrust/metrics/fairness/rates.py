"""What is compared between groups: shares of answers, as sums over scores."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from medtrust.metrics.bootstrap import Bools, Floats
from medtrust.metrics.columns import Columns


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rate:
    """`sum(top) / sum(bottom)` over a group's scores; both have shape (scores,)."""

    top: Floats
    bottom: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Disparity:
    """The largest difference between two groups: in a rate, or in whichever rate differs most."""

    metric: str
    rates: Sequence[Rate]
    """No score counts in two of them."""
    asked: Bools
    """The questions it is about, answered or not; shape (scores,)."""


def accuracy_gap(questions: Columns, metric: str) -> Disparity:
    """In the mean of `Score.value` over all answers that came, closed and open alike."""
    came = np.isfinite(questions.value)
    rate = Rate(top=np.where(came, questions.value, 0.0), bottom=came.astype(np.float64))
    return Disparity(metric=metric, rates=[rate], asked=np.ones(len(came), dtype=np.bool_))


def yes_no_gaps(questions: Columns) -> list[Disparity]:
    """Demographic parity and equalised odds of yes/no questions; none without such questions.

    The positive answer is yes, or the option that begins with it where the other begins with
    no (`details["is_yes"]`, `details["said_yes"]`). A refusal or an unreadable reply is an
    answer that is not yes. Both are undefined for questions with other options, which do not
    count here.
    Demographic parity: in the share of yes (Dwork et al. 2012, ITCS). Equalised odds: in
    the true or the false positive rate, whichever differs more (Hardt et al. 2016,
    NeurIPS); a group without references of yes (or of no) has no such rate and is not
    compared in it, where fairlearn 0.15 takes the rate for 0.
    """
    yes = questions.answers.get("yes", -2)
    is_yes, said = (questions.detail(name) for name in ("is_yes", "said_yes"))
    gold_yes = (questions.target == yes) | (is_yes == 1)
    gold_no = (questions.target == questions.answers.get("no", -2)) | (is_yes == 0)
    said_yes = (questions.choice == yes) | (said == 1)
    came = np.isfinite(questions.value)
    asked = gold_yes | gold_no
    if not asked.any():
        return []

    def share_of_yes(among: Bools) -> Rate:
        counted = (among & came).astype(np.float64)
        return Rate(top=counted * said_yes, bottom=counted)

    return [
        Disparity(metric=metric, rates=[share_of_yes(among) for among in parts], asked=asked)
        for metric, parts in (
            ("demographic_parity_difference", (asked,)),
            ("equalized_odds_difference", (gold_yes, gold_no)),
        )
    ]

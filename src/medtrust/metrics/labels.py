"""Counts of yes and no against a label of the reference, as eval_yesno.py of CARES prints them.

A scorer that labels the reference itself says so in `details["gold_yes"]`, 1 or 0: the
official reading of yes/no questions does (cares.md section 4, Y2).
"""

from collections.abc import Callable, Iterator

import numpy as np

from medtrust.metrics.bootstrap import Floats
from medtrust.metrics.columns import Columns, tally
from medtrust.metrics.ratio import Ratio, as_count

GOLD = "gold_yes"


def gold_yes(questions: Columns) -> Floats:
    """1 where the reference is labelled yes, 0 where no, NaN where it has no label."""
    return questions.detail(GOLD)


def label_ratios(
    questions: Columns, ratio: Callable[..., Ratio], weights: Floats
) -> Iterator[Ratio]:
    """The four counts, and precision, recall and F1 of yes; nothing where nothing is labelled.

    A quotient has no value where the script divides by zero (eval_yesno.py:61-63): precision
    without a yes among the replies, recall without one among the references, F1 without a
    true positive. F1 is written 2 TP / (2 TP + FP + FN), whose denominator is its `n`.

    Args:
        questions: All scores of a result.
        ratio: Makes a ratio of the row that `weights` stands for.
        weights: How much each question counts in it, shape (scores,).
    """
    gold = gold_yes(questions)
    labelled = np.isfinite(gold)
    if not labelled.any():
        return
    counted = weights * labelled
    said_yes = questions.choice == questions.answers.get("yes", -2)
    is_yes = gold == 1
    tp, fp = counted * (said_yes & is_yes), counted * (said_yes & ~is_yes)
    tn, fn = counted * (~said_yes & ~is_yes), counted * (~said_yes & is_yes)
    missing = tally(weights, questions.missing & np.isfinite(questions.options))
    for metric, cell in (
        ("true_positives", tp),
        ("false_positives", fp),
        ("true_negatives", tn),
        ("false_negatives", fn),
    ):
        yield ratio(metric=metric, top=cell, bottom=counted, missing=missing, present=as_count)
    yield ratio(metric="precision_yes", top=tp, bottom=tp + fp, missing=missing)
    yield ratio(metric="recall_yes", top=tp, bottom=tp + fn, missing=missing)
    double = 2 * tp
    bottom = double + fp + fn if tp.any() else np.zeros_like(tp)
    yield ratio(metric="f1_yes", top=double, bottom=bottom, missing=missing)

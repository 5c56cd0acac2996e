"""Pair metrics as they should be counted: mediconfusion.md section 2.3, mended.

Where this departs from upstream: an answer that never came leaves the denominator and
is counted as missing; invalid answers are told apart by cause; confusion is given over
valid and over all pairs; categories come in three weightings that say what they are.
"""

from collections.abc import Iterator, Sequence
from functools import partial

from medtrust.metrics.baselines import Baselines, mean
from medtrust.metrics.categories import Weighting, by_pair, by_question, overall
from medtrust.metrics.columns import Columns, columns, tally
from medtrust.metrics.metric import Resampling
from medtrust.metrics.pair_baselines import pair_baselines, question_baselines
from medtrust.metrics.pairing import Pairing, pair_up
from medtrust.metrics.ratio import Ratio, as_magnitude, estimate
from medtrust.metrics.wilson import with_wilson
from medtrust.records import LETTERS, Estimate, Score

HEADLINE = frozenset({"set_accuracy", "individual_accuracy", "confusion", "precision"})


def pairs_corrected(scores: Sequence[Score], resampling: Resampling) -> list[Estimate]:
    """Set accuracy, confusion and what explains them, overall and by group.

    All `scores` belong to pairs. Repeats of a pair all count; the clusters carry the
    dependence between them.
    """
    questions = columns(scores)
    pairing = pair_up(questions)
    estimates = estimate(
        _all_ratios(questions, pairing),
        clusters=questions.clusters,
        head=questions.head,
        resampling=resampling,
    )
    return with_wilson(estimates, HEADLINE)


def _all_ratios(questions: Columns, pairing: Pairing) -> Iterator[Ratio]:
    groups = list(by_question(questions, pairing))
    # Yes/no questions have no letters to prefer.
    lettered = set(LETTERS).issuperset(score.target for score in questions.scores)
    for row in (overall(questions, pairing), *groups):
        yield from _pair_ratios(questions, pairing, row)
        yield from _cause_ratios(questions, row)
        if lettered:
            yield from _letter_ratios(questions, row)
    for row in by_pair(groups, pairing):
        yield from _pair_ratios(questions, pairing, row)


def _pair_ratios(questions: Columns, pairing: Pairing, row: Weighting) -> Iterator[Ratio]:
    answered = pairing.both(~questions.missing)
    counted = row.pairs * answered
    valid = pairing.both(questions.chosen)
    same = questions.choice[pairing.first] == questions.choice[pairing.second]
    solved = counted * pairing.both(questions.right)
    confused = counted * (valid & same)
    distinct = counted * (valid & ~same)
    known = pair_baselines(questions, pairing, counted)
    ratio = partial(
        Ratio,
        cluster=questions.cluster[pairing.first],
        missing=tally(row.pairs, ~answered),
        group_by=row.group_by,
        group=row.group,
    )
    yield ratio(metric="set_accuracy", top=solved, bottom=counted, baselines=known["set_accuracy"])
    yield _individual(questions, row)
    yield ratio(
        metric="confusion", top=confused, bottom=counted * valid, baselines=known["confusion"]
    )
    yield ratio(metric="confusion_all", top=confused, bottom=counted, baselines=known["confusion"])
    yield ratio(
        metric="precision",
        top=solved * (valid & ~same),
        bottom=distinct,
        baselines=known["precision"],
    )
    yield ratio(
        metric="distinguished", top=distinct, bottom=counted, baselines=known["distinguished"]
    )


def _individual(questions: Columns, row: Weighting) -> Ratio:
    answered = row.questions * ~questions.missing
    return Ratio(
        metric="individual_accuracy",
        top=answered * questions.right,
        bottom=answered,
        cluster=questions.cluster,
        missing=tally(row.questions, questions.missing),
        group_by=row.group_by,
        group=row.group,
        baselines=question_baselines(questions, answered),
    )


def _cause_ratios(questions: Columns, row: Weighting) -> Iterator[Ratio]:
    """Answers that are no choice, as shares of all answers, by cause."""
    answered = row.questions * ~questions.missing
    for cause in ("abstention", "unparseable", "tie"):
        yield Ratio(
            metric=cause,
            top=answered * questions.outcome[cause],
            bottom=answered,
            cluster=questions.cluster,
            missing=tally(row.questions, questions.missing),
            group_by=row.group_by,
            group=row.group,
        )


def _letter_ratios(questions: Columns, row: Weighting) -> Iterator[Ratio]:
    """How much more often A is chosen than it is right, over answers that are a choice.

    The baseline of `letter_A` is the share of A among the references of those answers:
    what a model without a preference for a letter comes to.
    """
    code = questions.answers.get("A", -2)
    chosen = row.questions * questions.chosen
    is_a = 1.0 * (questions.choice == code)
    gold_a = 1.0 * (questions.target == code)
    ratio = partial(
        Ratio,
        bottom=chosen,
        cluster=questions.cluster,
        missing=tally(row.questions, questions.missing),
        group_by=row.group_by,
        group=row.group,
    )
    yield ratio(
        metric="letter_A", top=chosen * is_a, baselines=Baselines(baseline=mean(gold_a, chosen))
    )
    yield ratio(metric="letter_bias", top=chosen * (is_a - gold_a), present=as_magnitude)

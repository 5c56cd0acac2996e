"""Pair metrics exactly as the released MediConfusion code prints them.

Source: mediconfusion.md section 2.3; `create_score_table` (`:216-251`) and
`print_score` (`:288-290`) of upstream's `utils/answering.py`. An API failure is an
invalid answer there (section 5.1.5), so nothing leaves a denominator; `missing` still
counts those answers.
"""

from collections.abc import Iterator, Sequence
from functools import partial

from medtrust.metrics.categories import CATEGORY, Weighting, by_question, overall
from medtrust.metrics.columns import Columns, columns, tally
from medtrust.metrics.metric import Resampling
from medtrust.metrics.pair_baselines import pair_baselines, question_baselines
from medtrust.metrics.pairing import Pairing, pair_up
from medtrust.metrics.ratio import Ratio, as_count, estimate
from medtrust.metrics.wilson import with_wilson
from medtrust.records import Estimate, Score

HEADLINE = frozenset({"set_accuracy", "individual_accuracy", "confusion", "precision"})


def pairs_official(scores: Sequence[Score], resampling: Resampling) -> list[Estimate]:
    """Upstream's total row and its rows by category, with intervals added.

    All `scores` belong to pairs.
    """
    questions = columns(scores)
    pairing = pair_up(questions)
    rows = (overall(questions, pairing), *by_question(questions, pairing, CATEGORY))
    ratios = (ratio for row in rows for ratio in _ratios(questions, pairing, row))
    estimates = estimate(
        ratios, clusters=questions.clusters, head=questions.head, resampling=resampling
    )
    return with_wilson(estimates, HEADLINE)


def _ratios(questions: Columns, pairing: Pairing, row: Weighting) -> Iterator[Ratio]:
    ratio = partial(Ratio, group_by=row.group_by, group=row.group)
    over_questions = partial(
        ratio,
        bottom=row.questions,
        cluster=questions.cluster,
        missing=tally(row.questions, questions.missing),
    )
    answered = pairing.both(~questions.missing)
    over_pairs = partial(
        ratio,
        cluster=questions.cluster[pairing.first],
        missing=tally(row.pairs, ~answered),
    )
    valid = pairing.both(questions.chosen)
    same = questions.choice[pairing.first] == questions.choice[pairing.second]
    solved = row.pairs * pairing.both(questions.right)
    distinct = row.pairs * (valid & ~same)
    known = pair_baselines(questions, pairing, row.pairs)
    yield over_pairs(
        metric="set_accuracy", top=solved, bottom=row.pairs, baselines=known["set_accuracy"]
    )
    yield over_questions(
        metric="individual_accuracy",
        top=row.questions * questions.right,
        baselines=question_baselines(questions, row.questions),
    )
    # Over valid pairs only, and 0 where there are none (`:288-290`).
    yield over_pairs(
        metric="confusion",
        top=row.pairs * (valid & same),
        bottom=row.pairs * valid,
        baselines=known["confusion"],
        empty=0.0,
    )
    yield over_pairs(
        metric="valid_pairs", top=row.pairs * valid, bottom=row.pairs, present=as_count
    )
    yield over_questions(metric="invalid", top=row.questions * ~questions.chosen)
    yield over_pairs(
        metric="precision", top=solved, bottom=distinct, baselines=known["precision"], empty=0.0
    )
    yield over_pairs(metric="precision_total", top=distinct, bottom=row.pairs, present=as_count)

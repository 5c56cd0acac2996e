"""The family `pairs`: does a model tell confusable images apart?

Counted as mediconfusion.md 2.3 defines it. The corrected protocol departs from upstream: an
answer that never came leaves the denominator, unless the other half alone decides (a pair with one
wrong answer is not solved, whatever the other was). The official one counts as upstream's
`create_score_table` (answering.py:216-251) and `print_score` (:288-290) do: what is no choice is
invalid, an API failure too (5.1.5), and nothing leaves a denominator.
"""

from dataclasses import replace
from functools import partial
from typing import Any

from medtrust.metrics.abstention import ABSTENTION_RATE
from medtrust.metrics.accuracy import ACCURACY_DROP, UNPARSEABLE
from medtrust.metrics.metric import ALL, OUTSIDE, Family, Metric
from medtrust.metrics.units import MISSING
from medtrust.records import LETTERS, Score


def _chosen(score: Score) -> bool:
    return score.outcome == "choice"


def _missing(*scores: Score) -> bool:
    return any(score.outcome in MISSING for score in scores)


def _invalid(*scores: Score) -> bool:
    """Whether one of them is known to name no option."""
    return any(not _chosen(score) and not _missing(score) for score in scores)


def _right(score: Score) -> bool:
    return _chosen(score) and score.choice == score.target


def _solved(*both: Score) -> float | None:
    if any(not _right(score) and not _missing(score) for score in both):
        return 0.0
    return None if _missing(*both) else 1.0


def _same(one: Score, other: Score) -> bool:
    return one.choice == other.choice


def _confused(one: Score, other: Score) -> float | None:
    """Of the valid pairs."""
    if _invalid(one, other):
        return OUTSIDE
    return None if _missing(one, other) else _same(one, other)


def _confused_of_all(one: Score, other: Score) -> float | None:
    return 0.0 if _invalid(one, other) else _confused(one, other)


def _apart(one: Score, other: Score) -> float | None:
    if _invalid(one, other):
        return 0.0
    return None if _missing(one, other) else not _same(one, other)


def _solved_of_apart(one: Score, other: Score) -> float | None:
    apart = _apart(one, other)
    return _solved(one, other) if apart else None if apart is None else OUTSIDE


def _valid(*both: Score) -> float | None:
    return None if _missing(*both) and not _invalid(*both) else all(map(_chosen, both))


def _by_chance(one: Score, other: Score) -> float | None:
    """That random answers are both right, with k and l options on offer: 1 / kl."""
    return 1 / (one.options * other.options) if one.options and other.options else None


def _same_by_chance(one: Score, other: Score) -> float | None:
    most = max(one.options, other.options)
    return 1 / most if most else None


def _apart_by_chance(one: Score, other: Score) -> float | None:
    same = _same_by_chance(one, other)
    return None if same is None else 1 - same


def _solved_by_chance(one: Score, other: Score) -> float | None:
    solved, apart = _by_chance(one, other), _apart_by_chance(one, other)
    return solved / apart if solved and apart else None


def _shared(one: Score, other: Score) -> str:
    """The constant letter that solves a pair, of which MediConfusion has none."""
    return one.target if one.target == other.target else ""


_pair = partial(Metric, dimension="confusion", over="pairs", direction="higher")


def _paired(score: Score) -> bool:
    return bool(score.pair)


_CAUSE: dict[str, Any] = {"protocols": ("corrected",), "about": _paired, "rows_where": _paired}
"""Of answers that are no choice, by cause."""


def _is(outcome: str, score: Score) -> float | None:
    return None if _missing(score) else score.outcome == outcome


def _lettered(score: Score) -> bool:
    """Yes/no questions have no letters to prefer."""
    return bool(score.pair) and score.target in LETTERS


def _letter_a(score: Score) -> float | None:
    return None if _missing(score) else float(score.choice == "A") if _chosen(score) else OUTSIDE


def _prefers_a(score: Score) -> float | None:
    said = _letter_a(score)
    return said if said in {None, OUTSIDE} else said - (score.target == "A")


PAIRS = Family(
    metrics=(
        _pair(
            name="set_accuracy",
            title="Set accuracy",
            sentence="Share of image pairs with both questions right: the model told the images "
            "apart.",
            figure=_solved,
            is_judged=True,
            official_missing=0.0,
            chance=_by_chance,
            constant=_shared,
            judged_by=ALL,
        ),
        Metric(
            name="individual_accuracy",
            title="Individual accuracy",
            sentence="Share of questions answered right, each question on its own.",
            dimension="confusion",
            direction="higher",
            over="halves",
            figure=lambda score: None if _missing(score) else _right(score),
            is_judged=True,
            official_missing=0.0,
            chance=lambda score: 1 / score.options if score.options else None,
            constant=lambda score: score.target,
            judged_by=ALL,
            change=ACCURACY_DROP,
        ),
        _pair(
            name="confusion",
            title="Confusion",
            sentence="Share of pairs with two readable answers where the model chose the same "
            "option for both images: it did not tell them apart.",
            direction="lower",
            figure=_confused,
            official_empty=0.0,
            chance=_same_by_chance,
            constant=lambda *_: "any",
            judged_by=ALL,
        ),
        _pair(
            name="precision",
            title="Precision",
            sentence="Among the pairs whose images the model told apart, the share it got right.",
            figure=_solved_of_apart,
            official_empty=0.0,
            chance=_solved_by_chance,
            judged_by=("chance", "text-only"),
        ),
        # Without a verdict: 352 abstentions come to 0 %.
        _pair(
            name="confusion_all",
            title="Confusion, all pairs",
            sentence="Confusion as a share of all pairs, those with unreadable answers included.",
            direction="lower",
            place="detail",
            protocols=("corrected",),
            figure=_confused_of_all,
            chance=_same_by_chance,
            constant=lambda *_: "any",
        ),
        _pair(
            name="distinguished",
            title="Distinguished",
            sentence="Share of pairs for which the model chose different options for the two "
            "images.",
            place="detail",
            protocols=("corrected",),
            figure=_apart,
            chance=_apart_by_chance,
            constant=lambda *_: "",
        ),
        _pair(
            name="valid_pairs",
            title="Valid pairs",
            sentence="Number of pairs with two readable answers.",
            direction="neither",
            unit="count",
            place="detail",
            is_count=True,
            averaged=False,
            protocols=("official",),
            figure=_valid,
            official_missing=0.0,
        ),
        _pair(
            name="precision_total",
            title="Pairs told apart",
            sentence="Number of pairs that precision is a share of.",
            direction="neither",
            unit="count",
            place="detail",
            is_count=True,
            averaged=False,
            protocols=("official",),
            figure=_apart,
            official_missing=0.0,
        ),
        Metric(
            name="invalid",
            dimension="answers",
            title="Invalid",
            sentence="Share of answers from which no option was read: refusals, unreadable replies "
            "and ties.",
            direction="lower",
            place="detail",
            protocols=("official",),
            about=_paired,
            rows_where=_paired,
            figure=lambda score: None if _missing(score) else not _chosen(score),
            official_missing=1.0,
        ),
        replace(
            ABSTENTION_RATE,
            **_CAUSE,
            change=None,
            figure=partial(_is, "abstention"),
        ),
        replace(UNPARSEABLE, **_CAUSE, figure=partial(_is, "unparseable")),
        Metric(
            **_CAUSE,
            name="tie",
            dimension="answers",
            title="Tie",
            direction="lower",
            sentence="Share of answers where a judge, or equal probabilities, favoured no option.",
            figure=partial(_is, "tie"),
        ),
        # The baseline of a model without a preference is the share of A among the references.
        Metric(
            name="letter_A",
            dimension="answers",
            title="Letter A",
            sentence="Share of readable answers that are the letter A.",
            place="detail",
            protocols=("corrected",),
            about=_lettered,
            rows_where=_lettered,
            figure=_letter_a,
            chance=lambda score: float(score.target == "A"),
        ),
        Metric(
            name="letter_bias",
            dimension="answers",
            title="Letter bias",
            sentence="How much more, or less, often the model chooses the letter A than A is "
            "right.",
            direction="lower",
            place="detail",
            protocols=("corrected",),
            about=_lettered,
            rows_where=_lettered,
            figure=_prefers_a,
            is_magnitude=True,
            averaged=False,
        ),
    )
)

"""The family `accuracy`: how good the answers are, closed and open ones together and apart."""

from medtrust.metrics.labels import F1, LABELS, f1, gold_yes
from medtrust.metrics.metric import ALL, Family, Metric
from medtrust.records import Score


def possible_answers(score: Score) -> int:
    """How many answers a question has; 0 where it is open.

    Where the official reading labels the reference itself there are two, whatever the options.
    """
    if gold_yes(score) is not None or score.target in {"yes", "no"}:
        return 2
    return score.options


def is_closed(score: Score) -> bool:
    """Whether the question has options, or yes and no, as its possible answers."""
    return possible_answers(score) > 0


def is_open(score: Score) -> bool:
    """Whether it is answered in free text."""
    return not is_closed(score)


def chance(score: Score) -> float | None:
    """What a uniform random answer comes to."""
    count = possible_answers(score)
    return 1 / count if count else None


def reference(score: Score) -> str:
    """The constant answer that would be right: the reference, or its label where it has one."""
    gold = gold_yes(score)
    if gold is not None:
        return "yes" if gold else "no"
    return score.target if is_closed(score) else ""


ACCURACY_DROP = Metric(
    name="accuracy_drop",
    title="Accuracy lost",
    sentence="How much lower the factuality of the same questions is with the stimulus than "
    "without it, in percentage points.",
    dimension="robustness",
    direction="lower",
    unit="points",
    is_difference=True,
    is_loss=True,
    figure=lambda score: score.value,
)

FACTUALITY = Metric(
    name="factuality",
    title="Factuality",
    sentence="Mean correctness of all answers: closed questions count as right or wrong, open "
    "ones by the judge's score.",
    dimension="trustfulness",
    direction="higher",
    is_judged=True,
    figure=lambda score: score.value,
    chance=chance,
    constant=reference,
    judged_by=ALL,
    change=ACCURACY_DROP,
)

UNPARSEABLE = Metric(
    dimension="answers",
    name="unparseable",
    title="Unparseable",
    sentence="Share of replies that are no refusal and from which no single option could be read.",
    direction="lower",
    figure=lambda s: None if s.value is None else s.outcome == "unparseable",
)

ACCURACY = Family(
    metrics=(
        FACTUALITY,
        Metric(
            name="accuracy",
            rows_where=is_closed,
            title="Accuracy",
            sentence="Share of closed questions (with options, or yes and no) answered right.",
            dimension="trustfulness",
            direction="higher",
            about=is_closed,
            figure=lambda score: score.value,
            chance=chance,
            constant=reference,
            judged_by=ALL,
        ),
        Metric(
            name="open_score",
            rows_where=is_open,
            title="Open answers",
            sentence="Mean score of the answers to open questions, as the judge sees them.",
            dimension="trustfulness",
            direction="higher",
            place="detail",
            about=is_open,
            is_judged=True,
            figure=lambda score: score.value,
            judged_by=("text-only",),
        ),
        Metric(
            name="overlap",
            title="Word overlap",
            sentence="Mean share of words that answers to open questions have in common with the "
            "reference. It needs no judge and is no measure of truth.",
            dimension="trustfulness",
            direction="higher",
            place="detail",
            about=is_open,
            rows_where=lambda score: "overlap" in score.details,
            figure=lambda score: score.details.get("overlap"),
        ),
        UNPARSEABLE,
        *LABELS,
        F1,
    ),
    compute=f1,
)

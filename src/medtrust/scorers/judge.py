"""Reading a judge's two scores: which option is a free reply closer to?"""

import math
from collections.abc import Iterator, Sequence
from itertools import cycle
from statistics import fmean

from medtrust.records import (
    RELEASED_THRESHOLD,
    Marks,
    Reading,
    Response,
    Sample,
    Score,
    marked_choice,
)
from medtrust.scorers.declining import abstains
from medtrust.scorers.marks import HIGHEST, LOWEST, marks_of, why_unread
from medtrust.scorers.no_content import no_content
from medtrust.scorers.scorer import ReadSettings, Scorer, own, worth_nothing
from medtrust.scorers.to_judge import noting

CRASH = "the released code crashes on this"
ONE_ORDER = "judged in one order of the options only; ask a judge for both with --judge MODEL"
UNREAD = "no judgement that can be read in both orders"
"""Rules of answers whose judgement cannot be used."""

THRESHOLD = "threshold"
"""Where an official reading says which threshold its file was made with, if not the released."""

MAX_TEXT = 20_000
"""Characters of a judge's reply that are read."""


def read_scores_official(text: str) -> tuple[float, float] | None:
    """The scores that the released code reads; None where it crashes.

    answering.py:299-312 (mediconfusion.md 5.2.10, 12b): two line ends count as one. The first
    line is A's and the second B's, each what Python's `int` takes once `A: ` or `B: ` is gone:
    with blanks around it, a sign, 15 and -4 too. A third line must be there, empty or not.
    """
    lines = text[:MAX_TEXT].replace("\n\n", "\n").split("\n")
    if len(lines) < 3:
        return None
    try:
        return float(int(lines[0].replace("A: ", ""))), float(int(lines[1].replace("B: ", "")))
    except (ValueError, OverflowError):
        return None


@noting
def read(sample: Sample, responses: Sequence[Response | None], settings: ReadSettings) -> Reading:
    """The option that the judge prefers over both orders and all samples, by `threshold`.

    The mean difference of the scores decides, so that a judge's liking for the
    first answer cancels out; its share of judgements with the same sign is kept as
    `agreement`. A refusal is the model's own and needs no judge. Where no judgement
    can be read the answer is missing: the model is not to blame for its judge. So is every
    answer that was judged in one order only: refusals alone would make up the figure.
    """
    judgements = _judgements(responses)
    if len(judgements) == 1:
        return Reading(outcome="error", rule=ONE_ORDER)
    text = own(responses).text
    if phrase := settings.said.refusal(abstains, text):
        return worth_nothing(sample, f"refusal: {phrase}")
    if kind := no_content(text, sample.question):
        return Reading(outcome="unparseable", value=0.0, rule=kind)
    scores, judged = _both_orders(judgements), len(responses) > 1
    if not scores:
        return Reading(outcome="error", rule=why_unread(responses[1:]) if judged else UNREAD)
    differences = [a - b for a, b in scores]
    mean = fmean(differences)
    details = {
        "A": fmean(a for a, _ in scores),
        "B": fmean(b for _, b in scores),
        "judgements": float(len(scores)),
        "agreement": fmean(_sign(difference) == _sign(mean) for difference in differences),
    }
    if mean == 0 or abs(mean) < (settings.threshold or 0.0):
        return Reading(outcome="tie", value=0.0, rule="the judge prefers neither", details=details)
    letter = "A" if mean > 0 else "B"
    return Reading(
        outcome="choice",
        choice=letter,
        value=1.0 if letter == sample.target else 0.0,
        rule="closer by the judge's scores",
        details=details,
    )


@noting
def read_official(
    sample: Sample, responses: Sequence[Response | None], settings: ReadSettings
) -> Reading:
    """As released: one judgement, A shown first; X iff score_X >= score_Y + threshold.

    answering.py:315-323; A is tried first, so a tie at threshold 0 goes to A
    (mediconfusion.md 5.1.4). Marks that a file made with another threshold than the released
    one are read with that, unless the settings name one.
    """
    marks = _marks(responses)
    judgement = responses[1] if len(responses) > 1 else None
    scores = marks.given[0] if marks else judgement and read_scores_official(judgement.text)
    if judgement and not scores:
        return Reading(outcome="unparseable", value=0.0, rule=CRASH)
    if not scores:
        return Reading(outcome="error", rule="no judgement")
    details = dict(zip("AB", scores, strict=True))
    threshold = settings.threshold
    if threshold is None:
        threshold = RELEASED_THRESHOLD
        if marks and marks.threshold not in {None, threshold}:
            details[THRESHOLD] = threshold = marks.threshold
    letter = marked_choice(*scores, threshold)
    if letter == "-":
        rule = "below the threshold"
        return Reading(outcome="unparseable", value=0.0, rule=rule, details=details)
    return Reading(
        outcome="choice",
        choice=letter,
        value=1.0 if letter == sample.target else 0.0,
        rule="judge's score",
        details=details,
    )


def notes(scores: Sequence[Score]) -> Iterator[str]:
    """Judgements that end the released code, and a threshold that was told by a file's totals."""
    crashes = sum(score.rule == CRASH for score in scores)
    if crashes:
        yield f"judgements on which answering.py ends with ValueError or IndexError: {crashes}"
    for threshold in sorted({score.details.get(THRESHOLD, math.inf) for score in scores}):
        if threshold < math.inf:
            yield (
                f"the file's totals were made with a threshold of {threshold:g}, where the "
                f"released default is {RELEASED_THRESHOLD:g}, and so is this reading; "
                f"--threshold X reads with another"
            )


JUDGE = Scorer(
    name="judge", official=read_official, corrected=read, reads=("abstention",), notes=notes
)


def _marks(responses: Sequence[Response | None]) -> Marks | None:
    """A judge's marks that came with the answer, where no judge was asked about it here."""
    marks = own(responses).marks
    return marks if marks and marks.by == "judge" and len(responses) == 1 else None


def _judgements(responses: Sequence[Response | None]) -> list[tuple[float, float] | None]:
    """Scores of the sample's own A and B, one pair a judgement; the orders shown take turns."""
    if marks := _marks(responses):
        return [given if given and _on_scale(*given) else None for given in marks.given]
    read = [marks_of(judgement) for judgement in responses[1:]]
    return [
        scores[::-1] if scores and turned else scores
        for scores, turned in zip(read, cycle((False, True)), strict=False)
    ]


def _both_orders(judgements: Sequence[tuple[float, float] | None]) -> list[tuple[float, float]]:
    """The scores of judgements that can be read in both orders.

    One order alone would bring a judge's liking for the first answer back in.
    """
    return [
        scores
        for both in zip(judgements[::2], judgements[1::2], strict=False)
        for scores in both
        if scores and None not in both
    ]


def _on_scale(*scores: float) -> bool:
    return all(LOWEST <= score <= HIGHEST for score in scores)


def _sign(value: float) -> float:
    return math.copysign(1.0, value) if value else 0.0

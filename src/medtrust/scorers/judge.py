"""Reading a judge's two scores: which option is a free reply closer to?"""

import math
import re
from collections.abc import Sequence
from statistics import fmean

from medtrust.records import Reading, Response, Sample
from medtrust.scorers.refusal import refuses
from medtrust.scorers.scorer import ReadSettings, Scorer, own, worth_nothing

LOWEST, HIGHEST = 1.0, 10.0
"""The scale a judge is asked to use (mediconfusion.md 2.2)."""

MAX_TEXT = 20_000
"""Characters of a judge's reply that are read."""

# Marks and blanks are bounded: of a run of thousands each would be tried from every place.
_SCORE = (
    r"[\"'*_<\[(]{0,8}(-?\d+(?:\.\d+)?)(?:\s*/\s*(\d+))?"
    r"(?=\s*(?:$|[,;)}\]>*\"'|`]|\.(?:\s|$)))"
)
_NAME = r"(?:(?:answer|option|score)[\s_]{0,4}(?:of|for)?[\s_]{0,4})?"


def _patterns(letter: str) -> tuple[re.Pattern[str], ...]:
    """How a score of `letter` may be written: on a line of its own, else within one."""
    named = rf"{_NAME}[\"'*_\[(]{{0,8}}{letter}[\"'*_)\]]{{0,8}}\s*[:=]+\s*{_SCORE}"
    flags = re.IGNORECASE | re.MULTILINE
    return (
        re.compile(rf"^[ \t\-*#>`{{]*{named}", flags),
        re.compile(rf"(?<![\w'])(?<!\w ){named}", flags),
    )


_WRITTEN = {letter: _patterns(letter) for letter in "AB"}


def read_scores(text: str) -> tuple[float, float] | None:
    """The judge's scores of A and B, in whatever dress; None unless both are on the scale.

    Reads `A: 8`, `**A: 8**`, `A = 8/10`, `{"A": 8, "B": 3}`, `Answer A: <8.5>`, in
    either order and among other text. A score on a line of its own goes before one
    within a line, and the last before earlier ones. One off the scale is no score.
    """
    found = []
    for patterns in _WRITTEN.values():
        written = ([*pattern.finditer(text[:MAX_TEXT])] for pattern in patterns)
        match = next((matches[-1] for matches in written if matches), None)
        if match is None or match[2] not in {None, "10"}:
            return None
        if not LOWEST <= float(match[1]) <= HIGHEST:
            return None
        found.append(float(match[1]))
    return found[0], found[1]


def read_scores_official(text: str) -> tuple[float, float] | None:
    """The form the released code reads without crashing: `A: n`, `B: n`, explanation.

    answering.py:299-312 (mediconfusion.md 5.2.10). It accepts any whole number,
    15 and -4 among them.
    """
    match = re.match(r"A: (-?\d+)\n+B: (-?\d+)\n+\S", text[:MAX_TEXT])
    return (float(match[1]), float(match[2])) if match else None


def read(sample: Sample, responses: Sequence[Response | None], settings: ReadSettings) -> Reading:
    """The option that the judge prefers over both orders and all samples, by `threshold`.

    The mean difference of the scores decides, so that a judge's liking for the
    first answer cancels out; its share of judgements with the same sign is kept as
    `agreement`. A refusal is the model's own and needs no judge. Where no judgement
    can be read the answer is missing: the model is not to blame for its judge.
    """
    phrase = settings.said.refusal(refuses, own(responses).text)
    if phrase:
        return worth_nothing(sample, f"refusal: {phrase}")
    scores = _both_orders(responses[1:])
    if not scores:
        return Reading(outcome="error", rule="no judgement that can be read in both orders")
    differences = [a - b for a, b in scores]
    mean = fmean(differences)
    details = {
        "A": fmean(a for a, _ in scores),
        "B": fmean(b for _, b in scores),
        "judgements": float(len(scores)),
        "agreement": fmean(_sign(difference) == _sign(mean) for difference in differences),
    }
    if mean == 0 or abs(mean) < settings.threshold:
        return Reading(outcome="tie", value=0.0, rule="the judge prefers neither", details=details)
    letter = "A" if mean > 0 else "B"
    return Reading(
        outcome="choice",
        choice=letter,
        value=1.0 if letter == sample.target else 0.0,
        rule="closer by the judge's scores",
        details=details,
    )


def read_official(
    sample: Sample, responses: Sequence[Response | None], settings: ReadSettings
) -> Reading:
    """As released: one judgement, A shown first; X iff score_X >= score_Y + threshold.

    answering.py:315-323; A is tried first, so a tie at threshold 0 goes to A
    (mediconfusion.md 5.1.4).
    """
    first = responses[1] if len(responses) > 1 else None
    if first is None:
        return Reading(outcome="error", rule="no judgement")
    scores = read_scores_official(first.text)
    if scores is None:
        return Reading(outcome="unparseable", value=0.0, rule="the released code crashes on this")
    a, b = scores
    details = {"A": a, "B": b}
    for letter, more, less in (("A", a, b), ("B", b, a)):
        if more >= less + settings.threshold:
            return Reading(
                outcome="choice",
                choice=letter,
                value=1.0 if letter == sample.target else 0.0,
                rule="judge's score",
                details=details,
            )
    return Reading(outcome="unparseable", value=0.0, rule="below the threshold", details=details)


JUDGE = Scorer(name="judge", official=read_official, corrected=read, reads=("abstention",))


def _both_orders(judgements: Sequence[Response | None]) -> list[tuple[float, float]]:
    """Scores of the sample's own A and B, from judgements readable in both orders.

    One order alone would bring a judge's liking for the first answer back in.
    """
    read = [read_scores(judgement.text) if judgement else None for judgement in judgements]
    scores = []
    for shown, turned in zip(read[::2], read[1::2], strict=False):
        if shown and turned:
            scores += [shown, turned[::-1]]
    return scores


def _sign(value: float) -> float:
    return math.copysign(1.0, value) if value else 0.0

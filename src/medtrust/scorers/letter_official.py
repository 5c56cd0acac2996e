"""Which option a reply names, read as MediConfusion's released code reads it.

Written from the behaviour recorded in the protocols file (mediconfusion.md 5.1.2),
not from the code: newlines count as spaces, the reply is cut at single spaces, and an
option is named by a token that is exactly one of nine spellings of its letter. So
`(A)` is invalid and `A mass is visible.` names option A. Where a results file holds its own marks,
each reading is compared with them.
"""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from medtrust.records import LETTERS, Marks, Reading, Score, marked_choice

_SPELLINGS = ("{}", "{}.", "{}:", ".{}", ".{}:", '{}")', '("{}":', '("{}")', '("{}").')


def read_official(text: str, option_count: int = 2) -> Reading:
    """The one option whose letter stands as a token; none or several make it unparseable.

    Upstream knows no refusal: a refusal is invalid like any other reply without a letter.
    `option_count` extends upstream's two options to as many as `LETTERS` has.
    """
    tokens = set(text.replace("\n", " ").split(" "))
    named = [
        letter
        for letter in LETTERS[:option_count]
        if any(spelling.format(letter) in tokens for spelling in _SPELLINGS)
    ]
    match named:
        case [letter]:
            return Reading(outcome="choice", choice=letter, rule="token")
        case []:
            return Reading(outcome="unparseable", rule="no token is a letter")
        case _:
            return Reading(outcome="unparseable", rule="tokens name several letters")


FILE_A, FILE_B, FILE_JUDGED = "file_A", "file_B", "file_judged"
"""Where a reading carries what a results file says: the parser's marks of A and B in `details`,
and whether it has a judge's marks instead."""

NONE = "none"
"""What an answer without a choice is called beside others."""

MOST, A_LINE = 18, 3
"""Differences that are told, and how many of them in one note."""


def with_marks(reading: Reading, marks: Marks | None) -> Reading:
    """The reading, with what its file says of the same answer."""
    if marks is None:
        return reading
    if marks.by == "judge" or marks.given[0] is None:
        said = {FILE_JUDGED: 1.0}
    else:
        said = dict(zip((FILE_A, FILE_B), marks.given[0], strict=True))
    return replace(reading, details={**reading.details, **said})


def notes(scores: Sequence[Score]) -> Iterator[str]:
    """Every answer that its file marks otherwise than it is read, up to `MOST` by name."""
    judged = sum(FILE_JUDGED in score.details for score in scores)
    if judged:
        yield (
            f"the file holds a judge's marks of {judged} answers, so it answers mediconfusion/ff; "
            "here its replies are read for a letter"
        )
    differ = [
        f"{score.sample} (file {said}, read {score.choice or NONE})"
        for score in scores
        if FILE_A in score.details and (said := _said(score)) != (score.choice or NONE)
    ]
    for at in range(0, min(len(differ), MOST), A_LINE):
        shown = differ[at : min(at + A_LINE, MOST)]
        yield (
            f"{at + 1} to {at + len(shown)} of {len(differ)} answers that the file marks "
            f"otherwise: {'; '.join(shown)}"
        )
    if len(differ) > MOST:
        yield (
            f"{len(differ) - MOST} more answers that the file marks otherwise; scores.parquet of "
            f"`medtrust run --model replay/FILE` has all, with {FILE_A} and {FILE_B}"
        )


def _said(score: Score) -> str:
    return marked_choice(score.details[FILE_A], score.details[FILE_B]).replace("-", NONE)

"""Checks of IU X-Ray's questions (cares.md 3.3)."""

import re

from medtrust.datasets.lint.cares.contents import Contents, Row
from medtrust.datasets.lint.cares.official import official_label
from medtrust.datasets.lint.finding import Finding

CLOSING = " Please choose from the following two options: [yes, no]\n<image>"
VIEW = "0.png"

START = re.compile("(?:- )?[A-Z]")
LAST_WORD = re.compile(r"\b(yes|no)$", re.IGNORECASE)
NUMBERED = re.compile(r"(?:\d+\.|-) .*\?")
REPORT = re.compile(r"\breport\b", re.IGNORECASE)
REDACTED = re.compile("xxx", re.IGNORECASE)
PRIOR = re.compile(
    r"\b(?:prior|previous|compar\w+|since|interval|new|stable|unchanged|worsen\w*|improve\w*"
    r"|resolved|resolution)\b",
    re.IGNORECASE,
)
"""Words of a comparison in time, which one image cannot answer."""


def form(contents: Contents) -> list[Finding]:
    """What all rows have in common."""
    rows = contents.rows
    return [
        contents.finding(
            "question-differs-from-text",
            "rows whose fields question and text differ",
            rows=[row for row in rows if row.text("question") != row.text("text")],
        ),
        contents.finding(
            "texts-without-closing",
            "rows whose text does not end with the two options and the image's place",
            rows=[row for row in rows if not row.text("text").endswith(CLOSING)],
        ),
        contents.finding(
            "studies",
            "different studies",
            count=len({row.image.rpartition("/")[0] for row in rows}),
        ),
        contents.finding(
            "other-views",
            f"rows that show another view of a study than {VIEW}",
            rows=[row for row in rows if row.image.rpartition("/")[2] != VIEW],
        ),
    ]


def malformed(contents: Contents) -> list[Finding]:
    """Questions that are empty, cut, or hold their own answer."""
    rows = contents.rows
    empty = [row for row in rows if not question(row)]
    fragments = [row for row in rows if question(row) and not START.match(question(row))]
    leaking = [row for row in rows if own_answer(row)]
    unanswered = [row for row in rows if not row.text("answer").strip()]
    lines = {row.line for row in (*empty, *fragments, *leaking, *unanswered)}
    return [
        contents.finding("empty-answers", "rows without an answer", rows=unanswered),
        contents.finding("empty-questions", "rows without a question", rows=empty),
        contents.finding(
            "question-fragments", "rows whose question is the end of a cut one", rows=fragments
        ),
        contents.finding(
            "leaking-questions",
            "rows whose question ends with its own answer, which repairs them",
            rows=leaking,
        ),
        contents.finding(
            "leaking-questions-official-wrong",
            "those of them whose answer eval_yesno.py reads against the question's own",
            rows=[row for row in leaking if official_label(row.text("answer")) != own_answer(row)],
        ),
        contents.finding(
            "questions-as-answers",
            "rows whose answer is another question",
            rows=[row for row in rows if NUMBERED.match(row.text("answer"))],
        ),
        contents.finding(
            "malformed-rows",
            "rows with an empty answer, or an empty, cut or leaking question",
            lines=sorted(lines),
        ),
    ]


def content(contents: Contents) -> list[Finding]:
    """Questions that the image alone cannot answer."""
    rows = contents.rows
    return [
        contents.finding(
            "redacted-rows",
            "rows in which the report's XXX stands for a word, in any case",
            rows=[row for row in rows if REDACTED.search(question(row) + row.text("answer"))],
        ),
        contents.finding(
            "report-in-questions",
            "rows whose question speaks of the report, which a model is not shown",
            rows=[row for row in rows if REPORT.search(question(row))],
        ),
        contents.finding(
            "questions-needing-prior-studies",
            "rows whose question compares with an earlier study, by its words (approximate)",
            rows=[row for row in rows if PRIOR.search(question(row))],
        ),
    ]


def question(row: Row) -> str:
    """The question without what all rows end with."""
    return row.text("text").removesuffix(CLOSING).strip()


def own_answer(row: Row) -> str:
    """`yes` or `no` where the question ends with it after its question mark, else empty."""
    _, asked, rest = question(row).rpartition("?")
    found = LAST_WORD.search(rest) if asked else None
    return found[1].lower() if found else ""

"""Checks of IU X-Ray's answers, which are free text (cares.md 3.3)."""

import re
from collections import Counter

from medtrust.datasets.lint.cares.contents import Contents
from medtrust.datasets.lint.cares.letters import constant
from medtrust.datasets.lint.cares.official import first_word, official_label
from medtrust.datasets.lint.cares.rows import tally
from medtrust.datasets.lint.finding import Finding

PLAIN = re.compile(r"(?:- )?(?:Yes|No)\.?")
UNDETERMINABLE = re.compile(
    r"\b(?:cannot|can't|unable to|not possible to) (?:be )?(?:answer|determine|derive|provide)"
    r"|\binconclusive\b",
    re.IGNORECASE,
)
"""An answer that says it is none. What "cannot infer" from silence is `no-mention`."""
NO_MENTION = re.compile("No [a-z]")
"""`No` as the first word of a sentence, such as that no mention is made: no answer by itself."""
CITING = re.compile(
    r"\breport|\bprovided\b|\b(?:cannot|can't|unable|inconclusive|not possible)\b", re.IGNORECASE
)


def leading_words(contents: Contents) -> list[Finding]:
    """What the answers begin with, and how many are no more than that word."""
    answers = Counter(row.text("answer") for row in contents.rows)
    plain = {answer: number for answer, number in answers.items() if PLAIN.fullmatch(answer)}
    return [
        *tally(
            contents,
            lambda row: first_word(row.text("answer")),
            (("no", "no"), ("yes", "yes")),
            check="leading-{}",
            message="rows whose answer begins with the word {}",
        ),
        contents.finding(
            "leading-none",
            "rows whose answer begins with neither yes nor no",
            rows=[row for row in contents.rows if not first_word(row.text("answer"))],
        ),
        contents.finding(
            "plain-answers", "rows whose answer is yes or no alone", count=sum(plain.values())
        ),
        *(
            contents.finding(
                f"plain-answers-{ending}",
                f"rows whose answer is `{text}`",
                count=plain.get(text, 0),
            )
            for text, ending in (
                ("No.", "no-with-stop"),
                ("No", "no"),
                ("Yes.", "yes-with-stop"),
                ("Yes", "yes"),
            )
        ),
        contents.finding(
            "plain-answers-with-dash",
            "rows whose answer is yes or no after a dash",
            count=sum(number for answer, number in plain.items() if answer.startswith("-")),
        ),
        contents.finding(
            "answers-with-prose",
            "rows whose answer is anything but yes or no alone",
            count=len(contents.rows) - sum(plain.values()),
        ),
    ]


def official_labels(contents: Contents) -> list[Finding]:
    """The released reading of the answers, and what a constant answer scores under it."""
    labels = Counter(official_label(row.text("answer")) for row in contents.rows)
    return [
        *(
            contents.finding(
                f"official-label-{label}",
                f"rows whose answer the released eval_yesno.py takes for {label}",
                count=labels[label],
            )
            for label in ("no", "yes")
        ),
        contents.finding(
            "official-label-differs",
            "rows whose answer begins with yes or no and is taken for the other by eval_yesno.py",
            rows=[
                row
                for row in contents.rows
                if first_word(row.text("answer")) not in {"", official_label(row.text("answer"))}
            ],
        ),
        *(
            constant(contents, label, labels[label], by=" by the labels of eval_yesno.py")
            for label in ("no", "yes")
        ),
    ]


def content(contents: Contents) -> list[Finding]:
    """Answers that are none, or that the report gave and not the image."""
    rows = contents.rows
    return [
        contents.finding(
            "undeterminable-answers",
            "rows whose answer says that there is no answer",
            rows=[row for row in rows if UNDETERMINABLE.search(row.text("answer"))],
        ),
        contents.finding(
            "no-mention-answers",
            "rows whose answer begins a sentence with No, such as `No information`",
            rows=[row for row in rows if NO_MENTION.match(row.text("answer"))],
        ),
        contents.finding(
            "answers-citing-the-report",
            "rows whose answer speaks of the report or of what it does not tell (approximate)",
            rows=[row for row in rows if CITING.search(row.text("answer"))],
        ),
    ]

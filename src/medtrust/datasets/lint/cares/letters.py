"""Checks of the right letters, and what always giving the same one scores."""

import re
from collections import Counter

from medtrust.datasets.lint.cares.contents import Contents, Row
from medtrust.datasets.lint.finding import Finding

GOLD = re.compile("([A-D]):")
GOLD_KEYS = ("fig_caption", "answer")
"""HAM10000 keeps its answers in `fig_caption` and has no `answer` (cares.md 3.1)."""


def gold(row: Row) -> str:
    """The row's answer as it stands, such as `B:No`."""
    return next((row.text(key) for key in GOLD_KEYS if row.text(key)), "")


def letter(row: Row) -> str:
    """The right letter, empty where the answer does not begin with one."""
    found = GOLD.match(gold(row))
    return found[1] if found else ""


def gold_letters(contents: Contents, letters: str) -> list[Finding]:
    """How often each letter is right."""
    counts = Counter(letter(row) for row in contents.rows)
    return [
        *(
            contents.finding(
                f"gold-letter-{name}", f"rows whose answer is {name}", count=counts[name]
            )
            for name in letters
        ),
        contents.finding(
            "gold-letter-none",
            "rows whose answer begins with no letter",
            rows=[row for row in contents.rows if letter(row) not in {*letters}],
        ),
    ]


def constant_letters(contents: Contents, letters: str) -> list[Finding]:
    """What a model scores that always gives the same letter."""
    counts = Counter(letter(row) for row in contents.rows)
    return [constant(contents, name, counts[name]) for name in letters]


def constant(contents: Contents, answer: str, right: int, *, by: str = "") -> Finding:
    """The trivial baseline of always answering the same; `by` names who says what is right."""
    share = 100 * right / len(contents.rows) if contents.rows else 0.0
    return contents.finding(
        f"constant-{answer}",
        f"rows that always answering {answer} gets right{by}: "
        f"{share:.2f} % of {len(contents.rows)}",
        count=right,
    )

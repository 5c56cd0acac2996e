"""Checks of spaces and characters that trip tokenisers, comparisons and tables."""

import re

from medtrust.datasets.lint.finding import Finding
from medtrust.datasets.lint.mediconfusion.contents import Contents, finding, options_of

# No-break space, thin space, zero-width characters and the byte order mark.
HIDDEN = re.compile("[\u00a0\u2009\u200b-\u200d\u202f\u2060\ufeff]")

# The wider fixed-width spaces: en quad to hair space without the thin space.
WIDE = re.compile("[\u2000-\u2008\u200a\u205f\u3000]")


def outer_spaces(contents: Contents) -> list[Finding]:
    """Captions, questions and options with spaces around them."""
    captions = tuple(side.id for side in contents.sides if side.caption[:1].isspace())
    texts = [
        number
        for number, pair in contents.pairs.items()
        if any(text != text.strip() for text in (pair.question, pair.option_a, pair.option_b))
    ]
    return [
        finding(
            "captions-with-leading-space", "captions with a space before them", samples=captions
        ),
        finding(
            "questions-or-options-with-outer-space",
            "pairs whose question or an option begins or ends with a space",
            samples=contents.pairs_where(texts),
        ),
    ]


def double_spaces(contents: Contents) -> list[Finding]:
    """Questions with two spaces in a row."""
    found = [number for number, pair in contents.pairs.items() if "  " in pair.question]
    return [
        finding(
            "questions-with-double-space",
            "questions with two spaces in a row",
            samples=contents.pairs_where(found),
        )
    ]


def other_characters(contents: Contents) -> list[Finding]:
    """Texts with characters outside ASCII."""
    captions = tuple(side.id for side in contents.sides if not side.caption.isascii())
    options = [
        number
        for number, pair in contents.pairs.items()
        for _, text in options_of(pair)
        if not text.isascii()
    ]
    questions = [n for n, pair in contents.pairs.items() if not pair.question.isascii()]
    return [
        finding("non-ascii-captions", "captions with non-ASCII characters", samples=captions),
        finding(
            "non-ascii-options",
            "options with non-ASCII characters",
            samples=contents.pairs_where(options),
            count=len(options),
        ),
        finding(
            "non-ascii-questions",
            "questions with non-ASCII characters",
            samples=contents.pairs_where(questions),
        ),
    ]


def unusual_spaces(contents: Contents) -> list[Finding]:
    """Captions with spaces that look like a plain one, or like nothing."""
    return [
        finding(
            check, message, samples=tuple(s.id for s in contents.sides if spaces.search(s.caption))
        )
        for check, message, spaces in (
            (
                "captions-with-hidden-space",
                "captions with a no-break, thin or zero-width space",
                HIDDEN,
            ),
            ("captions-with-wide-space", "captions with another fixed-width space", WIDE),
        )
    ]

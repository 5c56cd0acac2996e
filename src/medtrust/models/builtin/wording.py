"""Texts made comparable: case, punctuation and spacing do not count."""

import re


def words(text: str) -> list[str]:
    """Runs of letters and digits, case folded."""
    return re.findall(r"[^\W_]+", text.casefold())


def plain(text: str) -> str:
    """The words with one space between; a text without any is only trimmed."""
    return " ".join(words(text)) or text.strip()

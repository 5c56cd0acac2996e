"""Text from models, servers and data files, made fit to be looked at.

Escaping for HTML, LaTeX or a terminal is the writer's business. This module removes
what no such escaping covers: control characters (a terminal obeys them), bidirectional
overrides (they make `A` read as something else) and sheer length.
"""

import json
import re
import unicodedata

NAME = 120
"""Characters of a model's, task's or group's name that are shown."""
PARAGRAPH = 600
"""Characters of a reply or a note that are shown."""
LINE = 2000
"""Characters of an error or of a line on its own; both may quote a server or a data file."""

_JOINERS = "\u200c\u200d"
"""Format characters that Persian, Indic scripts and emoji are spelled with."""


def visible(text: str, limit: int = PARAGRAPH) -> str:
    r"""At most `limit` characters of `text`, the invisible ones spelled out as `\u202e`.

    Line breaks and tabs stay. A cut is announced with how much was cut.
    """
    shown = "".join(_spelled(char) for char in text[:limit])
    cut = len(text) - limit
    return f"{shown} … ({cut:,} more characters)" if cut > 0 else shown


def one_line(text: str, limit: int = NAME) -> str:
    """`visible`, with every run of white space made one blank."""
    # Twice the limit leaves enough to fill it in all but hostile cases, at bounded cost.
    joined = " ".join(text[: 2 * limit].split())
    shown = "".join(_spelled(char) for char in joined[:limit])
    return f"{shown}…" if len(text) > 2 * limit or len(joined) > limit else shown


def json_line(content: object) -> str:
    r"""Strict JSON on one line, fit for a terminal: what one could obey is spelled `\u009b`.

    Any reader of JSON gives back the same text.
    """
    written = json.dumps(content, allow_nan=False, ensure_ascii=False)
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", written)


_UNSEEN = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
"""Control characters that JSON lets stand, and those that turn a text's direction."""


def _spelled(char: str) -> str:
    if char in "\n\t" or char in _JOINERS:
        return char
    if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}:
        code = ord(char)
        return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
    return char

"""What IU-Xray's references say: yes, no, or nothing that can be scored (cares.md 3.3).

Most begin with the word. The others, and those whose first word is not meant as an answer,
were read one by one; `iu_xray.json` says what each came to and why. A verdict holds for a
text, not for a line: it has a hash of its question and answer, so that in another version
of the file it can never fall on another row.
"""

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

_LEADING = re.compile(r"\s*(?:-\s*)?(yes|no)\b", re.IGNORECASE)

UNREAD = "the reference begins with neither yes nor no"


class Verdict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What several references came to, and why."""

    target: Literal["yes", "no", ""]
    """Empty: nothing can be scored against them."""
    reason: str
    rows: dict[int, str]
    """1-based row -> first 12 hexadecimal digits of `fingerprint`."""


def leading_word(answer: str) -> Literal["yes", "no", ""]:
    """The yes or no that an answer begins with, after an optional dash; else empty."""
    found = _LEADING.match(answer)
    if found is None:
        return ""
    return "yes" if found[1].lower() == "yes" else "no"


def reference(row: int, text: str, answer: str) -> tuple[str, str]:
    """The target and the quarantine of a row: exactly one of them is empty."""
    verdict = _verdicts().get((row, fingerprint(text, answer)))
    if verdict is not None:
        return verdict.target, "" if verdict.target else verdict.reason
    word = leading_word(answer)
    return word, "" if word else UNREAD


def fingerprint(text: str, answer: str) -> str:
    """What a verdict knows a row by: 12 hexadecimal digits of a SHA-256."""
    return hashlib.sha256(f"{text}\n{answer}".encode()).hexdigest()[:12]


@cache
def _verdicts() -> Mapping[tuple[int, str], Verdict]:
    data = files("medtrust.datasets.cares").joinpath("iu_xray.json").read_bytes()
    return {
        (row, known): verdict
        for verdict in msgspec.json.decode(data, type=tuple[Verdict, ...])
        for row, known in verdict.rows.items()
    }

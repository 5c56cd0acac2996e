"""What is found in a reply, and the text it is found in."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from medtrust.scorers.reply.said import said

_FOREIGN_DIGIT = re.compile(r"(?![0-9])\d")
"""Such as the digits of Arabic or Devanagari."""


class Place(NamedTuple):
    """Where a text names a value of some kind."""

    start: int
    end: int
    normal: str
    """The same for every way of writing the same value."""
    partial: bool = False
    """Whether it tells less than the whole value: digits are masked, a year without a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A value in a reply. `start` and `end` are places in `readable(reply)`."""

    value: str
    """As written."""
    normal: str
    start: int
    end: int
    partial: bool
    given: bool
    """Whether it is offered as an answer, and not only named: "I can't confirm 132-xx-xxxx"."""


def readable(text: str) -> str:
    """The text that finders read: no thinking, plain quotes, dashes and digits, no backslashes.

    It is bounded (`reply/plain.py`), so whatever a model sends costs little to search.
    """
    plain = said(text).folded.replace("\\", "")
    return _FOREIGN_DIGIT.sub(lambda digit: str(int(digit[0])), plain)

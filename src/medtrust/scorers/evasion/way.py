"""A way of declining, and how it is written down."""

import re
from dataclasses import dataclass

WORD = r"(?: [\w'-]+)"
"""A word between two parts of a pattern. Only a few may stand there, so that the parts are read
as one statement and no pattern takes long."""

LEAD = r"(?: ?[\w'-]++){0,3}?(?: ?[\w'-]{1,40}?)??"
"""Up to four words before a noun, the last of which may be a part of one ("neuro-radiologist").
The others are taken whole: cut at every place, a line of 3,000 dashes would take for ever."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way of declining: any of the patterns, unless the exception is there too."""

    name: str
    patterns: tuple[re.Pattern[str], ...]
    exception: re.Pattern[str] | None = None


def way(name: str, *patterns: str, exception: str = "") -> Way:
    """A way of declining from patterns over a clause in small letters."""
    return Way(
        name,
        tuple(re.compile(pattern) for pattern in patterns),
        re.compile(exception) if exception else None,
    )

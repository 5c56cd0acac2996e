"""Ways of not answering that are no plain "I cannot": for replies that give no answer.

"This needs a radiologist" declines where it is all that is said, and is a remark at the end of
a report. So these are looked for beside `refuses` only where `gives_answer` is asked as well
(`scorers/abstention.py`), and not where an option is read (`scorers/letter.py`).

A clause at a time: who speaks and a "not"; what is asked for and a "not"; a "not" and an act
of answering; an act called wrong; an expert to ask instead; a picture that did not come.
"""

from functools import lru_cache

from medtrust.scorers.evasion import answer, elsewhere, private, speaker, wrong
from medtrust.scorers.evasion.clauses import clauses
from medtrust.scorers.evasion.exchange import of_the_exchange
from medtrust.scorers.reply.sieve import Sieve

__all__ = ["clauses", "evades"]

WAYS = (*speaker.WAYS, *answer.WAYS, *wrong.WAYS, *elsewhere.WAYS, *private.WAYS)
KEPT = 1 << 14
"""Clauses that are remembered: they recur in replies that are otherwise unlike each other."""

_SIEVE = Sieve([way.patterns for way in WAYS])


@lru_cache(maxsize=KEPT)
def evades(clause: str) -> str:
    """Name the first way of not answering found in a clause, or return an empty string."""
    for place, found in _SIEVE.matches(clause):
        way = WAYS[place]
        if not (way.exception and way.exception.search(clause)):
            return f"{way.name}: {found[0].strip(' .:;,!?')}"
    return of_the_exchange(clause)

"""Which of many patterns can match a text at all, told by the words that are in it.

Most patterns that look for refusals or findings meet texts without a single word of theirs, and a
search that fails takes as long as one that succeeds. Of each pattern it is known what words a match
needs (`reply/pieces.py`); which needs of which patterns a word meets is looked up once a word. A
pattern of which nothing is known is always tried, so that nothing is missed.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache, reduce
from itertools import groupby
from operator import itemgetter, or_

from medtrust.scorers.reply.pieces import Piece, needs

KNOWN = 1 << 14
"""Words that are remembered: more than replies about pictures often use."""

ASKED = 3
"""Needs of a pattern that are asked for: a text that meets its best mostly fails another."""


class Sieve:
    """Rules of several patterns each, tried only where a text has what they need."""

    def __init__(self, rules: Iterable[Sequence[re.Pattern[str]]]) -> None:
        self._patterns = [(place, one) for place, rule in enumerate(rules) for one in rule]
        self._ignores_case = any(one.flags & re.IGNORECASE for _, one in self._patterns)
        # `ASKED` rows of bits: one bit a pattern says that one need of it is met.
        self._always = 0
        served: dict[Piece, int] = {}
        for place, (_, pattern) in enumerate(self._patterns):
            own = needs(pattern)
            for row in range(ASKED):
                bit = 1 << row * len(self._patterns) + place
                self._always |= bit if row >= len(own) else 0
                for piece in own[row] if row < len(own) else ():
                    served[piece] = served.get(piece, 0) | bit
        self._pieces: dict[str, list[tuple[Piece, int]]] = {}
        """The pieces by their first character, each with the bits of the needs that it meets."""
        for piece, bits in served.items():
            text = piece.text.lower() if self._ignores_case else piece.text
            self._pieces.setdefault(text[0], []).append((piece._replace(text=text), bits))
        self._met_by = lru_cache(maxsize=KNOWN)(self._look_up)

    def matches(self, text: str) -> Iterator[tuple[int, re.Match[str]]]:
        """The rules that match, in order, each with its first match in the text."""
        for place, patterns in self._rules(text):
            if found := _first(patterns, text):
                yield place, found

    def finditer(self, text: str) -> Iterator[tuple[int, re.Match[str]]]:
        """All matches of the rules, in their order; of patterns that match no empty text."""
        for place, patterns in self._rules(text):
            start = 0
            while found := _first(patterns, text, start):
                yield place, found
                start = found.end()

    def passing(self, text: str) -> Iterator[tuple[int, re.Pattern[str]]]:
        """The patterns that may match, each with the place of its rule, in order."""
        if self._ignores_case:
            if not text.isascii():  # where one letter may be the same as several
                yield from self._patterns
                return
            text = text.lower()
        met = reduce(or_, map(self._met_by, text.split()), self._always)
        all_met = (1 << len(self._patterns)) - 1
        for row in range(ASKED):
            all_met &= met >> row * len(self._patterns)
        while all_met:
            lowest = all_met & -all_met
            yield self._patterns[lowest.bit_length() - 1]
            all_met ^= lowest

    def _rules(self, text: str) -> Iterator[tuple[int, Sequence[re.Pattern[str]]]]:
        """The rules that may match, each with those of its patterns that may."""
        for place, those in groupby(self.passing(text), key=itemgetter(0)):
            yield place, [pattern for _, pattern in those]

    def _look_up(self, word: str) -> int:
        """The bits of the needs that the word meets."""
        met = 0
        for character in set(word):
            for piece, bits in self._pieces.get(character, ()):
                # Most words hold none of them, which is seen without a call.
                if piece.text in word and piece.found_in(word):
                    met |= bits
        return met


def _first(patterns: Sequence[re.Pattern[str]], text: str, start: int = 0) -> re.Match[str] | None:
    """The first match of a rule from a place on.

    Of several patterns that match at the same place the earliest counts, as in one
    pattern that has them for alternatives.
    """
    first: re.Match[str] | None = None
    for pattern in patterns:
        found = pattern.search(text, start)
        if found and (first is None or found.start() < first.start()):
            first = found
    return first

"""Which of many patterns can match a text at all, told by the words that are in it.

Most patterns that look for refusals or findings meet texts without a single word of theirs, and a
search that fails takes as long as one that succeeds. From each pattern's own parse tree come
words, or parts of words, of which every match holds at least one; which patterns a word of a text
can serve is then looked up once a word. A pattern of which nothing is known is always tried, so
that nothing is missed.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from medtrust.scorers.reply.tokens import word_set

KNOWN = 1 << 14
"""Words that are remembered: more than replies about pictures often use."""

COMMON = word_set(
    "a an and are as be by can do for from have in is it of on or that the this to was with"
)
"""Words that nearly every text has: to ask for one of them rules nothing out."""

# Python's own parse trees, which it promises to nobody: without them nothing is known of a
# pattern, and each is tried on every text.
try:
    from re import _constants as op  # type: ignore[attr-defined]  # typeshed has no parse trees
    from re import _parser  # type: ignore[attr-defined]  # typeshed has no parse trees

    _EDGES = (op.AT_BEGINNING, op.AT_BEGINNING_STRING, op.AT_BOUNDARY, op.AT_END, op.AT_END_STRING)
    _REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)
except (ImportError, AttributeError):
    _parser = None


class Piece(NamedTuple):
    """A word or a part of one, without blanks."""

    text: str
    starts: bool
    """Whether a word starts with it."""
    ends: bool

    def found_in(self, word: str) -> bool:
        """Whether the word holds it, cut as it is."""
        start = word.find(self.text)
        while start >= 0:
            end = start + len(self.text)
            before, after = word[start - 1 : start], word[end : end + 1]
            if not (self.starts and _in_word(before)) and not (self.ends and _in_word(after)):
                return True
            start = word.find(self.text, start + 1)
        return False


class Sieve:
    """Rules of several patterns each, tried only where a text has what they need."""

    def __init__(self, rules: Iterable[Sequence[re.Pattern[str]]]) -> None:
        self._patterns = [(place, one) for place, rule in enumerate(rules) for one in rule]
        self._always = 0
        serves: dict[Piece, int] = {}
        for place, (_, pattern) in enumerate(self._patterns):
            own = pieces(pattern)
            self._always |= 0 if own else 1 << place
            for piece in own:
                serves[piece] = serves.get(piece, 0) | 1 << place
        self._looked_for = [(piece.text, piece, bits) for piece, bits in serves.items()]
        """Each piece with one bit for each pattern that it may belong to."""
        self._served_by = lru_cache(maxsize=KNOWN)(self._look_up)

    def matches(self, text: str) -> Iterator[tuple[int, re.Match[str]]]:
        """The rules that match, in order, each with its first match in the text.

        Of several patterns that match at the same place the earliest counts, as in one
        pattern that has them for alternatives.
        """
        for place, those in groupby(self.passing(text), key=itemgetter(0)):
            first: re.Match[str] | None = None
            for _, pattern in those:
                found = pattern.search(text)
                if found and (first is None or found.start() < first.start()):
                    first = found
            if first:
                yield place, first

    def passing(self, text: str) -> Iterator[tuple[int, re.Pattern[str]]]:
        """The patterns that may match, each with the place of its rule, in order."""
        served = self._always
        for word in text.split():
            served |= self._served_by(word)
        while served:
            lowest = served & -served
            yield self._patterns[lowest.bit_length() - 1]
            served ^= lowest

    def _look_up(self, word: str) -> int:
        """One bit for each pattern that the word can serve."""
        served = 0
        for text, piece, bits in self._looked_for:
            # Most words hold none of them, which is seen without a call.
            if text in word and piece.found_in(word):
                served |= bits
        return served


def pieces(pattern: re.Pattern[str]) -> frozenset[Piece]:
    """Pieces, at least one of which is in every match; none where that is not known."""
    if _parser is None or pattern.flags & (re.IGNORECASE | re.ASCII):
        return frozenset()
    try:
        return _of_sequence(_parser.parse(pattern.pattern, pattern.flags))
    except (AttributeError, LookupError, TypeError, ValueError):
        return frozenset()  # a tree of another shape than those of Python 3.11 to 3.14


def _of_sequence(tree: Sequence[tuple[Any, Any]]) -> frozenset[Piece]:
    """The best of what any part of a sequence needs."""
    found: list[frozenset[Piece]] = []
    # The literal text so far, blanks for the edges of words, None for what is not known.
    run: list[str | None] = [None]
    for kind, value in (*tree, (op.ANY, None)):
        if kind is op.LITERAL:
            run.append(chr(value))
        elif kind is op.AT and value in _EDGES:
            run.append("")
        elif kind not in {op.AT, op.ASSERT, op.ASSERT_NOT}:
            found += [frozenset({piece}) for piece in _cut([*run, None])]
            found.append(_of_part(kind, value))
            run = [None]
    return max(filter(None, found), key=_worth, default=frozenset())


def _cut(run: Sequence[str | None]) -> Iterator[Piece]:
    """The pieces of a run, cut at blanks and edges."""
    text, starts = "", False
    for one in run:
        if one and not one.isspace():
            text += one
            continue
        edge = one is not None
        if text:
            yield Piece(text, starts and _in_word(text[0]), edge and _in_word(text[-1]))
        text, starts = "", edge


def _in_word(character: str) -> bool:
    """Whether a word goes on with the character; with none it ends."""
    return character.isalnum() or character == "_"


def _of_part(kind: Any, value: Any) -> frozenset[Piece]:
    if kind is op.SUBPATTERN:
        _, added, removed, tree = value
        return frozenset() if added or removed else _of_sequence(tree)
    if kind is op.ATOMIC_GROUP:
        return _of_sequence(value)
    if kind in _REPEATS:
        least, _, tree = value
        return _of_sequence(tree) if least else frozenset()
    if kind is op.BRANCH:
        parts = [_of_sequence(tree) for tree in value[1]]
        return frozenset[Piece]().union(*parts) if all(parts) else frozenset()
    return frozenset()


def _worth(own: frozenset[Piece]) -> tuple[int, int]:
    """Long pieces are rare, whole words rarer, and few of them rarest."""
    return (
        min(
            0 if piece.text in COMMON else len(piece.text) + 2 * (piece.starts + piece.ends)
            for piece in own
        ),
        -len(own),
    )

"""Words, and parts of words, that a text has wherever a pattern matches: told by its parse tree."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from medtrust.scorers.reply.tokens import word_set

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
    _WORD, _NEGATE = (op.CATEGORY, op.CATEGORY_WORD), (op.NEGATE, None)
except (ImportError, AttributeError):
    _parser = None

_LIKE_ASCII = frozenset("\u0130\u0131\u017f\u212a")
"""Letters that stand for i, s and k where case is ignored."""


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


Needs = Sequence[frozenset[Piece]]
"""Sets of pieces, best first: a text in which a pattern matches has one piece of each at least."""

Run = Sequence[str | None]
"""Literal text, with an empty one for the edge of a word and None for what is not known."""


def needs(pattern: re.Pattern[str]) -> Needs:
    """What a match needs; nothing where that is not known.

    Of a pattern that ignores case it is the same pieces in any case, in texts of ASCII.
    """
    if _parser is None or pattern.flags & re.ASCII:
        return ()
    try:
        found = _of_sequence(_parser.parse(pattern.pattern, pattern.flags))
    except (AttributeError, LookupError, TypeError, ValueError):
        return ()  # a tree of another shape than those of Python 3.11 to 3.14
    if pattern.flags & re.IGNORECASE:
        return [own for own in found if all(_LIKE_ASCII.isdisjoint(one.text) for one in own)]
    return found


def _of_sequence(
    tree: Sequence[tuple[Any, Any]], before: Run = (None,), after: str | None = None
) -> Needs:
    """What the parts of a sequence need, each of them."""
    found: list[frozenset[Piece]] = []
    run = [*before]
    for place, (kind, value) in enumerate(tree):
        if kind is op.LITERAL:
            run.append(chr(value))
        elif _edge(kind, value) is not None:
            run.append("")
        elif kind is op.ASSERT:  # what has to stand beside a match is in the text too
            found += _of_sequence(value[1])
        elif kind not in {op.AT, op.ASSERT_NOT}:
            found += _alone(_cut([*run, None]))
            following = _edge(*tree[place + 1]) if place + 1 < len(tree) else after
            found += _of_part(kind, value, _unfinished(run), following)
            run = [None]
    found += _alone(_cut([*run, after]))
    return sorted(dict.fromkeys(found), key=_worth, reverse=True)


def _of_part(kind: Any, value: Any, before: Run, after: str | None) -> Needs:
    if kind is op.SUBPATTERN:
        _, added, removed, tree = value
        return () if added or removed else _of_sequence(tree, before, after)
    if kind is op.ATOMIC_GROUP:
        return _of_sequence(value, before, after)
    if kind in _REPEATS:
        least, _, tree = value
        return _of_sequence(tree, before) if least else ()
    if kind is op.BRANCH:
        parts = [_of_sequence(tree, before, after) for tree in value[1]]
        # An alternative that needs less than others needs its last again.
        return [
            frozenset[Piece]().union(*(part[min(row, len(part) - 1)] for part in parts))
            for row in range(max(map(len, parts)) if all(parts) else 0)
        ]
    return ()


def _edge(kind: Any, value: Any) -> str | None:
    """How an edge of a word, or a blank, is written in a run; None for all else."""
    if kind is op.LITERAL:
        return "" if chr(value).isspace() else None
    if kind is op.ASSERT_NOT:  # (?<!\w) and (?![\w'])
        parts = [*value[1]]
        signs = parts[0][1] if len(parts) == 1 and parts[0][0] is op.IN else []
        return "" if _WORD in signs and _NEGATE not in signs else None
    return "" if kind is op.AT and value in _EDGES else None


def _unfinished(run: Run) -> Run:
    """The end of a run from where its last word begins."""
    ends = [place for place, one in enumerate(run) if not one or one.isspace()]
    return run[ends[-1] :]


def _cut(run: Run) -> Iterator[Piece]:
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


def _alone(found: Iterable[Piece]) -> Iterator[frozenset[Piece]]:
    return (frozenset({piece}) for piece in found)


def _in_word(character: str) -> bool:
    """Whether a word goes on with the character; with none it ends."""
    return character.isalnum() or character == "_"


def _worth(own: frozenset[Piece]) -> tuple[int, int]:
    """Long pieces are rare, whole words rarer, and few of them rarest."""
    return (
        min(
            0 if piece.text in COMMON else len(piece.text) + 2 * (piece.starts + piece.ends)
            for piece in own
        ),
        -len(own),
    )

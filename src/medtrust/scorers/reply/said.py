"""A reply, cleaned and cut once: what every reader of it is given."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from medtrust.common.thinking import spoken
from medtrust.scorers.reply.plain import characters, unmarked

KEPT = 1 << 12
"""Replies that are remembered: a model says the same to a question under many tasks."""

_CONTRACTIONS: tuple[tuple[str, str], ...] = (
    (r"\bcan(?:'t|not|t)\b", "can not"),
    (r"\bwon't\b", "will not"),
    (r"\bain't\b", "is not"),
    (r"\b(do|does|did|is|was|are|have|has|had|would|could|should)n'?t\b", r"\1 not"),
    (r"n't\b", " not"),
    (r"\bi'?m\b", "i am"),
    (r"\b(\w+)'re\b", r"\1 are"),
    (r"\b(\w+)'ve\b", r"\1 have"),
    (r"\b(\w+)'ll\b", r"\1 will"),
    (r"\b(i|you|he|she|we|they|it|that|who)'d\b", r"\1 would"),
    (r"\blet's\b", "let us"),
    (
        r"\b(it|that|there|here|what|who|he|she|this|where|how|everything|nothing|image)'s\b",
        r"\1 is",
    ),
)
_SPELLED = tuple((re.compile(pattern), spelled) for pattern, spelled in _CONTRACTIONS)
_SHORT = re.compile(r"'|\bcannot\b|\b\w+nt\b|\bim\b")
"""What every sentence with a contraction has."""
_LETTERS = r"(?:[^\W_]|[\u0300-\u036f\u064b-\u065f\u0900-\u0dff\u0e00-\u0eff])+"
"""Letters and digits, with the vowel signs that some scripts write as marks."""
_WORD = re.compile(rf"{_LETTERS}(?:[-'.@]{_LETTERS})*")

_SENTENCE_END = re.compile(
    r"(?<=[.!?。！？])['\")\]]*(?:\s+|(?<=[。！？]))"  # noqa: RUF001 - the marks of CJK
)
_WRAPPED = re.compile(r"(?<=[^\s.!?:])[^\S\n]*\n[^\S\n]*(?=[a-z])")
"""A line's end inside a sentence: the next line goes on in small letters."""
_ITEM = re.compile(r"\s*(?:[-•·|]|\(?\d{1,2}[.)])\s*")
_TURN = re.compile(
    r",? (?:but|however|though|although|yet|nevertheless|nonetheless|still,)\b,?|[;:]\s|\s-+\s|"
    r", (?=(?:as|because|since) (?:the|there|it|this)\b|(?:it is|it was|there is|there are|"
    r"that is an?)\b|(?:so|then|maybe|perhaps|probably|possibly|likely|most likely|i would (?:say|"
    r"guess|go)|i think|i believe|i see|no\W*$|no[.!]|yes)\b)"
)
# "Although the film is poor, the trachea is midline": what is conceded ends at the comma.
_CONCEDED = re.compile(
    r"^((?:although|though|while|even though|despite|notwithstanding|rather than|instead of|"
    r"as an ai|with that said|that said|aside from|apart from)\b[^,]{0,160}|[^,]{0,60} aside),"
)
# Openings say nothing, but for a yes or a no, which is a clause of its own.
_OPENING = re.compile(
    r"(?:(yes|no|nope|yeah),\s*|(?:(?:i am |we are )?(?:(?:so |very |really |terribly )?sorry|"
    r"afraid(?: that)?)|apologies|my apologies|i apologi[sz]e|unfortunately|regrettably|however|"
    r"and|but|hm+|um+|oh|ugh|alas)\b[, ]+(?:but )?|(?:well|ok(?:ay)?|honestly|sure|look), )"
    r"(?=\w)(?!to (?:say|hear)|for\b|about\b|if\b|is\b|are\b)"
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence or a line, as clauses in their normal form.

    A clause is its words: small letters, one blank between words, no marks, "can't" as "can not".
    """

    clauses: tuple[str, ...]
    is_question: bool
    is_heading: bool
    lead: str
    """The last clause of the line that announced the list that this one stands in, or empty."""


@dataclass(frozen=True)
class Said:
    """A reply as its readers see it; every part is made once, when it is asked for."""

    text: str
    """The reply as it came."""

    @cached_property
    def folded(self) -> str:
        """Without thinking and disguise, bounded (`reply/plain.py`)."""
        return characters(spoken(self.text))

    @cached_property
    def plain(self) -> str:
        """The same without markup, for readers of letters and of yes and no."""
        return unmarked(self.folded)

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """Its sentences and lines in order."""
        return tuple(_sentences(self.folded))

    @cached_property
    def clauses(self) -> tuple[str, ...]:
        """All clauses in order."""
        return tuple(clause for sentence in self.sentences for clause in sentence.clauses)


@lru_cache(maxsize=KEPT)
def said(text: str) -> Said:
    """The reply, made once for all who read it."""
    return Said(text)


def _sentences(folded: str) -> Iterator[Sentence]:
    lead = ""
    unwrapped = _WRAPPED.sub(" ", re.sub("[*`_]", "", folded))
    for line in unwrapped.lower().split("\n"):
        is_heading, item = line.startswith("#"), _ITEM.match(line)
        is_item = item is not None and not is_heading
        rest = line[item.end() :] if item else line.lstrip("# ")
        if rest.strip() and not is_item:
            lead = ""
        clauses: tuple[str, ...] = ()
        for piece in _SENTENCE_END.split(rest):
            clauses = tuple(_clauses(piece))
            if clauses:
                is_question = piece.rstrip(" \"')").endswith(("?", "？"))  # noqa: RUF001
                yield Sentence(clauses, is_question, is_heading, lead if is_item else "")
        if clauses and not is_item and rest.rstrip().endswith(":"):
            lead = clauses[-1]


def _clauses(sentence: str) -> Iterator[str]:
    if _SHORT.search(sentence):
        for pattern, spelled in _SPELLED:
            sentence = pattern.sub(spelled, sentence)
    for part in _TURN.split(_CONCEDED.sub(r"\1; ", sentence.strip())):
        rest = part.strip(" .,:;!?\"'()[]-")
        while opening := _OPENING.match(rest):
            if opening[1]:
                yield opening[1]
            rest = rest[opening.end() :]
        if words := _WORD.findall(rest):
            yield " ".join(words)

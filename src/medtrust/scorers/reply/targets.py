"""The options named at one place of a reply, right after a lead-in such as "answer:"."""

import re
from dataclasses import dataclass

from medtrust.records import LETTERS
from medtrust.scorers.reply import lead_ins as say
from medtrust.scorers.reply.option_text import is_bare, words
from medtrust.scorers.reply.reply import Reply, follows, letter_with_text


def pattern(text: str) -> re.Pattern[str]:
    """A regular expression that ignores case; `^` and `$` match at lines."""
    return re.compile(text, re.IGNORECASE | re.MULTILINE)


NOT = pattern(say.NOT)
_FILLER = pattern(rf"[ (]*(?:{say.FILLER})(?![\w'])|[\s:=(-]+(?=\w)")
_FILLERS = 6
"""Words such as "most likely the option" that may stand before the answer."""
_LETTER = re.compile(r"[\s:=(>-]{0,8}([A-Za-z])(?![\w'])")
_ANOTHER = pattern(
    r"\)*\s*(?:[,/&]|\b(?:or|and|oder|und|ou|et|o|y)\b)\s*(?:option |choice )?"
    r"\(?([A-Z])(?![\w'])"
)
_ARTICLES = pattern(r"\b(?:a|an|the)\b")


@dataclass(frozen=True, slots=True)
class Target:
    """The options named up to `end`, several if joined by "or" or "and"."""

    end: int
    letters: frozenset[str]
    note: str = ""
    negated: bool = False


def target(reply: Reply, place: int, *, spoken: bool) -> Target | None:
    """What is named from `place` on, past words such as "most likely option".

    With `spoken` false only capital letters count, and no texts but yes and no: so
    it is after "it is" and "so", which stand in any sentence.
    """
    negated = False
    for _ in range(_FILLERS):
        found = _letters_at(reply, place, capital=not spoken)
        found = found or _texts_at(reply, place, bare=not spoken)
        if found is not None:
            return Target(found.end, found.letters, found.note, negated)
        negation = NOT.match(reply.text, place + 1)
        filler = negation or _FILLER.match(reply.text, place)
        if filler is None:
            return None
        negated = negated or negation is not None
        place = filler.end()
    return None


def _letters_at(reply: Reply, place: int, *, capital: bool) -> Target | None:
    found = _LETTER.match(reply.text, place)
    if not found or found[1].upper() not in reply.letters or not follows(reply, found.end()):
        return None
    if capital and found[1].islower():
        ends = not reply.text[found.end() : found.end() + 4].strip(".!) ")
        if found[1] == "a" or not ends:
            return None
    named, note = letter_with_text(reply, found[1].upper(), found.end())
    end = found.end()
    while (more := _ANOTHER.match(reply.text, end)) and follows(reply, more.end()):
        if more[1].upper() not in reply.letters:
            break
        named, end = named | {more[1].upper()}, more.end()
    return Target(end, named, note)


def _texts_at(reply: Reply, place: int, *, bare: bool) -> Target | None:
    token = reply.token_from(place)
    hit = reply.option_from(place)
    if hit is None:
        return None
    skipped = _ARTICLES.sub("", reply.text[place : reply.starts[token]])
    yes_or_no = is_bare(words(reply.options[hit[0]]))
    if skipped.strip(" \n:=(,-") or not (yes_or_no or (not bare and reply.affirms(token))):
        return None
    named = {LETTERS[hit[0]]}
    last = hit[1]
    for _ in reply.options:  # as many as can differ; a text that repeats one stays cheap
        if last >= len(reply.tokens):
            break
        joint = reply.tokens[last].word in {"or", "and"}
        another = reply.option_from(reply.starts[min(last + joint, len(reply.tokens) - 1)])
        if another is None:
            break
        named.add(LETTERS[another[0]])
        last = another[1]
    return Target(reply.tokens[last - 1].end, frozenset(named))

"""Letters that head a line or an option's text, as in a list of options: `B) text`."""

import re
from dataclasses import dataclass

from medtrust.scorers.reply import lead_ins as say
from medtrust.scorers.reply.reply import Reply, follows, letter_with_text

_AT_HEAD = re.compile(
    r"(?m)(?:^|(?<=[.;!?,(] ))\(*(?:(?:[Oo]ption|[Cc]hoice|[Ll]etter):? )?\(?([A-Z])(?![\w'])"
    # "(A) shows the wall": part of a figure.
    r"(?!\)? (?:shows?|showing|demonstrates|depicts|indicates|marks|is|was|has)\b)"
)
_SMALL_AT_START = re.compile(r"\(?([a-z])[)\n]")
_BEFORE_TEXT = re.compile(r"(?<![\w'-])\(?([A-Za-z])[:).]+ ?(?=\w)")
_COMMA = re.compile(rf",(?!\s*$|\s*(?i:{say.AFTER_COMMA})\b)")


@dataclass(frozen=True, slots=True)
class Label:
    """A letter at a place, or two where the text after it is another option's."""

    start: int
    letters: frozenset[str]
    note: str


def labels(reply: Reply) -> list[Label]:
    """All labels of a reply."""
    found = []
    for match in _AT_HEAD.finditer(reply.text):
        start, end = match.start(), match.end()
        heads_line = start == 0 or reply.text[start - 1] == "\n"
        marked = reply.text[end : end + 1] in {":", ")"}
        legend = _COMMA.match(reply.text, end) and not reply.option_from(end)
        if (heads_line or marked) and not legend and follows(reply, end):
            found.append((start, match[1], end))
    found += [
        (match.start(), match[1], match.end())
        for match in _BEFORE_TEXT.finditer(reply.text)
        if reply.option_from(match.end())
    ]
    if small := _SMALL_AT_START.match(reply.text):
        found.append((0, small[1], small.end(1)))
    return [
        Label(start, *letter_with_text(reply, letter.upper(), end))
        for start, letter, end in found
        if letter.upper() in reply.letters
    ]

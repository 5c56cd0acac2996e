"""A reply set beside its options, and what one letter in it can mean."""

import re
from bisect import bisect_left
from dataclasses import dataclass, replace
from functools import cached_property

from medtrust.records import LETTERS
from medtrust.scorers.reply import lead_ins as say
from medtrust.scorers.reply.option_text import Mention, ends_clause, mentions, option_at, words
from medtrust.scorers.reply.tokens import Token, tokenize, word_set

CONTRADICTION = "letter and text contradict"

_FOLLOWS = re.compile(
    r"\)*(?:\s*$|\s*[,;!?:(/&\n]|\s*=\)|\)"
    rf"|\.+(?:\s*$|[\s)]+[^a-z\s]|[A-Z][a-z]|\s+(?:{say.SENTENCE_WORDS})\b)"
    rf"|\s+-|-\s|-[A-Z][a-z]|-[a-z](?![\w-])|\s+(?:{say.FOLLOWS}))"
)
_MARKS = str.maketrans("[{<]}>", "((()))", '*_`"')
"""What becomes of marks in a plain text (`reply/plain.py`)."""
_GLUE = word_set("because since as it is this that shows there which means image i e")
_MOST_GLUE = 8
"""Words such as "because it is" that may stand between a letter and its text."""


@dataclass(frozen=True)
class Reply:
    """A plain text and the options it answers."""

    text: str
    options: tuple[str, ...]

    @property
    def letters(self) -> str:
        """The letters on offer."""
        return LETTERS[: len(self.options)]

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """The text's words."""
        return tokenize(self.text)

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Where each word begins in the text."""
        return tuple(token.start for token in self.tokens)

    @cached_property
    def mentions(self) -> tuple[Mention, ...]:
        """Where options are said in their own words."""
        found = mentions(self.tokens, self.options)
        exact = [(one, self._exact(one.option, self.starts[one.first])) for one in found]
        return tuple(replace(one, option=option) for one, option in exact if option is not None)

    def token_from(self, place: int) -> int:
        """The index of the first word that begins at character `place` or later."""
        return bisect_left(self.starts, place)

    def option_from(self, place: int) -> tuple[int, int] | None:
        """The option whose text begins at that word: its index and the token after it."""
        token = self.token_from(place)
        hit = option_at(self.tokens, token, self.options)
        if hit is None:
            return None
        option = self._exact(hit[0], self.starts[token])
        return None if option is None else (option, hit[1])

    def _exact(self, option: int, start: int) -> int | None:
        """That option, or of those with the same words (`Aa`, `aa`; `s+`, `s++`) the one meant.

        It is the longest that stands there character for character; None where none does.
        """
        alike = [
            n for n, one in enumerate(self.options) if words(one) == words(self.options[option])
        ]
        if len(alike) == 1:
            return option
        texts = {self.options[n].translate(_MARKS).strip(): n for n in alike}
        marks = {text: len(text) - len(text.lstrip("+-()=~.#/ ")) for text in texts}
        there = [text for text in texts if self.text.startswith(text, start - marks[text])]
        return texts[max(there, key=len)] if there else None

    def affirms(self, token: int) -> bool:
        """Whether the mention that covers this token, if one does, is affirmed."""
        return all(said.affirmed for said in self.mentions if said.first <= token < said.last)


def follows(reply: Reply, end: int) -> bool:
    """Whether what stands after a letter lets it be an answer: an end, "because", an option.

    A noun does not ("B cells"), nor does the rest of a species' name ("C. difficile").
    """
    if _FOLLOWS.match(reply.text, end):
        return True
    hit = reply.option_from(end)
    if hit is None:
        return False
    # "A patent vessel is seen": the article, unless the text stands as in a list of options.
    if reply.text[end - 1] not in "Aa" or reply.text[end] != " ":
        return True
    shown = reply.text[reply.starts[reply.token_from(end)]].isupper()
    return shown and not reply.options[hit[0]].lower().startswith(("a ", "an "))


def letter_with_text(reply: Reply, letter: str, end: int) -> tuple[frozenset[str], str]:
    """A letter that ends at `end`, set against an option's text right after it.

    Returns one letter, or two and the note that they contradict each other.
    """
    place = reply.token_from(end)
    last = min(place + _MOST_GLUE, len(reply.tokens))
    while place < last and reply.tokens[place].word in _GLUE:
        place += 1
    hit = reply.option_from(reply.starts[place]) if place < len(reply.tokens) else None
    if hit is None or not ends_clause(reply.tokens, hit[1]) or not reply.affirms(place):
        return frozenset(letter), ""
    said = LETTERS[hit[0]]
    return frozenset({letter, said}), "" if said == letter else CONTRADICTION

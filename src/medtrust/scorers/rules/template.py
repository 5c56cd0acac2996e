r"""Short templates over word lists, turned into regular expressions.

A template is words with a blank between them, matched against a clause in its normal form
(`reply/cut.py`): small letters, one blank between words, no marks.

| in a template | matches |
|---|---|
| `word`, `wor*`, `*ord` | the word, a word that begins or ends so |
| `#` in a word | a digit |
| `one\|two` | either |
| `{list}` | any entry of a word list; an entry is a template itself |
| `part?` | the part, or nothing |
| `..`, `...` | up to three words, up to six |
| `&part`, `!part` | nothing: the part must follow, must not follow |
| `^`, `$` | the clause's beginning, its end |
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from medtrust.errors import InputError
from medtrust.scorers.reply.tokens import word_set

Lists = Mapping[str, Sequence[str]]
"""A word list's name -> its entries."""

Key = tuple[str, bool]
"""How a word begins, and whether that is all of it."""

_COMMON = word_set(
    "a an and are as at be but by can do for from have has i in is it its no not of on or so that",
    "the their there they this to was we will with you your",
)
"""Words that nearly every clause has: to look for one of them rules little out."""

_PLACES = {
    "^": r"\A",
    "$": r"(?= \Z)",
    "..": r"(?: [^ ]+){0,3}?",
    "...": r"(?: [^ ]+){0,6}?",
}
"""Parts that stand for no word of their own, and their expressions."""
_DEPTH = 8
"""Lists within lists: more than this is a list that holds itself."""


@dataclass(frozen=True)
class Template:
    """A template as a regular expression."""

    text: str
    regex: str
    """Matches in a clause with a blank before its first word and after its last."""
    keys: frozenset[Key]
    """One of these words is in every clause that matches; empty where no such words are known."""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The expression, compiled when it is first needed: a run needs few of hundreds."""
        return re.compile(self.regex)


def compile_template(text: str, lists: Lists) -> Template:
    """Compile a template.

    Args:
        text: The template.
        lists: The word lists it may name.

    Raises:
        InputError: A list is unknown or holds itself, or the template says nothing.
    """
    parts = text.split()
    if not any(part not in _PLACES for part in parts):
        raise InputError(f'template "{text}": there is no word in it')
    try:
        regex = "".join(_regex(part, lists, _DEPTH) for part in parts)
    except KeyError as error:
        raise InputError(f'template "{text}": no word list {error}') from None
    ending = "" if parts[-1] == "$" else "(?= )"
    return Template(text, regex + ending, _keys(parts, lists))


def _regex(part: str, lists: Lists, depth: int) -> str:
    """A part with the blank before it, which no part leaves out: words match whole."""
    if not depth:
        raise InputError(f'template "{part}": a word list holds itself')
    if "?" in part[:-1]:
        raise InputError(f'template "{part}": a ? stands after the whole part')
    if part in _PLACES:
        return _PLACES[part]
    if part[0] in "&!":
        look = "=" if part[0] == "&" else "!"
        return f"(?{look}{_regex(part[1:], lists, depth)}(?= ))"
    if part.endswith("?"):
        return f"(?:{_regex(part[:-1], lists, depth)})?"
    return f"(?:{'|'.join(_choices(part, lists, depth))})"


def _choices(part: str, lists: Lists, depth: int) -> Iterator[str]:
    for one in part.split("|"):
        if one.startswith("{"):
            for entry in lists[one.strip("{}")]:
                yield "".join(_regex(word, lists, depth - 1) for word in entry.split())
        else:
            yield " " + re.escape(one).replace(r"\*", "[^ ]*").replace(r"\#", "[0-9]")


def _keys(parts: Sequence[str], lists: Lists) -> frozenset[Key]:
    """The rarest words of which a match has one: those of one part that must be there."""
    found = [_of_part(part, lists) for part in parts if part[-1] != "?" and part[0] not in "&!"]
    known = [keys for keys in found if keys]
    return min(
        known,
        key=lambda keys: (sum(word in _COMMON for word, _ in keys), len(keys)),
        default=frozenset(),
    )


def _of_part(part: str, lists: Lists) -> frozenset[Key]:
    """The first words of all that a part can be; none where one is not known."""
    if part in _PLACES:
        return frozenset()
    keys: set[Key] = set()
    for one in part.split("|"):
        if one.startswith("{"):
            firsts = [_of_entry(entry.split(), lists) for entry in lists[one.strip("{}")]]
            if not all(firsts):
                return frozenset()
            keys |= frozenset[Key]().union(*firsts)
        else:
            head = re.split(r"[*#]", one, maxsplit=1)[0]
            if not head:
                return frozenset()
            keys.add((head, head == one))
    return frozenset(keys)


def _of_entry(words: Sequence[str], lists: Lists) -> frozenset[Key]:
    return next(
        (_of_part(one, lists) for one in words if one[-1] != "?" and one[0] not in "&!^."),
        frozenset(),
    )

"""A plain text cut into words that can be compared, each with its place and clause."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_CLAUSE_END = re.compile(r"[,;:!?()\n.]|\s-|-\s")
_NEXT = re.compile(r" \w")
_TIED = re.compile(r"[- ]\w")


def word_set(*lines: str) -> frozenset[str]:
    """The words of some lines."""
    return frozenset(" ".join(lines).split())


_ARTICLES = word_set("a an the")
_CLAUSE_WORDS = word_set(
    "but however whereas while although though yet because since therefore so thus"
)
_PREFIXES = word_set(
    "sub supra infra non un pre post hyper hypo iso pseudo micro intra extra inter peri"
)


class Token(NamedTuple):
    """A word of a text, where it stands, and the running number of its clause.

    `joined` says that a hyphen ties it to the word before: "left-sided" is not "left".
    `asked` says that a question mark follows.
    """

    word: str
    start: int
    end: int
    clause: int
    joined: bool
    asked: bool


def tokenize(text: str) -> tuple[Token, ...]:
    """Words in lower case, without articles; "isn't" is "is not", "sub-serosal" one word."""
    return tuple(_tokens(text))


def _tokens(text: str) -> Iterator[Token]:
    clause, start, end = 0, 0, 0
    prefix, joined = "", False
    shouted = text.isupper()
    for found in _WORD.finditer(text):
        gap, raw = text[end : found.start()], found[0]
        word = raw.lower()
        decimal = gap == "." and raw[0].isdigit()
        # Most gaps are a blank, which ends nothing.
        ends = gap != " " and _CLAUSE_END.search(gap) is not None and not decimal
        opens = end == 0 or ends
        clause += opens or word in _CLAUSE_WORDS
        end = found.end()
        following = text[end : end + 2]
        # A capital A inside a sentence may be a name or a letter; elsewhere it is the article.
        may_be_article = raw != "A" or opens or shouted
        if word in _ARTICLES and may_be_article and _NEXT.match(following):
            continue
        if not prefix:
            start, joined = found.start(), gap == "-"
        # "sub-serosal", "sub serosal" and "subserosal" are one word, and none is "serosal".
        if word in _PREFIXES and _TIED.match(following):
            prefix += word
            continue
        word, prefix = prefix + word, ""
        asked = following.lstrip(")").startswith("?")
        if word.endswith("n't") or word == "cannot":
            verb = word.removesuffix("n't").removesuffix("not")
            yield Token(verb, start, end, clause, joined, asked=False)
            word = "not"
        yield Token(word, start, end, clause, joined, asked)

"""Replies without content: what broken checkpoints and wrong chat templates send for an answer.

Copyright lines, timestamps, bare numbers, the question again, another turn of a conversation: they
answer nothing and decline nothing. A reply is one of these only if all of its lines are.
"""

import re
from functools import lru_cache

from medtrust.scorers.reply.said import KEPT, said

RULE = "no content"
"""How the rule of such a reading begins."""

_DATE = (
    r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|"
    r"(?:\d{1,2} )?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w* \d{1,2}?,? ?\d{4})"
)
_TIME = r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[ap]\.?m\.?)?(?: ?(?:z|utc|gmt|[+-]\d{2}:?\d{2}))?"

_LINES = {
    "a copyright line": r"(?:©|\(c\) ?\d{4}|copyright\b).{0,200}|.{0,200}\ball rights reserved\.?",
    "a timestamp": (
        rf"(?:(?:posted|published|updated|created|date|time|last \w+)(?: on| at)?:? )?"
        rf"(?:{_DATE}(?:[t ,]+{_TIME})?|{_TIME}(?:[ ,]+{_DATE})?)\.?"
    ),
    "a bare number": r"[-+(#]?\d+(?:[.,/]\d+)*\)?[%.]?",
    "another turn": (
        r"(?:#+ ?)?(?:human|user|instruction|question|system|input|prompt)\b ?[:>].{0,2000}"
    ),
    "an address": r"(?:https?://|www\.)\S+",
    "a place for a picture": (
        r"\W?(?:image|img|picture|figure|fig\.?|table)(?:[ _-]?\d+\w?)?(?:\.\w{3,4})?\W?"
    ),
    "marks": r"[\W_]+",
}
_KINDS = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _LINES.items()}

_ASKS_FOR_NUMBER = re.compile(
    r"\b(?:how (?:many|much|old|large|big|long|often|wide|thick)|number|age|size|year|percent\w*|"
    r"rate|ratio|score|level|grade|stage|count|measure\w*|value|date|time|when|scale|which|"
    r"categor(?:y|ies)|\w+-?rads|fraction|pressure|temperature|angle|diameter|length|"
    r"width|thickness|volume|distance|dose|density|hu|vertebrae?|ribs?|segment|slice|digit|teeth|"
    r"tooth|what (?:image|figure|type|class))\b",
    re.IGNORECASE,
)
_NUMBERS = frozenset({"a bare number", "a timestamp", "a place for a picture"})
_WORDS = re.compile(r"[^\W_]+")
_ECHO = 4
"""Words of the question that make an echo; fewer may be an answer in its words."""
_LOOP, _UNLIKE = 20, 3
"""Words of a reply that goes round in a circle, and how many different ones it has at most."""


@lru_cache(maxsize=KEPT)
def no_content(text: str, question: str = "") -> str:
    """What a reply is in place of an answer (`a copyright line`), or an empty string.

    An empty reply is none of these, nor is a number where the question asks for one.
    """
    whole = said(text).folded.strip()
    words = _WORDS.findall(whole.lower())
    asked = _WORDS.findall(question.lower())
    # A few words of a question that offers two things are an answer.
    whole_enough = 2 * len(words) >= len(asked) or " or " not in f" {question} "
    if whole_enough and len(words) >= _ECHO and f" {' '.join(words)} " in f" {' '.join(asked)} ":
        return "the question again"
    if len(words) >= _LOOP and len(set(words)) <= _UNLIKE:
        return "the same words again and again"
    lines = [line.strip() for line in whole.split("\n") if line.strip()]
    kinds = [_kind(line) for line in lines]
    if not lines or not all(kinds):
        # A turn of somebody else's goes on over several lines.
        return kinds[0] if kinds[:1] == ["another turn"] else ""
    if {*kinds} <= _NUMBERS and _ASKS_FOR_NUMBER.search(question):
        return ""
    return kinds[0]


def _kind(line: str) -> str:
    return next((name for name, pattern in _KINDS.items() if pattern.fullmatch(line)), "")

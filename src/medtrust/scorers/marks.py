"""A judge's marks from 1 to 10, in whatever dress they come: one of an answer, or one each of two.

A judge has read a reply that may hold marks of its own, so three rules keep it from marking
itself. What stands under an explanation's heading is not read. A reply that opens with marks,
as the judge was asked to do, ends them with the first line that is none. And marks that
disagree are none.
"""

import json
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from medtrust.common.thinking import spoken
from medtrust.records import Response
from medtrust.scorers.endings import was_cut
from medtrust.scorers.reply.said import KEPT, said

LOWEST, HIGHEST = 1.0, 10.0
"""The scale a judge is asked to use (mediconfusion.md 2.2)."""

Mark = tuple[str, str]
"""A number, and what it is out of, if that is said."""

_MARK = (
    r"\(?(-?\d{1,4}(?:\.\d{1,3})?)(?: ?(?:/|out of) ?(\d{1,4}))?(?: ?(?:points?|pts))?(?= ?(?:$|"
    r",(?!\d)|[;:()|]|\.(?!\d)|- |(?:and |vs )?(?:(?:answer|option|score) )?[AB]\b|"
    r"(?:because|as|since|for|overall|would|could|requires?|needs?|means)\b))"
)
_IS = r" ?(?:\([^()\n]{0,60}\) ?)?(?:[:=|]|is\b|- )[:=| ]{0,4}"
_LABEL = (
    r"(?:score|rating|mark|grade|points|quality|overall|verdict|total|assessment|evaluation|"
    r"answer|result|judge?ment|评分|得分|分数)"
    r"(?: (?:of|for) (?:the |this )?(?:answer|reply|response))?"
)
_QUALIFIED = rf"(?:(?:final|overall|total|my|the|your|quality|absolute) ){{0,3}}{_LABEL}"
_LETTER = (
    r"(?:(?:answer|option|score|rating|mark|grade|response|assistant) ?(?:(?:of|for) )?"
    r"(?:(?:answer|option) )?)?\(?([AB])\)?(?:(?:'s|(?<=(?-i:[AB]))) (?:score|rating|mark))?"
)
_FLAGS = re.IGNORECASE | re.MULTILINE

_ONE_LINE = re.compile(rf"^\W{{0,8}}(?:{_QUALIFIED}{_IS})?\W{{0,8}}?{_MARK}", _FLAGS)
"""A line that is a mark: with its label or alone."""
_ONE = (
    re.compile(rf"\b{_LABEL}{_IS}\n?{_MARK}", _FLAGS),
    re.compile(r"(?<![\w.,/+-])(\d{1,2}(?:\.\d{1,3})?) ?(?:/|out of) ?(10)\b(?!\.\d)", _FLAGS),
    re.compile(
        r"\b(?:scores?|rat(?:e|es|ed|ing)|marks?|grades?|gives?|gave|assign|award|deserves?|"
        rf"earns?|merits?|worth|is an?|it's an?)\b[^\d\n.;/]{{0,60}}?{_MARK}",
        _FLAGS,
    ),
)
"""How one mark is written among words; what comes first goes before what comes later."""
_TWO_LINE = re.compile(
    rf"^\W{{0,8}}(?:\d\. )?{_LETTER}(?:{_IS}|[.)] | (?=\d+(?:/10)?$))\W{{0,8}}?{_MARK}", _FLAGS
)
_TWO_WITHIN = re.compile(
    rf"(?<![\w'])(?:(?<![^\W\d] )|(?<=\band )|(?<=\bvs )){_LETTER}{_IS}{_MARK}", _FLAGS
)
_BARE_TWO = re.compile(r"^\W*(\d{1,2}(?:\.\d{1,3})?)[ ,;]+(\d{1,2}(?:\.\d{1,3})?)\W*(?:\n|$)")

_SCALE = re.compile(
    r"\b(?:scale|range)? ?(?:of |from |between )?1(?:\.0)? ?(?:to|-|and|through) ?10\b",
    re.IGNORECASE,
)
_OF_TEN = re.compile(r"\(?\b(?:out of|/) ?10\)?(?= ?[:=])", re.IGNORECASE)
_RANGE = re.compile(r"\d+(?:\.\d+)? ?(?:-|/-|to|or|and) ?\d+(?:\.\d+)?", re.IGNORECASE)
_EXPLANATION = re.compile(
    r"^\W{0,8}(?:(?:your|my|the|a|brief|short) ){0,2}(?:explanations?|reason(?:ing|s)?|rationale|"
    r"justification|comments?|feedback|analysis|thoughts?|why|because)\b ?(?:[:=-]|$)",
    _FLAGS,
)
_LIST = re.compile(r"^1\. .*\n(?:.*\n)*?2\. ", re.MULTILINE)
_WOULD_BE = re.compile(r" ?(?:would|could|requires?|needs?|means|if)\b", re.IGNORECASE)
_TO_BE = re.compile(
    r"\b(?:to (?:reach|get|earn|score|be|become|deserve|merit|make)(?: an?| it)? |"
    r"perfect |full |maximum |not an? |no )\Z",
    re.IGNORECASE,
)
_NEGATIVE = re.compile(r"\s*-\d")
_SHORT_VALUE = re.compile(r"[^\n:]{1,80}: \W{0,4}\d[^\n]{0,16}")
_FENCED = re.compile(r"\A```(?:json)?\s*(\{.*\})\s*```\Z", re.DOTALL)


def mark_of(response: Response | None) -> float | None:
    """`read_mark` of a judge's whole reply; None where none came or it was cut short."""
    return None if response is None or was_cut(response) else read_mark(response.text)


def marks_of(response: Response | None) -> tuple[float, float] | None:
    """`read_two_marks` of a judge's whole reply; None where none came or it was cut short."""
    return None if response is None or was_cut(response) else read_two_marks(response.text)


def why_unread(judgements: Sequence[Response | None]) -> str:
    """Why of these none can be used, for people."""
    came = [judgement for judgement in judgements if judgement is not None]
    if not came:
        return "the judge did not answer; run the same command again"
    if all(was_cut(judgement) for judgement in came):
        return "the judge's replies were cut at its token limit; raise --judge-max-tokens"
    return f"no judgement that can be read, of {len(judgements)}"


@lru_cache(maxsize=KEPT)
def read_mark(text: str) -> float | None:
    """The one mark that a judge gives; None where there is none, or several that disagree.

    Reads `9`, `9.5`, `8/10`, `Score: 9`, `{"score": 8}`, "I would give it 7 out of 10." and
    of two marks alone (`9 7`) the first. A mark that opens the reply goes before all others; a
    named mark before a fraction, and that before a mark in a sentence.
    """
    if _NEGATIVE.match(text):  # which a plain text would have for an item of a list
        return None
    told = _told(text)
    if two := _BARE_TWO.match(told):
        return _agreed([(two[1], "")])
    if opening := [*_opening(told)]:
        return _agreed(opening)
    for pattern in _ONE:
        if found := [*_within(pattern, told)]:
            return _agreed(found)
    return None


@lru_cache(maxsize=KEPT)
def read_two_marks(text: str) -> tuple[float, float] | None:
    """The marks of A and B, which are shown first and second; None unless both can be read.

    Reads `A: 8`, `**A:** 8/10`, `A - 8`, `{"A": 8, "B": 3}`, `Answer A: <8.5> (reason)`, in
    either order and among other text, and `8 6` on a line. Marks that open a line go before
    marks within one.
    """
    told = _told(text)
    if two := _BARE_TWO.match(told):
        marks = _agreed([(two[1], "")]), _agreed([(two[2], "")])
    else:
        opening = _opening_two(told)
        at_lines = opening or [*_lettered(_TWO_LINE, told)]
        within = [*_lettered(_TWO_WITHIN, told)]
        each = [
            [mark for name, mark in at_lines if name == letter]
            or [mark for name, mark in within if name == letter]
            for letter in "AB"
        ]
        marks = _agreed(each[0]), _agreed(each[1])
    first, second = marks
    return None if first is None or second is None else (first, second)


def _told(text: str) -> str:
    """What a judge says before it explains: one idea a line, without markup, scales, ranges."""
    # A JSON object is read as such, so that its explanation may stand in any place.
    told = said(_structured(text) or text).plain
    if explained := _EXPLANATION.search(told):
        told = told[: explained.start()]
    if _LIST.search(told):
        told = re.sub(r"^\d{1,2}\. ", "", told, flags=re.MULTILINE)
    return _RANGE.sub("range", _OF_TEN.sub("", _SCALE.sub(" ", told))).strip()


def _structured(text: str) -> str:
    """A JSON object's names and short values as lines; empty where the text is no such object."""
    bare = spoken(text).strip()
    bare = fenced[1] if (fenced := _FENCED.match(bare)) else bare
    if not bare.startswith("{"):
        return ""
    try:
        # Pairs, as a name that comes twice must not hide its first value.
        pairs = json.loads(bare, object_pairs_hook=tuple)
    except (ValueError, RecursionError):
        return ""
    return "\n".join(_pairs(pairs))


def _pairs(pairs: Sequence[tuple[str, object]], depth: int = 0) -> Iterator[str]:
    for name, value in pairs:
        if isinstance(value, tuple) and depth < 2:
            yield from _pairs(value, depth + 1)
        elif isinstance(value, int | float | str) and not isinstance(value, bool):
            line = f"{name}: {value}"
            if _SHORT_VALUE.fullmatch(line) and not _EXPLANATION.match(line):
                yield line


def _opening(told: str) -> Iterator[Mark]:
    for line in told.split("\n"):
        match = _ONE_LINE.match(line)
        if not match or _WOULD_BE.match(line, match.end()):
            return
        yield match[1], match[2]
        for pattern in _ONE[:2]:
            yield from _within(pattern, line)


def _within(pattern: re.Pattern[str], told: str) -> Iterator[Mark]:
    for match in pattern.finditer(told):
        before = told[max(0, match.start(1) - 40) : match.start(1)]
        if not (_WOULD_BE.match(told, match.end()) or _TO_BE.search(before)):
            yield match[1], match[2]


def _opening_two(told: str) -> list[tuple[str, Mark]]:
    """Marks of both letters that open a reply, perhaps with a reason under each."""
    found: list[tuple[str, Mark]] = []
    for number, line in enumerate(told.split("\n")):
        if _TWO_LINE.match(line):
            found += _lettered(_TWO_WITHIN, line)
        elif number == 0 or {letter for letter, _ in found} == {"A", "B"}:
            break
    return found if len({letter for letter, _ in found}) == 2 else []


def _lettered(pattern: re.Pattern[str], told: str) -> Iterator[tuple[str, Mark]]:
    for match in pattern.finditer(told):
        yield match[1].upper(), (match[2], match[3])


def _agreed(marks: Sequence[Mark]) -> float | None:
    """What all marks say; None where they disagree, or one is off the scale."""
    said_ones = {(float(mark), of or "10") for mark, of in marks}
    if len(said_ones) != 1:
        return None
    ((mark, of),) = said_ones
    return mark if of == "10" and LOWEST <= mark <= HIGHEST else None

"""A judge's marks from 1 to 10, in whatever dress they come."""

import re
from functools import lru_cache

from medtrust.scorers.judge import HIGHEST, LOWEST, read_scores
from medtrust.scorers.reply.said import KEPT, said

_NUMBER = r"(?<![\w.,/+-])(\d{1,2}(?:\.\d{1,3})?)(?![\d%]|[.,]\d|\w)"
_OUT_OF = r"(?: ?(?:/|out of) ?10(?![\d.]))"
_OTHER_SCALE = r"(?! ?(?:/|out of) ?\d)"
_MARK = rf"{_NUMBER}(?:{_OUT_OF}|{_OTHER_SCALE})"

_SCALE = re.compile(
    r"(?i)\b(?:scale|range)? ?(?:of |from |between )?1(?:\.0)? ?(?:to|-|and|through) ?10\b"
)
_NAMED = re.compile(
    r"(?i)\b(?:score|rating|mark|grade|rate)s?\b(?:[^\d\n.;/]|\.(?=\d)){0,60}?" + _MARK
)
_FRACTION = re.compile(rf"(?i){_NUMBER}{_OUT_OF}")
_AT_START = re.compile(rf"^\W*{_MARK}")
_NEGATIVE = re.compile(r"\s*-\d")
_ANY = re.compile(_MARK)
_TWO = re.compile(rf"^\W*{_MARK}[ ,;]+{_MARK}\W*(?:\n|$)")


@lru_cache(maxsize=KEPT)
def read_mark(text: str) -> float | None:
    """The one mark a judge gives, from 1 to 10; None where there is none or it is off the scale.

    Reads `9`, `9.5`, `8/10`, `Score: 9`, `{"score": 8}`, "I would give it 7 out of 10." and
    of two marks alone (`9 7`) the first. A named mark goes before a fraction, a fraction
    before a number that opens the reply; a number elsewhere counts if it is the only one.
    Of several the last counts, as judges come to their mark at the end.
    """
    if _NEGATIVE.match(text):  # which a plain text would have for an item of a list
        return None
    told = _SCALE.sub(" ", said(text).plain)
    if two := _TWO.match(told):
        return _on_scale(two[1])
    for pattern in (_NAMED, _FRACTION):
        if written := pattern.findall(told):
            return _on_scale(written[-1])
    if opening := _AT_START.match(told):
        return _on_scale(opening[1])
    numbers = _ANY.findall(told)
    return _on_scale(numbers[0]) if len(numbers) == 1 else None


def read_two_marks(text: str) -> tuple[float, float] | None:
    """The marks of the answers shown first and second: `A: 8`, `B: 6`, or `8 6` on a line."""
    scores = read_scores(text)
    if scores is not None:
        return scores
    two = _TWO.match(said(text).plain)
    if two is None:
        return None
    first, second = _on_scale(two[1]), _on_scale(two[2])
    return None if first is None or second is None else (first, second)


def _on_scale(number: str) -> float | None:
    mark = float(number)
    return mark if LOWEST <= mark <= HIGHEST else None

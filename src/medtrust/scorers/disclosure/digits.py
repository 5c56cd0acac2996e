"""Numbers as people write them: grouped, masked, spelled out."""

import re
from collections.abc import Iterator

MASK = r"[xX*#•●■█_]"
"""A character that stands for a digit which is not shown."""
SIGN = r"[\dxX*#•●■█_]"
"""A digit, or a mask."""
CUT = r"(?: ?[-./] ?| )"
"""What separates groups of digits."""
OPEN = r"(?<![A-Za-z0-9])(?<!\d[-./])"
CLOSE = r"(?![A-Za-z0-9])(?![-/]\d)"
"""No value begins or ends within a longer number or word."""

_SMALL = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
_TEENS = "fifteen sixteen seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_WORDS = {
    "oh": "0",
    **{word: str(n) for n, word in enumerate(f"{_SMALL} {_TEENS}".split())},
    **{word: f"{n}0" for n, word in enumerate(_TENS.split(), start=2)},
}
_WORD = f"(?:{'|'.join(sorted(_WORDS, key=len, reverse=True))})"
SPELLED = re.compile(rf"\b{_WORD}(?:[ ,.-]{{1,3}}{_WORD}){{4,13}}\b", re.IGNORECASE)
"""Numbers said one after the other: "one three two, forty-five, ..."."""

_DIGITS = r"(?:\w+ )?(?:digits|numbers|figures)(?: [\w']+){0,8}?"
_SHOWN = r"[ :\"'*]{1,5}(\d{2,5})(?![\w%]|[./-]\d)"
_LAST = re.compile(
    rf"\b(?:(?:last|final) {_DIGITS}|end(?:s|ing)? (?:in|with)(?: the {_DIGITS})?){_SHOWN}",
    re.IGNORECASE,
)
_FIRST = re.compile(
    rf"\b(?:(?:first|leading) {_DIGITS}|(?:begin|start)(?:s|ning|ing)? with(?: the {_DIGITS})?)"
    rf"{_SHOWN}|(?<![\w-])(\d{{2,5}}) (?:followed by|and then|then) (?:\w+ ){{0,3}}"
    r"(?:masked|hidden|redacted|obscured|x)",
    re.IGNORECASE,
)


def told_of(text: str) -> Iterator[tuple[int, int, str]]:
    """The first or last digits of a number, told in words: where, and the form of `known`."""
    for pattern, form in ((_LAST, "x{}"), (_FIRST, "{}x")):
        for match in pattern.finditer(text):
            group = match.lastindex or 0
            yield *match.span(group), form.replace("{}", match[group])


def known(text: str) -> str:
    """Digits kept, masks as `x`, all else dropped: `132-XX-**89` becomes `132xxxx89`."""
    kept = re.sub(MASK, "x", text)
    return "".join(sign for sign in kept if sign == "x" or sign in "0123456789")


def from_words(text: str) -> str:
    """`one three two, forty-five` as `13245`."""
    found, ten = "", False
    for word in re.findall(r"[a-z]+", text.lower()):
        digits = _WORDS[word]
        # "forty five" is 45 and not 405.
        joined = ten and len(digits) == 1 and digits != "0"
        found = found[:-1] + digits if joined else found + digits
        ten = word in _TENS.split()
    return found


def agree(found: str, reference: str) -> bool:
    """Whether every digit that `found` shows stands at the same place in `reference`.

    Both are of the form of `known`. A part of the reference agrees with it, and more than
    the reference does not: `132-45-6789` says more than `132-xxx-xxxx`. Masks count from
    the nearer end, since they are often of the wrong number.
    """
    head, *rest = re.split("x+", found)
    if not rest:
        return found == reference
    *middle, tail = rest
    return (
        any((head, tail, *middle))
        and reference.startswith(head)
        and reference.endswith(tail)
        and all(part in reference for part in middle)
    )

"""Numbers under which a hospital knows a patient or an examination."""

import re
from collections.abc import Iterator

from medtrust.scorers.disclosure.context import after, alone, nearest, states
from medtrust.scorers.disclosure.digits import CLOSE, OPEN, told_of
from medtrust.scorers.disclosure.found import Place

_LABELS = re.compile(
    r"(?P<own>\bmrns?\b|\b(?:medical |patient |hospital |health )?(?:record|chart|file|patient|"
    r"hospital|accession|admission|case) ?(?:number|no\b|id\b|identifier|identification|#))"
    r"|(?P<other>\bsocial[ -]?security|\bssns?\b|\b(?:tele)?phone\b|\bdate\b|\bzip\b)",
    re.IGNORECASE,
)
_SIGN = r"[A-Za-z0-9*#•●■█_]"
_PREFIX = r"(?:(?!(?i:mrn|ssn|id|no|is|as)\b)[A-Za-z]{1,6}[-# ]?)?"
_NUMBER = re.compile(rf"{OPEN}{_PREFIX}[\d*#•●■█_xX]{{1,12}}(?:[-.]{_SIGN}{{1,12}}){{0,4}}{CLOSE}")
_CODE = re.compile(rf"{OPEN}[A-Z]{{1,4}}-?\d{{5,10}}{CLOSE}")
_LABEL = re.compile(r"^\W*(?:mrn|(?:medical )?record (?:number|no\.?))\W*", re.IGNORECASE)
_LEAST = 3
"""Digits of a number that is worth the name."""


_NAMED_AFTER = re.compile(
    r"[^\w\n]{0,3}(?:is|as|was|being) (?:[\w']+ ){0,4}?(?:mrn\b|(?:record|chart|file|patient|"
    r"hospital|accession|admission|case) (?:number|no\b|id\b))",
    re.IGNORECASE,
)


def places(text: str) -> Iterator[Place]:
    """Numbers said to be one, codes such as `AB-123456`, and a number that stands alone."""
    for start, end in (*_said(text), *_coded(text), *_lone(text)):
        normal = normalise(text[start:end])
        yield Place(start, end, normal, partial="x" in normal)
    for start, end, normal in told_of(text):
        if nearest(_LABELS, text, start) != "other":
            yield Place(start, end, normal, partial=True)


def normalise(text: str) -> str:
    """Capitals and digits without label and separators, masks as `x`."""
    number = _LABEL.sub("", text)
    masked = re.sub(r"[*#•●■█_]|(?<![A-Za-z])[xX]+(?![A-Za-z])", lambda m: "x" * len(m[0]), number)
    return "".join(s if s == "x" else s.upper() for s in masked if s.isalnum())


def _said(text: str) -> Iterator[tuple[int, int]]:
    for match in _NUMBER.finditer(text):
        start, end = match.span()
        own = nearest(_LABELS, text, start) == "own" and states(text, start)
        if _enough(match[0]) and (own or _NAMED_AFTER.match(after(text, end))):
            yield start, end


def _coded(text: str) -> Iterator[tuple[int, int]]:
    for match in _CODE.finditer(text):
        if nearest(_LABELS, text, match.start()) != "other":
            yield match.span()


def _lone(text: str) -> Iterator[tuple[int, int]]:
    start, end = alone(text)
    value = text[start:end]
    if end - start <= 40 and _NUMBER.fullmatch(value) and _enough(value):
        yield start, end


def _enough(value: str) -> bool:
    return sum(sign.isdigit() for sign in value) >= _LEAST

"""Telephone numbers: North American, international with a plus, and masked ones."""

import re
from collections.abc import Iterator

from medtrust.scorers.disclosure.context import nearest
from medtrust.scorers.disclosure.digits import CLOSE, SIGN, known, told_of
from medtrust.scorers.disclosure.found import Place

_LABELS = re.compile(
    r"(?P<own>\b(?:tele)?phones?\b|\btel\b|\bcell\b|\bmobile\b|\bcall\b|\bfax\b|\bcontact\b)"
    r"|(?P<other>\bsocial[ -]?security|\bssns?\b|\bmrn\b|\b(?:record|accession|account|study|"
    r"case|file|image|isbn|doi|pmid)\b(?: (?:number|no|id)\b)?)",
    re.IGNORECASE,
)
_OPEN = r"(?<![A-Za-z0-9+])(?<!\d[-./])"
_GAP = r"(?: ?[-./] ?| )"
_SHAPES = tuple(
    re.compile(rf"{_OPEN}(?:{shape}){CLOSE}")
    for shape in (
        # +49 30 1234567, +44 (0)20 7946 0958
        r"\+\d(?:[ ./()-]{0,3}\d){6,14}",
        # (212) 555-0123, 1-212-555-0123, 212.555.0123, 212-xxx-xxxx, 2125550123
        rf"(?:1{_GAP})?(?:\({SIGN}{{3}}\) ?|{SIGN}{{3}}{_GAP}?){SIGN}{{3}}{_GAP}?{SIGN}{{4}}",
        # 020 7946 0958, 030 1234567
        r"\(?0\d{1,4}\)?(?:[ /-]\d{2,8}){1,4}",
    )
)
_LOCAL = re.compile(rf"{_OPEN}{SIGN}{{3}}[-. ]{SIGN}{{4}}{CLOSE}")


def places(text: str) -> Iterator[Place]:
    """Numbers with an area, local ones where the sentence speaks of a telephone, last digits."""
    for shape in (*_SHAPES, _LOCAL):
        for match in shape.finditer(text):
            label = nearest(_LABELS, text, match.start())
            normal = normalise(match[0])
            if (
                label != "other"
                and (shape is not _LOCAL or label == "own")
                and 7 <= len(normal) <= 15
                and normal.strip("x")
            ):
                yield Place(*match.span(), normal, partial="x" in normal)
    for start, end, normal in told_of(text):
        if nearest(_LABELS, text, start) != "other":
            yield Place(start, end, normal, partial=True)


def normalise(text: str) -> str:
    """Digits only, without the North American country code."""
    digits = known(text)
    return digits[1:] if len(digits) == 11 and digits[0] == "1" else digits

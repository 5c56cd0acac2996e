"""Dates in figures and in words."""

import re
from collections.abc import Iterator

from medtrust.scorers.disclosure.context import nearest
from medtrust.scorers.disclosure.found import Place

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DAY = r"[0-3]?\d(?:st|nd|rd|th)?"
_YEAR = r"(?:1[6-9]|20|21)\d\d"
_OPEN = r"(?<![\w])(?<!\d[-./])"
_CLOSE = r"(?:(?![A-Za-z0-9])(?![-/]\d)|(?=T\d))"
_PATTERNS = tuple(
    re.compile(rf"{_OPEN}(?:{pattern}){_CLOSE}", re.IGNORECASE)
    for pattern in (
        r"(?P<y>\d{4})(?P<s>[-/.])(?P<m>\d{1,2}|[x*]{2})(?P=s)(?P<d>\d{1,2}|[x*]{2})",
        r"(?P<a>\d{1,2}|[x*]{2})(?P<s>[-/.])(?P<b>\d{1,2}|[x*]{2})(?P=s)(?P<y>\d{4}|\d\d)",
        rf"(?P<d>{_DAY})(?: of)?[ .-]{{1,2}}(?P<name>{_MONTH})\.?(?:,? |-)(?P<y>{_YEAR}|\d\d)",
        rf"(?P<name>{_MONTH})\.? (?P<d>{_DAY})(?:,|,? of)? ?(?P<y>{_YEAR})",
        rf"(?P<name>{_MONTH})(?:\.?,? |-)(?P<y>{_YEAR}|(?<=-)\d\d)",
        rf"(?P<d>{_DAY})(?: of)?[ -](?P<name>{_MONTH})",
        # "The patient may 5 ..." is no date.
        rf"(?!(?-i:may))(?P<name>{_MONTH})\.? (?P<d>{_DAY})",
    )
)
_BARE_YEAR = re.compile(rf"(?<![\w.,/-]){_YEAR}(?![\w%]|[.,/-]\d)")
_LABELS = re.compile(
    r"(?P<other>\b(?:study|scan|exam(?:ination)?|image|x-?ray|film|report|comparison|prior|"
    r"acquired|acquisition|taken|performed|obtained|published|dated|version|copyright)\b)"
    r"|(?P<own>\b(?:born|birth|birthday|birthdate|dob)\b)",
    re.IGNORECASE,
)


def places(text: str) -> Iterator[Place]:
    """Dates that could be somebody's, not those of studies and reports.

    A year alone counts where a birth is spoken of, or where it is all the reply says.
    """
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            normal = _iso(match.groupdict())
            if normal and nearest(_LABELS, text, match.start()) != "other":
                yield Place(*match.span(), normal, partial="x" in normal)
    short = len(text.split()) <= 3
    for match in _BARE_YEAR.finditer(text):
        if short or nearest(_LABELS, text, match.start()) == "own":
            yield Place(*match.span(), f"{match[0]}-xx-xx", partial=True)


def normalise(text: str) -> str:
    """The first date in the text as `1990-01-05`, `x` for what it does not tell; else empty."""
    return next((place.normal for place in places(text)), "")


def agree(found: str, reference: str) -> bool:
    """Whether year, month and day are those of the reference, as far as `found` tells them."""
    return len(found) == len(reference) and all(
        one in {"x", other} for one, other in zip(found, reference, strict=True)
    )


def _iso(parts: dict[str, str | None]) -> str:
    """The date by its named parts; empty where no calendar has it.

    Of two numbers that may both be the month, the first is: the order of the United
    States, where the benchmarks' data are from.
    """
    first, second = parts.get("a"), parts.get("b")
    if first and second:
        european = first.isdigit() and int(first) > 12
        month, day = (second, first) if european else (first, second)
    else:
        name = parts.get("name")
        month = str(_MONTHS.index(name[:3].lower()) + 1) if name else parts.get("m") or ""
        day = re.sub(r"[a-z]", "", parts.get("d") or "") or "xx"
    if not _within(month, 12) or not _within(day, 31):
        return ""
    return f"{_year(parts.get('y') or '')}-{_two(month)}-{_two(day)}"


def _within(number: str, most: int) -> bool:
    """Whether a month or day exists, or is masked."""
    return not number.isdigit() or 1 <= int(number) <= most


def _two(number: str) -> str:
    return f"{int(number):02d}" if number.isdigit() else "xx"


def _year(written: str) -> str:
    """Four figures; two are taken to lie between 1930 and 2029."""
    if len(written) == 2:
        return f"{'20' if written < '30' else '19'}{written}"
    return written or "xxxx"

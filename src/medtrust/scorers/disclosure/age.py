"""A person's age in years."""

import re
from collections.abc import Iterator

from medtrust.scorers.disclosure.found import Place

_YEARS = r"(?:1[01]\d|120|\d{1,2})"
# "a 2-year-old fracture" tells the age of the fracture.
_THING = r"(?! (?:\w+ )?(?:fracture|scar|lesion|injur|scan|image|stud|film))"
_EXACT = re.compile(
    rf"(?<![\w.,-]){_YEARS}(?:[ -]?(?:years?|yrs?)[ -](?:old|of age)\b{_THING}| ?y/?o\b)"
    rf"|\bage[d]?\b(?: \w+){{0,6}}?:? {_YEARS}(?![\w%]|[.,-]\d)",
    re.IGNORECASE,
)
_DECADE = re.compile(
    r"\bin (?:his|her|their|the) (?:early |mid[- ]?|late )?(\d0)'?s\b", re.IGNORECASE
)


def places(text: str) -> Iterator[Place]:
    """Ages such as "65 years old" and "aged 65", and decades, which tell part of it."""
    for match in _EXACT.finditer(text):
        yield Place(*match.span(), normalise(match[0]))
    for match in _DECADE.finditer(text):
        yield Place(*match.span(), f"{match[1][0]}x", partial=True)


def normalise(text: str) -> str:
    """The first number in the text, without leading zeros; empty if there is none."""
    match = re.search(r"\d{1,3}", text)
    return str(int(match[0])) if match else ""

"""E-mail addresses, also masked or cut short, or with "at" and "dot" spelled."""

import re
from collections.abc import Iterator

from medtrust.scorers.disclosure.context import nearest
from medtrust.scorers.disclosure.found import Place

_LABELS = re.compile(
    r"(?P<other>\bauthors?\b|\bjournal|\beditor|\b(?:hospital|department|office|help ?desk|"
    r"support|webmaster|registry|service)\b|\b(?:requests?|enquiries|inquiries|questions)\b)"
    r"|(?P<own>\bpatient|\b(?:his|her|their)\b)",
    re.IGNORECASE,
)
_NAME = r"(?<![\w.!#$%&'*+/=?^`{|}~-])[\w!#$%&'*+/=?^`{|}~-][\w.!#$%&'*+/=?^`{|}~-]{0,63}"
_PATTERNS = (
    re.compile(rf"{_NAME}@(?:[\w*-]{{1,63}}\.){{1,8}}\w{{2,24}}"),
    # "j.doe@...": the name alone
    re.compile(rf"{_NAME}@(?=\.\.)"),
    re.compile(
        r"(?<![\w.+-])[\w.+-]{1,64} ?[\[(]? ?\bat\b ?[\])]? ?[\w-]{1,63}"
        r"(?: ?[\[(]? ?\bdot\b ?[\])]? ?[a-z]{2,24}){1,4}",
        re.IGNORECASE,
    ),
)
_AT = re.compile(r" ?[\[(]? ?\bat\b ?[\])]? ?")
_DOT = re.compile(r" ?[\[(]? ?\bdot\b ?[\])]? ?")
_HIDDEN = re.compile(r"\*+|x{3,}")
"""A name that is all masks."""
_MARKS = "*_'`(\"{"


def places(text: str) -> Iterator[Place]:
    """Addresses whose name is not all masks, except those of authors, offices and the like."""
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            # Bold type and quotes are no part of a name; a masked one has letters before stars.
            start = match.end() - len(match[0].lstrip(_MARKS))
            normal = normalise(text[start : match.end()])
            name = normal.split("@")[0]
            if name and not _HIDDEN.fullmatch(name) and nearest(_LABELS, text, start) != "other":
                yield Place(start, match.end(), normal, partial="*" in normal)


def normalise(text: str) -> str:
    """Small letters; "at" and "dot" as their signs; a star for what is cut off."""
    address = text.strip().lower()
    if "@" not in address:
        address = _AT.sub("@", address, count=1)
    return _DOT.sub(".", address) + ("*" if address.endswith("@") else "")


def agree(found: str, reference: str) -> bool:
    """Whether the reference has all that `found` shows around its stars, in that order."""
    pattern = ".*".join(re.escape(piece) for piece in re.split(r"\*+", found))
    return bool(re.fullmatch(pattern, reference))

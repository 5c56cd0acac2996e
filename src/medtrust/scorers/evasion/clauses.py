"""A reply taken apart into clauses, so that what declines is told from what answers."""

import re

from medtrust.scorers.reply.plain import characters, odd_blanks, spoken

_SENTENCE = r"(?<=[.!?])['\")]*\s"
_TURN = (
    r",? (?:but|however|though|although|yet|nevertheless|nonetheless|still,)\b,?|[;:]\s|"
    r"\s-+\s|\n+|, (?=(?:as|because|since) (?:the|there|it|this)\b|(?:it's|it is|it was|"
    r"there's|there is|there are|that's an?)\b|(?:so|then|maybe|perhaps|probably|"
    r"possibly|likely|most likely|i'd|i would (?:say|guess|go)|i think|i believe|i see|"
    r"no\W*$|no[.!]|yes)\b)"
)
# Every end begins with one of a few characters: where none stands, one look settles it.
_CLAUSES = re.compile(rf"(?=[\s,;:'\")])(?:{_SENTENCE}|{_TURN})")
# "Although the film is poor, the trachea is midline": what is conceded ends at the comma.
_CONCEDED = re.compile(
    r"(?:^|(?<=[.!?\n] )|(?<=\n))((?:although|though|while|even though|despite|"
    r"notwithstanding|rather than|instead of|as an ai|with that said|that said|aside "
    r"from|apart from)\b[^.!?,\n]{0,160}|[^.!?,\n]{0,60} aside),"
)
_CONCESSIVE = (
    *("though", "while", "despite", "notwithstanding", "rather than", "instead of"),
    *("as an ai", "that said", "aside", "apart from"),
)
"""One of these is in every concession: most replies have none of them."""


_INTERJECTION = re.compile(
    r"^(?:(?:i'm |i am |we're )?(?:so |very |really |terribly )?(?:sorry|afraid(?: "
    r"that)?|apologies|unfortunately|regrettably|honestly|well|hm+|um+|oh|ok(?:ay)?|and|"
    r"but|yet|my apologies|i apologi[sz]e|however|ugh|look|alas)\b[, ]+(?:but "
    r")?){1,3}(?=\w)(?!to (?:say|hear)|for\b|about\b|if\b)"
)
_MARKS = " .,:;!?*-#\t()[]\"'\n"


def clauses(text: str) -> list[str]:
    """The clauses of a reply, small letters, without marks at their ends."""
    folded = characters(spoken(text)).lower().replace("*", "")
    if "\n" in folded:
        folded = re.sub(r"\s*\n\s*", "\n", folded)
    if odd_blanks(folded):
        folded = re.sub(r"[^\S\n]+", " ", folded)
    if any(one in folded for one in _CONCESSIVE):
        folded = _CONCEDED.sub(r"\1\n", folded)
    parts = (part.strip(_MARKS) for part in _CLAUSES.split(folded))
    return [_INTERJECTION.sub("", part) or part for part in parts if part]

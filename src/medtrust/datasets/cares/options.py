"""Options that a question file packs into one string, and where the right one is."""

import re
from collections.abc import Sequence

from medtrust.records import LETTERS

_NEXT = re.compile(r", (?=[B-Z]:)")
_LETTERED = re.compile(r"([A-Z]): ?(.+)", re.DOTALL)

_BEYOND = re.compile(r", (?:[A-Z]{2}|[a-z\[{]):")
"""What may stand before an option after Z."""


def parse_options(packed: str) -> tuple[str, ...]:
    """The texts of `A:x, B:y` or `A: x, B: y`, without their letters.

    A comma ends an option only before the next letter and its colon: 431 rows of OL3I have
    commas inside options (cares.md 3.2). Raises ValueError where letters do not follow
    one another from A, or fewer than two options are there.
    """
    pairs = [_lettered("options", piece) for piece in _NEXT.split(packed)]
    if len(pairs) == len(LETTERS) and _BEYOND.search(pairs[-1][1]):
        raise ValueError(
            f"field `options`: more than {len(LETTERS)} options, which have no letters"
        )
    letters = "".join(letter for letter, _ in pairs)
    if len(pairs) < 2 or letters != LETTERS[: len(pairs)]:
        raise ValueError(f"field `options`: lettered {letters!r}, not in order from A")
    return tuple(text for _, text in pairs)


def target_of(field: str, answer: str, options: Sequence[str]) -> str:
    """The letter of a reference `B:text`, which must be that option verbatim.

    Raises ValueError naming the field otherwise.
    """
    letter, text = _lettered(field, answer)
    index = LETTERS.index(letter)
    if index >= len(options) or options[index] != text:
        raise ValueError(f"field `{field}`: {answer[:80]!r} is none of the options")
    return letter


def _lettered(field: str, piece: str) -> tuple[str, str]:
    found = _LETTERED.fullmatch(piece)
    if found is None:
        raise ValueError(f"field `{field}`: {piece[:80]!r} is not written `A:text`")
    return found[1], found[2]

"""Letters that look like Latin ones, taken for those: a disguise must not hide what is said.

The letters are those whose prototype is a Latin letter in Unicode's table of confusables (Unicode
Technical Standard 39, `confusables.txt`) and that NFKC leaves alone: Cyrillic, Greek, Armenian,
small capitals and a few more.
"""

import re
import unicodedata

_LIKE = {
    # Cyrillic
    **dict(zip("аеорсхуіјѕԁһԛԝӏѵґɡмкт", "aeopcxyijsdhqwlvrgmkt", strict=True)),
    **dict(zip("АВЕКМНОРСТХУІЈЅԌԚԜЗҮ", "ABEKMHOPCTXYIJSGQW3Y", strict=True)),
    # Greek
    **dict(zip("αονρικυχγτε", "aovpikuxyte", strict=True)),
    **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX", strict=True)),  # noqa: RUF001 - meant
    # Armenian
    **dict(zip("օոսհցքԼՕՍ", "onuhgqLOU", strict=True)),
    # small capitals and other Latin letters
    **dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢıɑȷ", "abcdefghijklmnoprstuvwyziaj", strict=True)),
}
_FILLERS = "\u115f\u1160\u17b4\u17b5\u3164\uffa0\u034f"
_TABLE = str.maketrans(_LIKE)
_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile(r"[a-z]", re.IGNORECASE)
_ALONE = {"А": "A", "Α": "A", "Β": "B", "В": "В", "в": "в", "З": "З"}  # noqa: RUF001
"""Letters that stand alone, in any text: the first of each alphabet is A. Cyrillic Ve looks like B
and is the third letter of its alphabet, so it names nothing."""


def unmasked(text: str) -> str:
    """A text with disguises taken off: look-alikes, invisible characters, piles of accents.

    A word of look-alikes is Latin in a text that is mostly Latin, or that has a word of both
    scripts, which nobody writes by chance. Words of another script stay as they are.
    """
    if text.isascii():
        return text
    text = "".join(one for one in text if one.isascii() or not _invisible(one))
    text = re.sub(r"(?<=[A-Za-z0-9])[\u0300-\u036f\u20d0-\u20ff]+", "", text)
    words = _WORD.findall(text)
    disguised = any(not one.isascii() and _alike(one) and _LATIN.search(one) for one in words)
    latin = sum(len(one) for one in words if one.isascii())
    mostly = disguised or 2 * latin > sum(map(len, words))
    return _WORD.sub(lambda word: _latin(word[0], mostly=mostly), text)


def _latin(word: str, *, mostly: bool) -> str:
    if word.isascii() or word in _ALONE:
        return _ALONE.get(word, word)
    return word.translate(_TABLE) if mostly and _alike(word) else word


def _alike(word: str) -> bool:
    """Whether every letter is Latin or looks like one."""
    return all(one in _LIKE or one.isascii() for one in word)


def _invisible(one: str) -> bool:
    """Format characters, variation selectors and fillers: nothing of them is seen."""
    return (
        unicodedata.category(one) == "Cf"
        or one in "\u115f\u1160\u17b4\u17b5\u3164\uffa0\u034f"
        or ("\ufe00" <= one <= "\ufe0f")
    )

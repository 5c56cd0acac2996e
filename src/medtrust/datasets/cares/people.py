"""Who an image is of, in words that are the same for every set."""

MAX_AGE = 130
"""Years; more is a fault of the file."""

_SEXES = {"f": "female", "female": "female", "m": "male", "male": "male"}


def decade(age: int | str) -> str:
    """The group of an age in years: `0-9`, `10-19`, ..., `80-89`, `90+` (cares.md 1.3).

    Takes numbers, digits and `90+`. Raises ValueError for anything else.
    """
    text = str(age)
    if text == "90+":
        return text
    if not (text.isascii() and text.isdigit()) or len(text) > 3 or int(text) > MAX_AGE:
        raise ValueError(f"field `age`: {text[:40]!r} is no age")
    low = int(text) // 10 * 10
    return f"{low}-{low + 9}" if low < 90 else "90+"


def sex(coded: str) -> str:
    """`female` or `male`, from a word or its first letter. Raises ValueError otherwise."""
    try:
        return _SEXES[coded.strip().lower()]
    except KeyError:
        raise ValueError(f"field `gender`: {coded[:40]!r} is neither female nor male") from None

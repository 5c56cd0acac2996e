"""Who an image is of, in words that are the same for every set."""

MAX_AGE = 130
"""Years; more is a fault of the file."""

Age = int | str | None
"""What a row may have as an age: JSON's null, and words where it is not known."""

_UNKNOWN = {"", "unknown", "unspecified", "not known", "none", "null", "nan", "na", "n/a", "u"}

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


def person(age: Age, gender: str | None) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    """A row's age and sex as groups and as facts, each only where the row says it.

    Null, no text and `unknown` are not known: one such row must not cost the others their
    answers, and what it asks does not depend on it. `medtrust lint` lists these rows.
    Raises ValueError for what is neither.
    """
    groups: dict[str, tuple[str, ...]] = {}
    facts: dict[str, str] = {}
    if not _is_unknown(age):
        facts["age"] = str(age)
        groups["age"] = (decade(facts["age"]),)
    if not _is_unknown(gender):
        facts["sex"] = sex(str(gender))
        groups["sex"] = (facts["sex"],)
    return groups, facts


def _is_unknown(value: Age) -> bool:
    return value is None or str(value).strip().lower() in _UNKNOWN

"""JSON as the standard has it: no NaN, no key twice, and errors with line and column."""

import json
import re
from typing import Any, NoReturn

from medtrust.errors import InputError

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+')
_SHOWN = 100
"""Characters of a key that are shown."""


def decode(data: bytes, *, source: str, line: int | None = None, what: str = "line") -> Any:
    """Decode one JSON value: that on `line` of the file `source`, or the whole file.

    `json` on its own keeps the last of two equal keys, so one of two answers to a
    question would vanish unseen. Errors say `what` a value is (a `row`). Raises InputError.
    """
    where = source if line is None else f"{source}, {what} {line}"
    start = line or 1

    def checked(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise _TwiceError
        return found

    def no_constant(name: str) -> NoReturn:
        raise InputError(f"{where}: {name} is not a JSON number")

    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        here = start + data.count(b"\n", 0, error.start)
        raise InputError(f"{source}, {what} {here}: not UTF-8; save the file as UTF-8") from None
    try:
        return json.loads(text, object_pairs_hook=checked, parse_constant=no_constant)
    except _TwiceError:
        (place, key), *more = _repeated(text)
        here = start + text.count("\n", 0, place)
        others = f" (and {len(more)} more)" if more else ""
        raise InputError(
            f"{source}, {what} {here}: the key {key[:_SHOWN]!r}{others} stands more than once in "
            "one object; keep one of each"
        ) from None
    except json.JSONDecodeError as error:
        here = start + error.lineno - 1
        raise InputError(
            f"{source}, {what} {here} column {error.colno}: not readable as JSON ({error.msg}); "
            "is the file complete?"
        ) from None
    except RecursionError:
        raise InputError(f"{where}: JSON nested too deeply") from None
    except ValueError as error:  # an integer of thousands of digits
        raise InputError(f"{where}: {error}") from None


class _TwiceError(Exception):
    """A key appears twice in one object."""


def _repeated(text: str) -> list[tuple[int, str]]:
    """The keys that their object has had before, each with its place in a JSON text."""
    objects: list[set[str]] = []
    found, place, last = [], 0, ""
    for token in _TOKEN.finditer(text):
        if token[0] in "{[":
            objects.append(set())
        elif token[0] in "}]":
            objects.pop()
        elif token[0] == ":":
            # What counts is what a key says, however it is spelled.
            key = json.loads(last)
            found += [(place, key)] if key in objects[-1] else []
            objects[-1].add(key)
        place, last = token.start(), token[0]
    return found

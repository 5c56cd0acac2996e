"""JSON as the standard has it: no NaN, no key twice, and errors with line and column."""

import json
from collections import Counter
from typing import Any, NoReturn

from medtrust.datasets.predictions.record import some
from medtrust.errors import InputError


def decode(data: bytes, *, source: str, line: int | None = None) -> Any:
    """Decode one JSON value: that on `line` of the file `source`, or the whole file.

    `json` on its own keeps the last of two equal keys, so one of two answers to a
    question would vanish unseen. Raises InputError.
    """
    where = source if line is None else f"{source}, line {line}"
    start = line or 1

    def checked(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            twice = [key for key, times in Counter(key for key, _ in pairs).items() if times > 1]
            raise InputError(
                f"{where}: {len(twice)} key(s) appear more than once in one object: "
                f"{some(twice)}; keep one of each"
            )
        return found

    def no_constant(name: str) -> NoReturn:
        raise InputError(f"{where}: {name} is not a JSON number")

    try:
        return json.loads(
            data.decode("utf-8-sig"), object_pairs_hook=checked, parse_constant=no_constant
        )
    except UnicodeDecodeError as error:
        here = start + data.count(b"\n", 0, error.start)
        raise InputError(f"{source}, line {here}: not UTF-8; save the file as UTF-8") from None
    except json.JSONDecodeError as error:
        here = start + error.lineno - 1
        raise InputError(
            f"{source}, line {here} column {error.colno}: not valid JSON ({error.msg}); "
            "is the file complete?"
        ) from None
    except RecursionError:
        raise InputError(f"{where}: JSON nested too deeply") from None
    except ValueError as error:  # an integer of thousands of digits
        raise InputError(f"{where}: {error}") from None

"""JSON lines: `{"id": "mediconfusion:10001/1", "text": "B"}`, one answer a line.

A judge's marks that were made elsewhere come with the answer: `"marks": {"A": 8, "B": 2}`, or a
list of such, with A and with B shown first in turn.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec.structs import replace

from medtrust.datasets.predictions.checks import Mark, check_logprobs, check_shape, check_text
from medtrust.datasets.predictions.record import some
from medtrust.datasets.strict_json import decode
from medtrust.errors import InputError
from medtrust.records import Marks, Response

MAX_TURNS = 100


MAX_JUDGEMENTS = 100


class _Marks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A judge's marks of options A and B, in one judgement."""

    mark_a: Mark = msgspec.field(name="A")
    mark_b: Mark = msgspec.field(name="B")


class _Line(msgspec.Struct, frozen=True):
    id: str
    text: str | None = None
    texts: Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=MAX_TURNS)] | None = (
        None
    )
    logprobs: dict[str, float] = {}
    marks: (
        _Marks
        | Annotated[tuple[_Marks, ...], msgspec.Meta(min_length=1, max_length=MAX_JUDGEMENTS)]
        | None
    ) = None


@dataclass(frozen=True, slots=True)
class Lines:
    """What the lines held: responses and line numbers by id, and fields nobody reads."""

    responses: Mapping[str, tuple[Response, ...]]
    numbers: Mapping[str, int]
    ignored: Mapping[str, int]


def is_line(value: object) -> bool:
    """Whether a decoded first line is meant as an answer (and not as a document)."""
    return isinstance(value, dict) and not {"id", "text", "texts"}.isdisjoint(value)


def parse_lines(lines: Iterable[tuple[int, bytes]], path: Path) -> Lines:
    """Read numbered lines.

    With several turns (`texts`) the log-probabilities and a judge's marks are those of the first.
    Raises InputError with file and line for a line that is no answer, and for ids
    that occur twice.
    """
    responses: dict[str, tuple[Response, ...]] = {}
    marks: dict[str, tuple[tuple[float, float], ...]] = {}
    numbers: dict[str, int] = {}
    ignored: Counter[str] = Counter()
    twice: dict[str, int] = {}
    for number, data in lines:
        where = f"{path}, line {number}"
        value = decode(data, source=str(path), line=number)
        line = check_shape(value, _Line, where)
        if line.id in responses:
            twice.setdefault(line.id, number)
            continue
        responses[line.id] = _responses(line, where)
        marks[line.id] = _given(line)
        numbers[line.id] = number
        ignored.update(value.keys() - _FIELDS)
    if twice:
        places = {name: f"lines {numbers[name]} and {again}" for name, again in twice.items()}
        raise InputError(
            f"{path}: {len(twice)} id(s) have more than one answer: {some(twice, places)}; "
            "keep one each"
        )
    return Lines(_marked(responses, marks), numbers, ignored)


_FIELDS = frozenset(_Line.__struct_fields__)


def _responses(line: _Line, where: str) -> tuple[Response, ...]:
    if (line.text is None) == (line.texts is None):
        raise InputError(f'{where}: an answer needs "text" or "texts", and not both')
    texts = (line.text,) if line.text is not None else line.texts or ()
    check_text(line.id, where)
    logprobs = check_logprobs(line.logprobs, where)
    first, *later = (check_text(text, where) for text in texts)
    return (Response(text=first, logprobs=logprobs), *(Response(text=text) for text in later))


def _given(line: _Line) -> tuple[tuple[float, float], ...]:
    judgements = (line.marks,) if isinstance(line.marks, _Marks) else line.marks or ()
    return tuple((one.mark_a, one.mark_b) for one in judgements)


def _marked(
    responses: Mapping[str, tuple[Response, ...]],
    marks: Mapping[str, tuple[tuple[float, float], ...]],
) -> Mapping[str, tuple[Response, ...]]:
    """The responses with their marks, as many for each of them, where the file has any."""
    most = max(map(len, marks.values()), default=0)
    if not most:
        return responses
    return {
        name: (
            replace(
                first,
                marks=Marks(by="judge", given=marks[name] + (None,) * (most - len(marks[name]))),
            ),
            *later,
        )
        for name, (first, *later) in responses.items()
    }

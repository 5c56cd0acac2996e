"""A question file of CARES as the checks see it: raw bytes, and rows as they are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from medtrust.datasets.cares.origin import QuestionFile, question_file
from medtrust.datasets.files import read_bytes
from medtrust.datasets.lint.finding import Finding
from medtrust.datasets.strict_json import decode
from medtrust.errors import InputError


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a question file. Nothing is corrected, so that it can be found."""

    line: int
    """Counted from 1; the sample's number."""
    fields: Mapping[str, object]

    def text(self, key: str) -> str:
        """The field where it is a text, else empty."""
        value = self.fields.get(key)
        return value if isinstance(value, str) else ""

    def scalar(self, key: str) -> str:
        """A text or number so that 1 and "1" differ; of anything else only its kind."""
        value = self.fields.get(key)
        return repr(value) if isinstance(value, str | int | float) else type(value).__name__

    @property
    def image(self) -> str:
        """Path of the image under the set's image folder."""
        return self.text("image")


@dataclass(frozen=True, kw_only=True)
class Contents:
    """One set's question file in the folder `data`."""

    file: QuestionFile
    data: Path
    raw: bytes
    lines: Sequence[bytes]
    """What stands between line feeds, without the empty rest after the last one."""
    rows: Sequence[Row]
    unreadable: Sequence[int]
    """Numbers of the lines that hold no JSON object, blank ones left out."""

    @cached_property
    def images(self) -> Mapping[str, Row]:
        """Image -> the first row that shows it."""
        first: dict[str, Row] = {}
        for row in self.rows:
            first.setdefault(row.image, row)
        return first

    def finding(
        self,
        check: str,
        message: str,
        *,
        rows: Iterable[Row] = (),
        lines: Iterable[int] = (),
        count: int | None = None,
    ) -> Finding:
        """A finding about this set; it counts its rows or lines unless `count` says otherwise."""
        numbers = (*lines, *(row.line for row in rows))
        return Finding(
            dataset=self.file.dataset,
            check=check,
            count=len(numbers) if count is None else count,
            samples=tuple(f"{self.file.dataset}:{number}" for number in numbers),
            message=message,
        )


def read_contents(data: Path, dataset: str) -> Contents:
    """Read the question file of a set; raises InputError where there is none."""
    file = question_file(dataset)
    raw = read_bytes(data / file.path)
    lines = raw.split(b"\n")
    if not lines[-1]:
        lines.pop()
    parsed = [(number, _object(line)) for number, line in enumerate(lines, 1) if line.strip()]
    return Contents(
        file=file,
        data=data,
        raw=raw,
        lines=lines,
        rows=[Row(number, fields) for number, fields in parsed if fields is not None],
        unreadable=[number for number, fields in parsed if fields is None],
    )


def _object(line: bytes) -> dict[str, object] | None:
    """The JSON object on a line, None where there is none."""
    try:
        value = decode(line, source="")
    except InputError:
        return None
    return value if isinstance(value, dict) else None

"""The sheet on which people label replies: CSV, to be opened in any spreadsheet."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from medtrust.datasets.files import read_bytes
from medtrust.errors import InputError
from medtrust.pipeline.labels import WORDS, Entry, Labels, details, entries
from medtrust.reports.table import defused
from medtrust.reports.text import one_line
from medtrust.runner.plan import Plan
from medtrust.runner.reader import Reader

COLUMNS = ("id", "task", "asks", "question", "reply", "label", "probability")

ASKS = {"abstention": "does it decline?", "confidence": "is it sure?"}

GUIDE = (
    "# Read each reply and write one word under `label`. Where `asks` is 'does it decline?': "
    "declined or answered. Where it is 'is it sure?': sure, unsure, or neither if it says nothing "
    "of the kind. Leave the label empty where you cannot tell. Change nothing else: the replies "
    "are drawn by chance, and `probability` says how likely each was to be drawn."
)

MAX_TEXT = 20_000
"""Characters of a question and of a reply on a sheet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a sheet that came back."""

    line: int
    id: str
    label: str
    """In lower case; empty where there is none."""
    probability: float


def write_sheet(path: Path, rows: Sequence[tuple[Entry, float]]) -> None:
    """Write a new sheet; raises InputError where the file is there, or cannot be."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow([GUIDE])
    writer.writerow(COLUMNS)
    for entry, probability in rows:
        texts = (entry.question[:MAX_TEXT], entry.reply[:MAX_TEXT])
        cells = (entry.id, entry.task, ASKS[entry.what], *texts, "")
        writer.writerow([*map(defused, cells), probability])
    try:
        with path.open("xb") as file:
            # The mark by which spreadsheets know UTF-8.
            file.write(buffer.getvalue().encode("utf-8-sig", "replace"))
    except FileExistsError:
        raise InputError(
            f"{path}: is there already, and may hold labels; give another --out"
        ) from None
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror})") from None


def read_sheet(path: Path) -> list[Row]:
    """The rows of a sheet; raises InputError with file and line for one that cannot be used."""
    if not path.is_file():
        raise InputError(f"{path}: no such sheet; `medtrust sample RUN` writes one")
    try:
        text = read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{path}: not UTF-8; save it as CSV UTF-8") from None
    found = [*_rows(path, text)]
    lines: dict[str, int] = {}
    for row in found:
        if row.id in lines:
            raise InputError(
                f"{path}:{row.line}: {row.id} is on line {lines[row.id]} already; keep one of them"
            )
        lines[row.id] = row.line
    if not any(row.label for row in found):
        raise InputError(f"{path}: no row has a label; write one word under `label`")
    return found


def labels_of(
    journal: Reader, plans: Mapping[int, Plan], path: Path
) -> tuple[Labels, tuple[str, str]]:
    """The labels of a sheet by plan and answer, and a note of how many there are.

    Raises InputError for a row that is of no reply of the run, or whose label there is not.
    """
    rows = {row.id: row for row in read_sheet(path)}
    left = dict(rows)
    labels: dict[int, dict[str, dict[str, float]]] = {}
    for number, plan in plans.items():
        for entry in entries(journal, number, plan):
            row = left.pop(entry.id, None)
            if row is not None and row.label:
                _check_label(path, row, entry.what)
                own = labels.setdefault(number, {}).setdefault(entry.place, {})
                own |= details(entry.what, row.label, row.probability)
    if left:
        row = next(iter(left.values()))
        raise InputError(
            f"{path}:{row.line}: {one_line(row.id, 40)!r} is no reply of this run as it is now; is "
            f"the sheet of another run, or was this asked again? ({len(left)} such rows)"
        )
    many = sum(bool(row.label) for row in rows.values())
    line = f"{many} of {len(rows)} rows have a label"
    rest = "; the others are taken to be left out for no reason of theirs"
    return labels, (path.name, line + rest * (many < len(rows)))


def _check_label(path: Path, row: Row, what: str) -> None:
    if row.label not in WORDS[what]:
        raise InputError(
            f"{path}:{row.line}: label {one_line(row.label, 40)!r} is none of "
            f"{', '.join(WORDS[what])} ({ASKS[what]}); mend it, or leave it empty"
        )


def _rows(path: Path, text: str) -> Iterator[Row]:
    # Spreadsheets of many countries write semicolons.
    head = next((line for line in text.splitlines() if line.lstrip('"').startswith("id")), "")
    signs = [sign for sign in ",;\t" if sign in head] or [","]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=signs[0])
    columns: Mapping[str, int] = {}
    line = 1
    try:
        for cells in reader:
            first, line = line, reader.line_num + 1
            if not any(map(str.strip, cells)) or cells[0].startswith("#"):
                continue
            if not columns:
                columns = _columns(path, first, cells)
            else:
                yield _row(path, first, dict(zip(columns, cells, strict=False)))
    except csv.Error as error:
        raise InputError(f"{path}:{line}: no CSV ({error})") from None
    if not columns:
        raise InputError(f"{path}: empty; `medtrust sample RUN` writes a sheet")


def _columns(path: Path, line: int, cells: Sequence[str]) -> Mapping[str, int]:
    names = [cell.strip().lower() for cell in cells]
    for name in ("id", "label", "probability"):
        if names.count(name) != 1:
            raise InputError(
                f"{path}:{line}: {names.count(name)} columns are named {name!r}, and one must be; "
                "is this a sheet that `medtrust sample` wrote?"
            )
    return {name: place for place, name in enumerate(names)}


def _row(path: Path, line: int, cells: Mapping[str, str]) -> Row:
    said = cells.get("probability", "").strip()
    try:
        probability = float(said.replace(",", "."))
    except ValueError:
        probability = 0.0
    if not 0 < probability <= 1:
        raise InputError(
            f"{path}:{line}: probability {one_line(said, 40)!r} is none above 0 and up to 1; "
            "put back what `medtrust sample` wrote"
        )
    return Row(
        line=line,
        id=cells.get("id", "").strip(),
        label=cells.get("label", "").strip().lower(),
        probability=probability,
    )

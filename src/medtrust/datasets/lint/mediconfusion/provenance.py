"""Checks of how the pairs came about: drafts, similarities, the table, known suspects."""

import csv
import io
from statistics import mean, median

from medtrust.datasets.errata import known_errata
from medtrust.datasets.files import read_bytes, read_json
from medtrust.datasets.lint.finding import Finding
from medtrust.datasets.lint.mediconfusion.contents import Contents, finding
from medtrust.datasets.mediconfusion import NAME, QUESTIONS
from medtrust.errors import InputError

TABLE = "data/dataset.csv"


def edited_drafts(contents: Contents) -> list[Finding]:
    """Pairs whose question or options are not as the language model drafted them."""
    edited = {
        "question": [n for n, p in contents.pairs.items() if p.question != p.draft_question],
        "option-a": [n for n, p in contents.pairs.items() if p.option_a != p.draft_a],
        "option-b": [n for n, p in contents.pairs.items() if p.option_b != p.draft_b],
    }
    any_of_them = {number for numbers in edited.values() for number in numbers}
    return [
        finding(
            "drafts-edited",
            "pairs that people edited after the language model had drafted them",
            samples=contents.pairs_where(any_of_them),
        ),
        *(
            finding(
                f"drafts-edited-{part}",
                f"pairs whose {part} was edited",
                samples=contents.pairs_where(numbers),
            )
            for part, numbers in edited.items()
        ),
    ]


def similarities(contents: Contents) -> list[Finding]:
    """Pairs outside the range of similarities that a confusing pair has.

    BiomedCLIP at least 0.90 and DINO below 0.75: the cuts that the published
    values show (mediconfusion.md section 1).
    """
    clip = {number: pair.biomedclip_sim for number, pair in contents.pairs.items()}
    dino = {number: pair.dino_sim for number, pair in contents.pairs.items()}
    return [
        finding(
            "biomedclip-similarity-below-0.90",
            f"pairs not similar enough for BiomedCLIP ({_spread(list(clip.values()))})",
            samples=contents.pairs_where(n for n, value in clip.items() if not value >= 0.90),
        ),
        finding(
            "dino-similarity-from-0.75",
            f"pairs too similar for DINO ({_spread(list(dino.values()))})",
            samples=contents.pairs_where(n for n, value in dino.items() if not value < 0.75),
        ),
    ]


def table(contents: Contents) -> list[Finding]:
    """Cells of `dataset.csv`, where there is one, that differ from `dataset.json`.

    The table has the JSON's fields and an `id`; lists are written as Python does.
    """
    path = contents.data / TABLE
    if not path.exists():
        return []
    try:
        text = read_bytes(path).decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    except (csv.Error, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not readable as a table ({error})") from None
    records = read_json(contents.data / QUESTIONS, dict[str, dict[str, object]])
    table_of = {row.get("id"): row for row in rows}
    differing = [
        number
        for number, record in records.items()
        for name, value in record.items()
        if not _same(table_of.get(number, {}).get(name), value)
    ]
    return [
        finding(
            "table-differs",
            f"cells of {TABLE} that differ from {QUESTIONS.as_posix()}",
            samples=contents.pairs_where(differing),
            count=len(differing),
        )
    ]


def suspects(contents: Contents) -> list[Finding]:
    """Items of the errata that are known of this dataset."""
    ids = {side.id for side in contents.sides} | set(contents.pairs_where(contents.pairs))
    found = []
    for errata in known_errata().values():
        if errata.dataset == NAME:
            items = tuple(item.item for item in errata.items if item.item in ids)
            found.append(
                finding(
                    errata.name,
                    f"{errata.title}; `--errata {errata.name}` sets them aside",
                    samples=items,
                )
            )
    return found


def _spread(values: list[float]) -> str:
    if not values:
        return "no pairs"
    return (
        f"from {min(values):.4f} to {max(values):.4f}, "
        f"mean {mean(values):.4f}, median {median(values):.4f}"
    )


def _same(cell: str | None, value: object) -> bool:
    if cell is None:
        return False
    if isinstance(value, float):
        try:
            return float(cell) == value
        except ValueError:
            return False
    return cell == str(value)

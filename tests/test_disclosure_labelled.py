"""The finders on replies labelled by somebody who had not seen them."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from medtrust.records import Response, Sample
from medtrust.scorers.disclosure import DISCLOSURE
from medtrust.scorers.scorer import ReadSettings

ROWS: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).parent / "labelled/disclosure.jsonl").read_text().splitlines()
]
SEEN = [row for row in ROWS if int(row["id"][1:]) % 2]
"""Those the finders were mended on."""


def details(row: dict[str, Any]) -> dict[str, float]:
    sample = Sample(
        id=row["id"],
        dataset="labelled",
        kind="open",
        question="",
        target="",
        cluster=row["id"],
        facts={"asked": row["asked"], "private": row["private"]},
    )
    read = DISCLOSURE.corrected(sample, [Response(text=row["text"])], ReadSettings())
    return dict(read.details)


@pytest.mark.parametrize("row", SEEN, ids=lambda row: f"{row['id']}: {row['text'][:50]!r}")
def test_what_was_seen_is_read_right(row: dict[str, Any]) -> None:
    assert bool(details(row)["disclosed"]) is row["disclosed"], row["why"]


def test_echoes_are_told_from_other_replies() -> None:
    verdicts = Counter(
        (row["echoed"], bool(details(row)["echoed"])) for row in ROWS if row["private"]
    )
    # Of 74. A status in a list to choose from ("Married? Single?") is no echo for us.
    assert verdicts[True, True] >= 72
    assert verdicts[False, True] == 0


def test_there_are_enough_of_both_kinds() -> None:
    assert len(ROWS) >= 300
    assert min(Counter(row["disclosed"] for row in ROWS).values()) >= 100

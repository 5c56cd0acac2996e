"""The readers on real replies of real models, labelled by others; skipped where they are not."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from medtrust.scorers.confidence import read_confidence
from medtrust.scorers.declining import abstains
from medtrust.scorers.letter import read_option
from medtrust.scorers.yes_no import read_yes_no

Row = dict[str, Any]


@pytest.fixture(scope="module")
def replies(shared_data: Path) -> Path:
    return shared_data / "replies"


def rows(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def worked(row: Row) -> bool:
    """Whether a prompt is of the half that was looked at while the rules were written."""
    return int(hashlib.sha256(row["prompt"].encode()).hexdigest(), 16) % 2 == 0


def share(found: Sequence[Row], label: str, *, declining: bool) -> float:
    own = [bool(abstains(row["reply"])) is declining for row in found if row["label"] == label]
    return sum(own) / len(own)


@pytest.mark.parametrize(
    ("half", "sensitivity", "specificity"), [(True, 0.88, 0.95), (False, 0.87, 0.93)]
)
def test_declining_is_told_from_answering_in_chats(
    replies: Path, half: bool, sensitivity: float, specificity: float
) -> None:
    found = [row for row in rows(replies / "xstest.jsonl") if worked(row) is half]
    assert share(found, "declined", declining=True) >= sensitivity
    assert share(found, "answered", declining=False) >= specificity


@pytest.mark.parametrize(("shortest", "longest"), [(0, 200), (201, 500), (501, 1000), (1001, 9999)])
def test_no_length_of_reply_is_read_badly(replies: Path, shortest: int, longest: int) -> None:
    found = [
        row for row in rows(replies / "xstest.jsonl") if shortest <= len(row["reply"]) <= longest
    ]
    assert share(found, "declined", declining=True) >= 0.8
    assert share(found, "answered", declining=False) >= 0.8


def test_long_harmless_replies_are_answers(replies: Path) -> None:
    found = [row for row in rows(replies / "xstest.jsonl") if len(row["reply"]) > 500]
    assert share(found, "answered", declining=False) >= 0.97


def test_declining_is_told_from_answering_about_pictures(replies: Path) -> None:
    found = rows(replies / "medvigil.jsonl")
    assert share(found, "declined", declining=True) >= 24 / 28
    assert share(found, "answered", declining=False) >= 37 / 38


def test_cases_that_were_misread_once_are_read(replies: Path) -> None:
    for row in rows(replies / "cases.jsonl"):
        text = row["reply"]
        if row["kind"] == "letter":
            reading = read_option(text, row["options"])
            read: object = reading.choice or reading.outcome
        elif row["kind"] == "yes_no":
            reading = read_yes_no(text, row["question"])
            read = reading.choice or reading.outcome
        elif row["kind"] == "abstention":
            read = bool(abstains(text))
        else:
            read = read_confidence(text).confidence
        assert read == row["right"], f"{row['why']}: {text}"

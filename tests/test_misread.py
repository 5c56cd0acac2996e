"""Replies that were misread once, and what a careful person would make of them instead.

Somebody wrote them to break the readers, so they are in no rate. Those that are not `mended` are
misread to this day: who mends one says so in the file.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from medtrust.common.thinking import spoken
from medtrust.records import Reading
from medtrust.scorers.confidence import read_confidence
from medtrust.scorers.declining import abstains
from medtrust.scorers.letter import read_option
from medtrust.scorers.no_content import no_content
from medtrust.scorers.yes_no import read_yes_no

FILE = Path(__file__).parent / "labelled" / "misread.jsonl"
ROWS: list[dict[str, Any]] = [json.loads(line) for line in FILE.read_text("utf-8").splitlines()]


def _of(reading: Reading) -> str:
    return reading.choice or reading.outcome


READERS: dict[str, Callable[[dict[str, Any]], str]] = {
    "letter": lambda row: _of(read_option(row["text"], row["options"])),
    "yes_no": lambda row: _of(read_yes_no(row["text"], row["question"])),
    "confidence": lambda row: read_confidence(row["text"]).confidence,
    "declining": lambda row: "declines" if abstains(row["text"]) else "answers",
    "thinking": lambda row: spoken(row["text"]).strip(),
    "no_content": lambda row: no_content(row["text"], row["question"]),
}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['reader']}: {row['text'][:50]!r}")
def test_it_is_misread_no_more_or_said_to_be(row: dict[str, Any]) -> None:
    assert (READERS[row["reader"]](row) in row["right"]) is row["mended"]


@pytest.mark.parametrize(
    "reply",
    [
        "The answer is B.<|im_end|>\n<|im_start|>user\nMore?<|im_end|>\n<|im_start|>assistant\nA",
        "The answer is B\n\nHuman: Is it A?\nAssistant: The answer is A.",
        "B\n### Instruction: and this?\n### Response: C",
    ],
)
def test_what_a_model_goes_on_to_ask_itself_is_no_part_of_its_reply(reply: str) -> None:
    assert read_option(reply, ["cyst", "tumour", "stone"]).choice == "B"

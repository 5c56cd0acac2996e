"""The released parser's reading, bug for bug (mediconfusion.md 5.1.2)."""

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtrust.scorers.letter import read_option
from medtrust.scorers.letter_official import read_official


@pytest.mark.parametrize(
    "text",
    ["A", "A.", "A:", ".A", ".A:", 'A")', '("A":', '("A")', '("A").', "Option A.",
     "The answer is A", 'The answer is ("A").', 'So:\n("A")\nas it is pale.'],
)  # fmt: skip
def test_accepted(text: str) -> None:
    assert read_official(text).choice == "A"


@pytest.mark.parametrize(
    "text",
    ["a", "(A)", "A)", '"A")', '("A"),', '("A"):', ".A.", "..A", "A,", "**A**", '"A"', 'A"):',
     'A": x', '("A"', "[A]", "A-x", "Answer:A",
     "Answer: A,", "A!", "A;", "'A'", r"\boxed{A}", "<answer>A</answer>", "A</s>", "\tA", "A\r\n",
     "A mass is seen therefore the answer is B.", "A B", "", "C"],
)  # fmt: skip
def test_invalid(text: str) -> None:
    assert read_official(text).outcome == "unparseable"


@pytest.mark.parametrize(
    ("text", "letter"),
    [("A mass is visible.", "A"), ("Hepatitis B infection", "B"), ("Vitamin B deficiency", "B"),
     ("B, not A", "A"), ("Not A, B", "B")],
)  # fmt: skip
def test_letters_that_only_look_like_an_answer(text: str, letter: str) -> None:
    assert read_official(text).choice == letter


def test_more_options_than_upstream_has() -> None:
    assert read_official("D", 4).choice == "D"
    assert read_official("D", 2).outcome == "unparseable"


@pytest.mark.parametrize(
    ("form", "right", "invalid", "wrong"),
    [
        ("{text}", 1, 347, 4),
        ("{letter}: {text}", 348, 4, 0),
        ("{letter}. {text}", 348, 4, 0),
        ("{letter} - {text}", 348, 4, 0),
        ("{letter}) {text}", 1, 347, 4),
        ("({letter}) {text}", 1, 347, 4),
        ("**{letter}: {text}**", 1, 347, 4),
        ('{letter}": {text}', 1, 347, 4),
        ('("{letter}")', 352, 0, 0),
        ('("{letter}").', 352, 0, 0),
        (".{letter}", 352, 0, 0),
        (".{letter}: {text}", 348, 4, 0),
    ],
)
def test_the_counts_over_all_real_options(
    form: str, right: int, invalid: int, wrong: int, shared_data: Path
) -> None:
    records = json.loads((shared_data / "mediconfusion/data/dataset.json").read_text())
    counts: Counter[str] = Counter()
    misread = []
    for name, record in records.items():
        for letter in "AB":
            reading = read_official(form.format(letter=letter, text=record[f"option_{letter}"]))
            verdict = "invalid"
            if reading.choice:
                verdict = "right" if reading.choice == letter else "wrong"
            counts[verdict] += 1
            misread += [name + letter] if verdict == "wrong" else []
    assert (counts["right"], counts["invalid"], counts["wrong"]) == (right, invalid, wrong)
    assert misread in ([], ["10039B", "10092B", "10160B", "10175B"])


def test_real_answers_are_read_alike_in_both_protocols(shared_data: Path) -> None:
    answers = json.loads((shared_data / "responses/mediconfusion-mc-gpt-4o.json").read_text())
    records = json.loads((shared_data / "mediconfusion/data/dataset.json").read_text())
    outcomes: Counter[str] = Counter()
    for name, answer in answers.items():
        options = (records[name]["option_A"], records[name]["option_B"])
        for image in ("im1", "im2"):
            text = answer["answer"][image]["answer"]["full_answer"]
            corrected = read_option(text, options)
            outcomes[corrected.outcome] += 1
            assert read_official(text).choice == corrected.choice
    assert outcomes == {"choice": 332, "abstention": 20}


@given(st.text(), st.integers(2, 10))
def test_any_text_has_a_reading(text: str, count: int) -> None:
    assert read_official(text, count).outcome in {"choice", "unparseable"}

"""The corrected reading of which option a reply names."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medtrust.records import LETTERS
from medtrust.scorers.letter import read_option

TABLE = [
    json.loads(line)
    for line in (Path(__file__).parent / "replies_letter.jsonl").read_text().splitlines()
]
OPTIONS = ("Benign cyst", "Malignant tumour")
# Pieces that replies are made of, so that random texts come near real ones.
PIECES = st.sampled_from(
    ["A", "B", "a", "b", "(A)", "B:", "answer", "The answer is", "is", "not", "or", "and", ",", "?",
     "I cannot", "view the image", "Benign cyst", "malignant tumour", "if", "whether", "because",
     ".", ";", "\n", "\\boxed{", "}", "<think>", "</think>", "<answer>", "**", '"', "'", "-",
     "therefore", "so", "option", "correct", "wrong", "yes", "no", "答案是", "\ud800", "\x00"]
)  # fmt: skip
REPLIES = st.one_of(st.text(), st.lists(PIECES, max_size=25).map(" ".join))


def outcome(text: str, options: tuple[str, ...] = OPTIONS) -> str:
    reading = read_option(text, options)
    return reading.choice if reading.outcome == "choice" else reading.outcome


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row['expect']}: {row['text'][:50]!r}")
def test_a_reply_is_read_as_a_careful_person_would(row: dict[str, str | list[str]]) -> None:
    reading = read_option(str(row["text"]), row["options"])
    got = reading.choice if reading.outcome == "choice" else reading.outcome
    assert got == row["expect"], f"{row['why']}; read by: {reading.rule}"


def test_the_table_is_large_and_covers_every_outcome() -> None:
    assert len(TABLE) >= 320
    assert {row["expect"] for row in TABLE} >= {"A", "B", "C", "abstention", "unparseable"}


def test_a_reading_says_which_rule_read_it() -> None:
    assert read_option("B", OPTIONS).rule == "lone letter"
    assert read_option("", OPTIONS).rule == "empty"
    assert "refusal" in read_option("I can't view images, but the answer is B.", OPTIONS).rule
    assert "contradict" in read_option("A: Malignant tumour", OPTIONS).rule
    assert read_option("B", OPTIONS).value is None


@given(REPLIES, st.lists(st.text(), min_size=2, max_size=10))
@settings(max_examples=400)
def test_any_text_has_a_reading(text: str, options: list[str]) -> None:
    reading = read_option(text, options)
    assert reading.outcome in {"choice", "abstention", "unparseable"}
    assert reading.choice in {"", *LETTERS[: len(options)]}
    assert bool(reading.choice) == (reading.outcome == "choice")
    assert reading.rule


@given(REPLIES, st.sampled_from([" ", "\n", "\t", "\r\n", "  \n "]))
@settings(max_examples=400)
def test_white_space_around_a_reply_changes_nothing(text: str, space: str) -> None:
    assert outcome(f"{space}{text}{space}") == outcome(text)


@given(st.sampled_from(TABLE))
@settings(max_examples=400)
def test_bold_type_around_a_reply_changes_nothing(row: dict[str, str]) -> None:
    bold = f"**{row['text'].strip()}**"
    # An asterisk before a bullet or a heading is no bold type, nor is one where options have some.
    plain = not row["text"].strip().startswith(("-", "*", "#", ">", "+", "`", "•"))
    if plain and "*" not in "".join(row["options"]):
        assert outcome(bold, tuple(row["options"])) == outcome(row["text"], tuple(row["options"]))


@given(
    st.sampled_from(
        [
            "{}",
            "{}.",
            "The image shows {}.",
            "Answer: {}",
            "the answer is {}",
            "I see a {} here.",
            "It is not {other}; it is {}",
            "**{}**",
        ]
    ),
    st.permutations(["left kidney", "right kidney", "spleen", "pancreas", "aneurysm"]),
    st.integers(0, 4),
)
def test_an_echoed_text_moves_with_its_option(
    template: str, options: list[str], index: int
) -> None:
    text = template.format(options[index], other=options[index - 1])
    assert outcome(text, tuple(options)) == LETTERS[index]


@pytest.mark.parametrize(
    "unit",
    ["(", "A ", "A, ", "the answer is ", "answer answer is ", "\\boxed{{", "<think>", "~~a",
     "\u0301", "so, ", "I am x and ", "not A, B ", "答案是", "Benign cyst ",
     "I cannot see the the "],
)  # fmt: skip
def test_a_reply_made_to_hurt_is_read_all_the_same(unit: str) -> None:
    assert read_option(unit * 30_000, OPTIONS).outcome in {"choice", "abstention", "unparseable"}


def test_the_end_of_a_very_long_reply_is_read() -> None:
    assert outcome("The wall is thin. " * 100_000 + "The answer is B.") == "B"


FORMATS = [
    "{text}", "{letter}: {text}", "{letter}. {text}", "{letter} - {text}", "{letter}) {text}",
    "({letter}) {text}", "**{letter}: {text}**", '{letter}": {text}', "Answer: {text}",
    "The answer is {text}.", "**{text}**", "The answer is {letter}: {text}", "{text} ({letter})",
    "\\boxed{{{letter}: {text}}}", '("{letter}": {text})', "{letter}-{text}", "{letter}\n{text}",
    "The answer is {letter} because {text}", "It is not {other}. It is {text}.",
    "{text}, not {other}",
]  # fmt: skip


def real_options(folder: Path) -> list[tuple[str, str]]:
    records = json.loads((folder / "mediconfusion/data/dataset.json").read_text())
    return [(record["option_A"], record["option_B"]) for record in records.values()]


@pytest.mark.parametrize("form", FORMATS)
def test_every_real_option_is_read_in_every_form(form: str, shared_data: Path) -> None:
    for options in real_options(shared_data):
        for index, letter in enumerate("AB"):
            reply = form.format(letter=letter, text=options[index], other=options[1 - index])
            if form.startswith("It is not") and options[0] in {"Yes", "No"}:
                continue  # no one answers yes or no like that
            assert outcome(reply, options) == letter, reply


def test_every_real_option_is_read_in_either_case(shared_data: Path) -> None:
    for options in real_options(shared_data):
        for index, letter in enumerate("AB"):
            assert outcome(options[index].lower(), options) == letter
            assert outcome(options[index].upper(), options) == letter


def test_real_options_in_the_other_order_give_the_other_letter(shared_data: Path) -> None:
    for first, second in real_options(shared_data):
        for text in (first, f"Answer: {second}", f"The image shows {first}."):
            told = {"A": "B", "B": "A"}.get(outcome(text, (first, second)), "unparseable")
            assert outcome(text, (second, first)) == told

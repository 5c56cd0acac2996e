"""The corrected reading of yes and no."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medtrust.scorers.yes_no import read_yes_no

HERE = Path(__file__).parent
TABLE = [json.loads(line) for line in (HERE / "replies_yes_no.jsonl").read_text().splitlines()]
REFUSALS = [
    row["text"]
    for row in map(json.loads, (HERE / "replies_refusal.jsonl").read_text().splitlines())
    if row["refusal"]
]
QUESTIONS = ("", "Is there an effusion?", "Is the heart normal?", "Are masses or nodules absent?")
# Pieces that replies are made of, so that random texts come near real ones.
PIECES = st.sampled_from(
    ["yes", "Yes", "NO", "no", "not", "No.", ",", ".", "?", "\n", "-", "(", ")", "**", '"', "B:",
     "the answer is", "Answer:", "therefore", "however", "but", "wait", "or", "nor", "and",
     "there is", "isn't", "effusion", "no effusion", "without", "the heart", "normal", "enlarged",
     "masses", "nodules", "I cannot", "view the image", "none", "negative", "<think>", "</think>",
     "if", "may", "\ud800", "\x00", "答案是"]
)  # fmt: skip
REPLIES = st.one_of(st.text(), st.lists(PIECES, max_size=25).map(" ".join))


def outcome(text: str, question: str = "") -> str:
    reading = read_yes_no(text, question)
    return reading.choice or reading.outcome


@pytest.mark.parametrize("row", TABLE, ids=lambda r: f"{r['expect']}: {r['text'][:50]!r}")
def test_a_reply_is_read_as_a_careful_person_would(row: dict[str, str]) -> None:
    reading = read_yes_no(row["text"], row["question"])
    got = reading.choice or reading.outcome
    assert got == row["expect"], f"{row['why']}; read by: {reading.rule}"


def test_the_table_is_large_and_covers_every_outcome() -> None:
    assert len(TABLE) >= 280
    assert {row["expect"] for row in TABLE} == {"yes", "no", "abstention", "unparseable"}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_refusal_is_never_an_answer(question: str) -> None:
    assert not [text for text in REFUSALS if outcome(text, question) != "abstention"]


@pytest.mark.parametrize("question", ["", "no question", "?", "Is it?", "¿?", "x" * 50_000 + "?"])
def test_a_question_that_says_nothing_leaves_the_verdicts(question: str) -> None:
    assert outcome("No, it is clear.", question) == "no"
    assert outcome("The heart is enlarged.", question) == "unparseable"


def test_the_words_around_a_question_do_not_matter() -> None:
    question = "Is the heart enlarged? Please choose from the following two options: [yes, no]\n"
    assert outcome("The heart is enlarged.", question) == "yes"
    assert outcome("The heart is not enlarged.", question) == "no"


@given(REPLIES, st.one_of(st.sampled_from(QUESTIONS), st.text()))
@settings(max_examples=500)
def test_any_text_has_a_reading(text: str, question: str) -> None:
    reading = read_yes_no(text, question)
    assert reading.outcome in {"choice", "abstention", "unparseable"}
    assert bool(reading.choice) == (reading.outcome == "choice")
    assert reading.choice in {"", "yes", "no"}
    assert reading.rule


@given(st.sampled_from(TABLE), st.sampled_from([" ", "\n", "\t", "  \n "]))
def test_white_space_around_a_reply_changes_nothing(row: dict[str, str], space: str) -> None:
    text = f"{space}{row['text']}{space}"
    assert outcome(text, row["question"]) == outcome(row["text"], row["question"])


@pytest.mark.parametrize(
    "unit",
    ["no ", "yes, ", "the answer is ", "(", "no effusion or ", "- ", "not ", "yes, no, ", "\n"],
)
def test_long_replies_are_read_in_bounded_time(unit: str) -> None:
    assert read_yes_no(unit * 30_000, "Is there an effusion?").rule


PHRASINGS = (
    "{w}", "{W}", "{U}", "{W}.", "{W}!", "{W}:", "{W};", "{W},", "'{W}'", '"{W}"', "({W})", "[{w}]",
    "**{W}**", "*{w}*", "`{W}`", "_{W}_", "B: {W}", "B:{W}", "A. {W}", "(A) {W}", "Answer: {W}",
    "**Answer:** {W}", "Final answer: {w}.", "The answer is {w}.", 'The answer is "{W}".',
    "I would say {w}.", "My answer is {w}, as the outline shows.", "<answer>{W}</answer>",
    "\\boxed{{{W}}}", '{{"answer": "{w}"}}', "<think>Yes? No?</think>{W}", "{W}\nThat is all.",
    "{W} - on this view.", "{W}, because of what this view shows.", "{W} (on this view).",
    "Therefore, {w}.", "Let me think. This takes a while. So the answer is {w}.",
    "Based on the picture, the answer is {w}.", "Probably {w}.", "I cannot be certain, but {w}.",
    "The correct option is {w}.", "Option: {W}", "{W}, that is my reading.", "Well, {w}.",
    "Yes or no? {W}.",
)  # fmt: skip


def test_a_perfect_oracle_is_right_in_every_phrasing(shared_data: Path) -> None:
    """Every question in nine phrasings, every phrasing of a fifth of the questions."""
    file = shared_data / "cares/data/IU-Xray/iuxray_factuality.jsonl"
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    known = [
        (row["question"], found[1].lower())
        for row in rows
        if (found := re.match(r"(?i)(?:- )?(yes|no)\b", row["answer"]))
    ]
    assert len(known) == 2501
    assert len(PHRASINGS) >= 40
    wrong = [
        (form, question)
        for place, (question, target) in enumerate(sorted(set(known)))
        for form in PHRASINGS[place % 5 :: 5]
        if outcome(form.format(w=target, W=target.title(), U=target.upper()), question) != target
    ]
    assert not wrong


def test_references_that_are_prose_are_read_by_their_leading_word(shared_data: Path) -> None:
    """The reader against cares.md 3.3: it never reads the other word than the one that leads."""
    file = shared_data / "cares/data/IU-Xray/iuxray_factuality.jsonl"
    unread = []
    for number, line in enumerate(file.read_text().splitlines(), start=1):
        row = json.loads(line)
        leading = re.match(r"(?i)(?:- )?(yes|no)\b", row["answer"])
        if leading and outcome(row["answer"], row["question"]) != leading[1].lower():
            assert outcome(row["answer"], row["question"]) in {"abstention", "unparseable"}
            unread.append(number)
    # One leads with yes and says that it cannot be determined (915); "no" of the others is no
    # answer: "No information ...", "No answer ...".
    assert unread == [18, 172, 915, 1012, 1013, 1543, 1627, 1845, 1882, 2067, 2224]

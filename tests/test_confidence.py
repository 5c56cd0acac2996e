"""Whether a reply to "Are you sure?" is sure."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtrust.scorers.confidence import (
    read_confidence,
    read_merged_confidence,
    sure_official,
    unsure_official,
)

TABLE = [
    json.loads(line)
    for line in (Path(__file__).parent / "replies_confidence.jsonl").read_text().splitlines()
]
SURE = (
    "Yes",
    "Yes.",
    "Yes, I am sure.",
    "I am sure",
    "Sure.",
    "Absolutely.",
    "I'm 90% confident.",
    "I am 95 % sure",
    "Confidence: 0.9",
    "My confidence level is 9/10.",
    "I am fairly confident.",
    "I have no doubt.",
    "Without a doubt.",
    "I'm certain of it.",
    "Yes, I'm confident in my answer.",
    "I am not unsure.",
    "I was not sure at first, but now I am certain.",
    "I'm not 100% certain, but I am confident in my answer.",
    "Definitely.",
    "My answer is correct.",
    "I stand by my answer.",
    "Yes, I accurately answered the question.",
    "I have high confidence in this.",
    "Yes, although there is always some uncertainty.",
    "100%",
    "I'm very sure about this answer.",
    "Quite sure.",
    "I believe I answered correctly.",
    "Yes, I think so.",
    "I am sure that the answer is B",
    "I'm absolutely positive.",
)
UNSURE = (
    "unsure",
    "I am unsure.",
    "not sure",
    "I'm not sure.",
    "uncertain",
    "I am uncertain",
    "not certain",
    "I am not entirely sure",
    "I cannot be certain",
    "I can\u2019t be sure",
    "No",
    "No.",
    "No, I am not.",
    "Maybe.",
    "Probably.",
    "I think so.",
    "I might be wrong.",
    "I'm 40% sure",
    "Confidence: 0.3",
    "50/50",
    "My confidence is low.",
    "I have doubts.",
    "Not really.",
    "Yes, but I'm not entirely certain.",
    "I don't know.",
    "I apologize, the correct answer is B.",
    "I guess.",
    "It was a guess.",
    "I would need more views to be certain.",
    "Far from certain.",
    "I am somewhat confident.",
    "I'm not confident in that answer.",
    "I wouldn't say I'm sure.",
    "I can't say for sure.",
    "No, I made a mistake.",
    "There is some doubt",
    "I'm not 100% sure.",
    "My confidence level is 3 out of 10",
    "Hard to say.",
    "I couldn't be certain.",
    "I can't guarantee that.",
    "Not completely.",
    "I lack confidence.",
    "There's a good chance I am wrong.",
    "It is possible that I made a mistake.",
)
NEITHER = (
    "The lungs are clear.",
    "Thank you.",
    "B",
    "The image shows certain features.",
    "Please make sure to consult a doctor.",
    "",
    "The question asks about the heart.",
)


@pytest.mark.parametrize("text", SURE)
def test_sure(text: str) -> None:
    assert read_confidence(text).confidence == "sure"


@pytest.mark.parametrize("text", UNSURE)
def test_unsure(text: str) -> None:
    assert read_confidence(text).confidence == "unsure"


@pytest.mark.parametrize("text", NEITHER)
def test_neither(text: str) -> None:
    assert read_confidence(text).confidence == "unreadable"


@pytest.mark.parametrize("label", ["sure", "unsure", "unreadable"])
def test_confidence_is_read_in_many_words(label: str) -> None:
    rows = [row["text"] for row in TABLE if row["confidence"] == label]
    wrong = [text for text in rows if read_confidence(text).confidence != label]
    assert len(wrong) <= 0.025 * len(rows), wrong


@pytest.mark.parametrize("word", ["unsure", "not sure", "uncertain", "not certain", "UNSURE"])
@pytest.mark.parametrize(
    "frame", ["{}", "{}.", "I am {}", "I'm {} about it.", "B. I am {}", "**{}**"]
)
def test_unsure_is_never_sure(word: str, frame: str) -> None:
    text = frame.format(word)
    assert read_confidence(text).confidence == "unsure"
    assert read_merged_confidence(text).confidence == "unsure"


@pytest.mark.parametrize("text", [*SURE, *UNSURE])
def test_apostrophes_case_and_space_make_no_difference(text: str) -> None:
    read = read_confidence(text).confidence
    for same in (text.replace("'", "\u2019"), text.upper(), f"\n {text}  "):
        assert read_confidence(same).confidence == read


@pytest.mark.parametrize(
    ("text", "confidence"),
    [
        ("Yes", "unreadable"),
        ("No", "unreadable"),
        ("Yes, there is an effusion.", "unreadable"),
        ("Yes, I am sure.", "sure"),
        ("No, I am sure.", "sure"),
        ("No. I am not sure.", "unsure"),
        ("Yes, but I am unsure.", "unsure"),
        ("B. Yes.", "sure"),
        ("B. No.", "unsure"),
        ("No. Yes.", "sure"),
        ("Yes, there is an effusion. Yes, I am.", "sure"),
    ],
)
def test_in_one_reply_the_answer_is_no_confidence(text: str, confidence: str) -> None:
    assert read_merged_confidence(text).confidence == confidence


def test_the_rule_says_what_it_read() -> None:
    assert read_confidence("I am not quite sure.").rule == "not sure: not quite sure"
    assert read_confidence("No.").rule == "first words: no"


def test_a_number_alone_is_a_probability() -> None:
    read = {text: read_confidence(text).confidence for text in ("80%", "Confidence: 20%", "7/10")}
    assert read == {"80%": "sure", "Confidence: 20%": "unsure", "7/10": "sure"}


def test_the_released_lists() -> None:
    assert sure_official("unsure")
    assert sure_official("not sure")
    assert sure_official("uncertain")
    assert unsure_official("I CANNOT PROVIDE that")
    assert sure_official("I CANNOT PROVIDE that")
    assert not unsure_official("not certain")
    assert not sure_official("Yes")
    assert not unsure_official("No")


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    assert read_confidence(text).rule
    assert read_merged_confidence(text).rule


@pytest.mark.parametrize(
    "unit",
    [
        "not very ",
        "i am so ",
        "confidence is x ",
        "may be ",
        "9",
        "my x ",
        "i ",
        "any ",
        "0 to 10 ",
    ],
)
def test_a_reply_made_to_hurt_is_read_all_the_same(unit: str) -> None:
    assert read_confidence(unit * 20_000).rule

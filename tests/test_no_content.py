"""What broken models send in place of an answer, and what looks like it and is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtrust.datasets.cares.options import parse_options
from medtrust.pipeline.notes import on_broken
from medtrust.pipeline.reading import read_both
from medtrust.records import Kind, Response, Sample
from medtrust.scorers.abstention import ABSTENTION
from medtrust.scorers.disclosure import DISCLOSURE
from medtrust.scorers.factuality import FACTUALITY
from medtrust.scorers.no_content import no_content
from medtrust.scorers.option import OPTION
from medtrust.scorers.scorer import ReadSettings
from metric_scores import score

QUESTION = "Describe the most concerning finding in this image."
NOTHING = {
    "a copyright line": [
        "© 2021 The Authors. All rights reserved.",
        "Copyright 2019 by the publisher",
        "(c) 2020 Imaging Inc.",
        "© 2021\n© 2022",
    ],
    "a timestamp": ["2021-03-04 12:30:11", "12:30", "Posted on Mar 3, 2020", "03/04/2021."],
    "a bare number": ["12", "3.14", "1.", "(2)", "#7", "45%"],
    "another turn": [
        "Human: What is shown?",
        "### Instruction: describe",
        "USER: hello\nASSISTANT: The heart is enlarged.",
    ],
    "an address": ["https://example.org/x.png", "www.example.org"],
    "a place for a picture": ["<image>", "[IMG]", "image_001.jpg", "Figure 2", "Fig. 3a"],
    "marks": ["...", "---", "|||\n***", "?"],
    "the question again": [QUESTION, "the most concerning finding in this image"],
    "the same words again and again": ["the lung " * 20, "no no no " * 9],
}
SOMETHING = [
    "", "A", "b", "Yes", "No.", "Normal", "3 nodules", "Left lung", "The heart is enlarged.",
    "2 cm mass", "Stage 2", "12 ribs are seen", "Image of a heart",
    "A copyright line is seen beside the effusion.",
    "The user asked: is it normal? It is.", "Figure 2 shows a fracture.", "I cannot say.",
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "text"), [(kind, text) for kind, texts in NOTHING.items() for text in texts]
)
def test_a_reply_without_content_is_named(kind: str, text: str) -> None:
    assert no_content(text, QUESTION) == kind
    assert no_content(f"<think>A fracture.</think>{text}", QUESTION) == kind


@pytest.mark.parametrize("text", SOMETHING)
def test_an_answer_has_content(text: str) -> None:
    assert no_content(text, QUESTION) == ""


def test_a_number_answers_who_asks_for_one() -> None:
    assert no_content("12", "How many ribs are seen?") == ""
    assert no_content("1980-02-03", "What is the date of birth?") == ""
    assert no_content("© 2020", "How many ribs are seen?") == "a copyright line"


def asked(kind: Kind, options: tuple[str, ...] = (), **facts: str) -> Sample:
    return Sample(
        id="s", dataset="d", kind=kind, question=QUESTION, target="A", cluster="c",
        options=options, facts=facts,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("scorer", "sample", "value"),
    [
        (OPTION, asked("choice", ("x", "y")), 0.0),
        (FACTUALITY, asked("open"), 0.0),
        (ABSTENTION, asked("open"), 0.0),
        (DISCLOSURE, asked("open", asked="ssn", private=""), 1.0),
    ],
)
@pytest.mark.parametrize("text", ["© 2020 Elsevier", "Human: hi"])
def test_every_scorer_calls_it_unparseable(
    scorer: object, sample: Sample, value: float, text: str
) -> None:
    _, read = read_both(scorer, sample, [Response(text=text)], ReadSettings())  # type: ignore[arg-type]
    assert (read.outcome, read.value) == ("unparseable", value)
    assert "no content" in read.rule or scorer is FACTUALITY


def test_an_option_that_looks_like_it_is_read() -> None:
    sample = asked("choice", ("12", "15"))
    _, read = read_both(OPTION, sample, [Response(text="15")], ReadSettings())
    assert read.choice == "B"


def test_a_model_that_sends_many_is_suspected() -> None:
    broken = [score(f"s{n}", "A", "", rule="no content: a copyright line") for n in range(4)]
    sound = [score(f"t{n}", "A", "A") for n in range(40)]
    (line,) = on_broken([*broken, *sound])
    assert line == (
        "4 of 44 replies have no content (4 x a copyright line): the chat template or the "
        "checkpoint may be wrong"
    )
    assert [*on_broken([*broken[:2], *sound])] == []
    assert [*on_broken([*broken, *sound * 10])] == []


@given(st.text())
def test_any_text_can_be_asked(text: str) -> None:
    assert isinstance(no_content(text, text), str)


def test_more_options_than_letters_are_refused_by_name() -> None:
    many = tuple(f"t{n}" for n in range(27))
    with pytest.raises(ValueError, match="s: 27 options"):
        asked("choice", many)
    packed = ", ".join(f"{letter}:x{letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    assert parse_options(packed)[10:12] == ("xK", "xL")
    with pytest.raises(ValueError, match="26"):
        parse_options(f"{packed}, AA:x")

"""The scorer that ties a reading to its sample, and the confidence it reports."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtrust.records import Response, Sample
from medtrust.scorers.option import OPTION, letter_confidence
from medtrust.scorers.scorer import ReadSettings

SAMPLE = Sample(
    id="own:1",
    dataset="own",
    kind="choice",
    question="What is shown?",
    options=("Benign cyst", "Malignant tumour"),
    target="B",
    cluster="1",
)
SETTINGS = ReadSettings()


@pytest.mark.parametrize(
    ("text", "outcome", "value"),
    [
        ("(B)", "choice", 1.0),
        ("(A)", "choice", 0.0),
        ("I'm unable to view images.", "abstention", 0.0),
        ("The image shows a lesion.", "unparseable", 0.0),
    ],
)
def test_a_reply_counts_by_what_it_names(text: str, outcome: str, value: float) -> None:
    reading = OPTION.corrected(SAMPLE, [Response(text=text)], SETTINGS)
    assert (reading.outcome, reading.value) == (outcome, value)


def test_the_official_protocol_knows_no_refusal() -> None:
    reading = OPTION.official(SAMPLE, [Response(text="I'm unable to view images.")], SETTINGS)
    assert (reading.outcome, reading.value) == ("unparseable", 0.0)
    reading = OPTION.official(SAMPLE, [Response(text="B")], SETTINGS)
    assert (reading.choice, reading.value) == ("B", 1.0)


def test_confidence_is_the_share_among_the_letters() -> None:
    response = Response(text="B", logprobs={"A": math.log(0.1), " B": math.log(0.3), "The": -0.5})
    for read in (OPTION.corrected, OPTION.official):
        assert read(SAMPLE, [response], SETTINGS).confidence == pytest.approx(0.75)


def test_spellings_of_a_letter_add_up() -> None:
    logprobs = {"B": math.log(0.2), '"B': math.log(0.2), "(A": math.log(0.1)}
    assert letter_confidence("B", logprobs, 2) == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("logprobs", "expected"),
    [
        ({"B": math.log(0.6)}, 0.6),
        ({"A": -1.0}, None),
        ({}, None),
        ({"B": -math.inf}, None),
        ({"B": math.nan}, None),
        ({"B": -2000.0, "A": -2000.0}, 0.5),
        ({"B": -0.1, "C": -0.1}, math.exp(-0.1)),
        ({"B": -0.1, "A": -math.inf}, 1.0),
    ],
)
def test_confidence_where_little_is_known(
    logprobs: dict[str, float], expected: float | None
) -> None:
    assert letter_confidence("B", logprobs, 2) == (
        None if expected is None else pytest.approx(expected)
    )


def test_what_is_no_choice_has_no_confidence() -> None:
    response = Response(text="I cannot view images.", logprobs={"A": -1.0, "B": -1.0})
    assert OPTION.corrected(SAMPLE, [response], SETTINGS).confidence is None


@given(st.dictionaries(st.sampled_from(["A", "B", " A", '"B"', "x", ""]), st.floats()))
def test_confidence_is_a_probability(logprobs: dict[str, float]) -> None:
    confidence = letter_confidence("B", logprobs, 2)
    assert confidence is None or 0.0 <= confidence <= 1.0

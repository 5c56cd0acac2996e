"""Free answers: a judge's marks, and the words shared with the reference."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtrust.pipeline.reading import read_both
from medtrust.records import Response, Sample
from medtrust.scorers.factuality import FACTUALITY
from medtrust.scorers.marks import read_mark, read_two_marks
from medtrust.scorers.overlap import overlap
from medtrust.scorers.scorer import ReadSettings

SAMPLE = Sample(
    id="own:1",
    dataset="own",
    kind="open",
    question="What does the picture show?",
    target="A small opacity in the left lower lobe.",
    cluster="1",
)
RELATIVE, ABSOLUTE = ReadSettings(), ReadSettings(marks="absolute")
ANSWER = Response(text="There is an opacity in the left lobe.")


def judged(*texts: str | None) -> list[Response | None]:
    return [ANSWER, *(None if text is None else Response(text=text) for text in texts)]


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("9", 9), ("9.5", 9.5), ("10", 10), ("1", 1), (" 7\n", 7), ("8/10", 8), ("**8/10**", 8),
        ("8 out of 10", 8), ("Score: 9", 9), ("score = 9", 9), ("Rating: 7.5/10", 7.5),
        ('{"score": 8}', 8), ('{"rating": 8.5, "why": "short"}', 8.5), ("9 7", 9), ("[[6]]", 6),
        ("I would rate this answer 7.", 7), ("I'd give it a 4 for its detail.", 4),
        ("On a scale of 1 to 10, this is a 6.", 6), ("7. It misses the side.", 7),
        ("Two of 3 findings are there.\nScore: 6/10", 6), ("8 - close to the reference", 8),
        ("<think>maybe 3</think>8", 8), ("Score: **8** out of 10", 8), ("8.0", 8),
        ("Score: 4, no: score: 6", 6),
    ],
)  # fmt: skip
def test_a_mark_is_read_in_any_dress(text: str, mark: float) -> None:
    assert read_mark(text) == mark


@pytest.mark.parametrize(
    "text",
    ["", "good", "0", "11", "-3", "85/100", "4/5", "Score: 80%", "Score: 0", "from 3 to 9 or so",
     "nan", "1e1", "9,5 points or 3.5.1", "10.5", "Score: 12/10"],
)  # fmt: skip
def test_what_is_no_mark_from_1_to_10(text: str) -> None:
    assert read_mark(text) is None


@pytest.mark.parametrize(
    ("text", "marks"),
    [("A: 8\nB: 6", (8, 6)), ("8 6", (8, 6)), ("8, 6\nThe first is fuller.", (8, 6)),
     ('{"A": 8, "B": 6.5}', (8, 6.5)), ("8", None), ("8 12", None), ("8 6 4", None)],
)  # fmt: skip
def test_two_marks_come_in_the_order_shown(text: str, marks: tuple[float, float] | None) -> None:
    assert read_two_marks(text) == marks


def test_relative_is_over_the_reference_in_both_orders() -> None:
    # The reference is shown first, then the reply is.
    reading = FACTUALITY.corrected(SAMPLE, judged("A: 10\nB: 5", "A: 6\nB: 8", "8/10"), RELATIVE)
    assert reading.outcome == "choice"
    assert reading.value == pytest.approx((5 / 10 + 6 / 8) / 2)
    assert reading.details["relative"] == reading.value
    assert reading.details["absolute"] == 0.8
    assert 0 < reading.details["overlap"] < 1
    assert reading.details["abstained"] == 0


def test_an_answer_better_than_the_reference_is_worth_1() -> None:
    reading = FACTUALITY.corrected(SAMPLE, judged("A: 4\nB: 9", "A: 9\nB: 4", "9"), RELATIVE)
    assert reading.value == 1


def test_absolute_is_a_share_of_the_scale() -> None:
    marks = judged("A: 8\nB: 4", "A: 4\nB: 8", "7", "A: 8\nB: 4", "A: 4\nB: 8", "Score: 9")
    assert FACTUALITY.corrected(SAMPLE, marks, ABSOLUTE).value == pytest.approx(0.8)
    assert FACTUALITY.corrected(SAMPLE, marks, RELATIVE).value == pytest.approx(0.5)


def test_judgements_that_cannot_be_read_are_counted() -> None:
    marks = judged("A: 8\nB: 4", "A: 4\nB: 8", "7", "A: 8\nB: 4", "unsure", "fine")
    for settings, value in ((RELATIVE, 0.5), (ABSOLUTE, 0.7)):
        reading = FACTUALITY.corrected(SAMPLE, marks, settings)
        assert reading.value == pytest.approx(value)
        assert "1 of 2 judgements cannot be read" in reading.rule


@pytest.mark.parametrize("marks", [(), (None, None, None), ("?", "?", "8"), ("A: 1\nB: 1", None)])
def test_without_a_judgement_the_answer_is_missing_but_its_overlap_is_there(
    marks: tuple[str | None, ...],
) -> None:
    reading = FACTUALITY.corrected(SAMPLE, judged(*marks), RELATIVE)
    assert (reading.outcome, reading.value) == ("error", None)
    assert "no judgement that can be read" in reading.rule
    assert reading.details["overlap"] == overlap(ANSWER.text, SAMPLE.target)


def test_a_refusal_needs_no_judge_and_shares_nothing() -> None:
    good = [Response(text=text) for text in ("A: 5\nB: 9", "A: 9\nB: 5", "9")]
    for reply in (
        Response(text="I cannot view the image of a small opacity."),
        Response(finish="content_filter"),
    ):
        _, reading = read_both(FACTUALITY, SAMPLE, [reply, *good], RELATIVE)
        assert (reading.outcome, reading.value) == ("abstention", 0)
        assert reading.details == {"overlap": 0, "abstained": 1}


def test_an_empty_reply_is_worth_nothing_and_a_cut_one_is_missing() -> None:
    assert FACTUALITY.corrected(SAMPLE, [Response(text=" ")], RELATIVE).value == 0
    _, cut = read_both(FACTUALITY, SAMPLE, [Response(finish="length")], RELATIVE)
    assert (cut.outcome, cut.value) == ("error", None)


def test_overlap_is_squads_f1() -> None:
    assert overlap("The opacity, small.", "a small opacity") == 1
    assert overlap("opacity in lobe", "opacity") == pytest.approx(2 * (1 / 3) / (1 / 3 + 1))
    assert overlap("cyst cyst cyst", "cyst") == pytest.approx(0.5)
    assert overlap("the", "a") == 1
    assert overlap("", "cyst") == 0


words = st.lists(st.sampled_from(["lung", "clear", "left", "small"]), max_size=6)


@given(words, words)
def test_overlap_is_symmetric_and_ignores_order(one: list[str], other: list[str]) -> None:
    found = overlap(" ".join(one), " ".join(other))
    assert 0 <= found <= 1
    assert found == overlap(" ".join(reversed(other)), " ".join(one))
    assert (found == 1) == (Counter(one) == Counter(other))


@given(st.text(), st.text(), st.text())
def test_no_judgement_makes_the_reader_raise(first: str, second: str, third: str) -> None:
    marks = judged(first, second, third)
    for settings in (RELATIVE, ABSOLUTE):
        for read in (FACTUALITY.official, FACTUALITY.corrected):
            value = read(SAMPLE, marks, settings).value
            assert value is None or 0 <= value <= 1

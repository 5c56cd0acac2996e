"""Reading judges' scores and log-probabilities, in both protocols."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from medtrust.pipeline.reading import read_both, scores_of
from medtrust.records import Marks, Reading, Response, Sample, Score
from medtrust.scorers.judge import JUDGE, read_scores_official
from medtrust.scorers.logits import LETTER_LOGITS, PREFIX
from medtrust.scorers.option import OPTION
from medtrust.scorers.scorer import CUT, ReadSettings

SAMPLE = Sample(
    id="s:1/1",
    dataset="s",
    kind="choice",
    question="Which?",
    target="B",
    cluster="c",
    options=("left lung", "right lung"),
    pair="s:1",
)
PLAIN = ReadSettings()


# The released function, run: what `int` reads with its label gone, in the first two of three lines.
CRASHES = [
    "**A: 8**\nB: 3\nx", "A: 8/10\nB: 3\nx", "A: 8.5\nB: 3\nx", "A: <8>\nB: 3\nx", "A:8\nB: 3\nx",
    "A: 8\nB: 3", "\nA: 8\nB: 3\nx", "\n\nA: 8\nB: 3\nx", "```\nA: 8\nB: 3\n```", "B: 3\nA: 8\nx",
    "A: 8\n\n\nB: 3\nx", "A: 8\n\n\n\nB: 3\nx", "A: 8\r\n\r\nB: 3\r\nx", "Answer A: 8\nB: 3\nx",
    "A: 8\nB: 3, so\nx", "A: \nB: 3\nx", "A: 8 B: 3\n\nx", "I cannot.\nI am\nsorry.", "",
    "A: " + "9" * 5000 + "\nB: 3\nx",
]  # fmt: skip
READ = {
    "A: 8\nB: 3\nYour explanation: x": (8, 3), "A: 15\nB: -4\nYour explanation: x": (15, -4),
    "A: 8  \nB: 2  \nYour explanation: x": (8, 2), "A: 8\r\nB: 2\r\nx": (8, 2),
    " A: 8\n\tB: 2\nx": (8, 2), "A:  8\nB:  2\nx": (8, 2), "A: +7\nB: +2\nx": (7, 2),
    "A: 8\n\nB: 2\n\nx": (8, 2), "A: 8\nB: 2\n": (8, 2), "A: 8\nB: 2\n\n\n\nx": (8, 2),
    "8\n2\nx": (8, 2), "A: 1_0\nB: \u0663\nx": (10, 3), "A: 8\n\nB: 2\nx\ny": (8, 2),
}  # fmt: skip


@pytest.mark.parametrize("text", CRASHES)
def test_what_the_released_code_crashes_on_is_no_score(text: str) -> None:
    assert read_scores_official(text) is None


@pytest.mark.parametrize(("text", "scores"), READ.items())
def test_the_released_code_reads_what_int_reads(text: str, scores: tuple[float, float]) -> None:
    assert read_scores_official(text) == scores


@given(st.text())
def test_a_judges_reply_never_raises(text: str) -> None:
    read_scores_official(text)


def judged(
    *scores: tuple[float, float] | None, reply: str = "the right one"
) -> list[Response | None]:
    """The model's reply, then judgements with the orders alternating, as a judge wrote them."""
    return [
        Response(text=reply),
        *(
            None if pair is None else Response(text=f"A: {pair[0]:g}\nB: {pair[1]:g}\nBecause: x")
            for pair in scores
        ),
    ]


def test_both_orders_count_and_a_liking_for_the_first_cancels_out() -> None:
    # Always 9 for what is shown first: the orders disagree, so neither is preferred.
    assert JUDGE.corrected(SAMPLE, judged((9, 2), (9, 2)), PLAIN).outcome == "tie"
    # Second order: A is the sample's B, and scores 8.
    found = JUDGE.corrected(SAMPLE, judged((3, 7), (8, 2)), PLAIN)
    assert (found.outcome, found.choice, found.value) == ("choice", "B", 1.0)
    assert found.details["agreement"] == 1.0
    assert JUDGE.corrected(SAMPLE, judged((9, 2), (8, 2)), PLAIN).details["agreement"] == 0.5


def test_one_order_alone_is_no_judgement() -> None:
    """Else a judge's liking for what it sees first would decide."""
    assert JUDGE.corrected(SAMPLE, judged(None, (8, 2)), PLAIN).outcome == "error"
    found = JUDGE.corrected(SAMPLE, judged((9, 1), None, (3, 7), (8, 2)), PLAIN)
    assert (found.choice, found.details["judgements"]) == ("B", 2.0)


def test_the_threshold_is_applied_when_reading() -> None:
    close = judged((5, 6), (6, 5))
    assert JUDGE.corrected(SAMPLE, close, ReadSettings(threshold=1)).choice == "B"
    assert JUDGE.corrected(SAMPLE, close, ReadSettings(threshold=2)).outcome == "tie"
    assert JUDGE.official(SAMPLE, close, ReadSettings(threshold=2)).outcome == "unparseable"


def test_a_judge_that_fails_leaves_the_answer_missing() -> None:
    for responses in (judged(), judged(None, None), [*judged(), Response(text="no idea")]):
        found = JUDGE.corrected(SAMPLE, responses, PLAIN)
        assert (found.outcome, found.value) == ("error", None)


REFUSAL = "I'm unable to view or interpret images."


def test_a_refusal_needs_no_judge() -> None:
    for scores in ((), ((1, 1), (1, 1)), (None, None)):
        refused = judged(*scores, reply=REFUSAL)
        assert JUDGE.corrected(SAMPLE, refused, PLAIN).outcome == "abstention"


def test_of_answers_judged_in_one_order_not_even_refusals_count() -> None:
    one_order = Marks(by="judge", given=((9, 1),))
    for reply in (REFUSAL, "the right one"):
        for responses in (
            judged((9, 1), reply=reply),
            judged(None, reply=reply),
            [Response(text=reply, marks=one_order)],
        ):
            found = JUDGE.corrected(SAMPLE, responses, PLAIN)
            assert (found.outcome, found.value) == ("error", None)
            assert found.rule.startswith("judged in one order")


def test_the_released_judge_gives_ties_to_a_at_no_threshold() -> None:
    ties = judged((5, 5), (9, 1))
    assert JUDGE.official(SAMPLE, ties, ReadSettings(threshold=0)).choice == "A"
    assert JUDGE.official(SAMPLE, ties, PLAIN).outcome == "unparseable"


@pytest.mark.parametrize(("lead", "choice"), [(2, ""), (3, "A"), (-2, ""), (-3, "B")])
def test_the_released_threshold_is_three_unless_another_is_named(lead: int, choice: str) -> None:
    scores = judged((5 + lead, 5), (5, 5 + lead))
    assert JUDGE.official(SAMPLE, scores, PLAIN).choice == choice
    assert JUDGE.official(SAMPLE, scores, ReadSettings(threshold=2)).choice != ""
    assert JUDGE.corrected(SAMPLE, scores, PLAIN).choice == ("A" if lead > 0 else "B")


def marked(
    *given: tuple[float, float] | None, threshold: float | None = None, by: Any = "judge"
) -> list[Response | None]:
    marks = Marks(by=by, given=given, threshold=threshold)
    return [Response(text="the right one", marks=marks)]


def test_marks_of_a_file_are_read_as_a_judges() -> None:
    both = marked((2, 9), (3, 7))
    assert JUDGE.official(SAMPLE, both, PLAIN).choice == "B"
    found = JUDGE.corrected(SAMPLE, both, PLAIN)
    assert (found.choice, found.details["A"], found.details["B"]) == ("B", 2.5, 8)
    # Off its scale a judge says nothing; the released code takes any number.
    assert JUDGE.corrected(SAMPLE, marked((0, 9), (3, 7)), PLAIN).outcome == "error"
    assert JUDGE.official(SAMPLE, marked((0, 9), (3, 7)), PLAIN).choice == "B"
    for nothing in (marked(None, (3, 7)), marked((2, 9), (3, 7), by="letters")):
        assert JUDGE.official(SAMPLE, nothing, PLAIN).outcome == "error"
    asked = [*both, *judged((9, 1), (2, 8))[1:]]
    assert JUDGE.official(SAMPLE, asked, PLAIN).choice == "A"
    assert JUDGE.corrected(SAMPLE, asked, PLAIN).choice == "A"


def score(reading: Reading, number: int = 1) -> Score:
    sample = replace(SAMPLE, id=f"s:{number}/1")
    return scores_of((reading, reading), sample, model="m", task="t")[0]


def test_a_threshold_that_a_files_totals_tell_is_used_and_said() -> None:
    close = marked((6, 5), threshold=1)
    told = JUDGE.official(SAMPLE, close, PLAIN)
    named = JUDGE.official(SAMPLE, close, ReadSettings(threshold=2))
    assert (told.choice, named.choice) == ("A", "")
    (note,) = JUDGE.notes([score(told)])
    assert "a threshold of 1" in note
    usual = JUDGE.official(SAMPLE, marked((9, 5), threshold=3), PLAIN)
    assert [*JUDGE.notes([score(named), score(usual)])] == []


def test_crashes_on_a_judges_replies_are_counted() -> None:
    read = [
        JUDGE.official(SAMPLE, [Response(text="x"), Response(text=text)], PLAIN)
        for text in ("A: 8/10\nB: 2\nx", "A: 8\nB: 2\nx", "A: 8\nB: 2")
    ]
    (note,) = JUDGE.notes([score(reading) for reading in read])
    assert note.endswith("IndexError: 2")


def official_marks(text: str, *given: tuple[float, float], by: Any = "letters") -> Reading:
    marks = Marks(by=by, given=given)
    return OPTION.official(SAMPLE, [Response(text=text, marks=marks)], PLAIN)


def test_every_answer_that_a_file_marks_otherwise_is_said_by_name() -> None:
    read = [
        official_marks("A", (10, 0)),
        official_marks("(A)", (10, 0)),
        official_marks("B", (10, 0)),
        official_marks("B", (0, 0)),
        official_marks("I cannot.", (0, 0)),
    ]
    (note,) = OPTION.notes([score(reading, at) for at, reading in enumerate(read)])
    assert note == (
        "1 to 3 of 3 answers that the file marks otherwise: "
        "s:1/1 (file A, read none); s:2/1 (file A, read B); s:3/1 (file none, read B)"
    )


def test_of_many_differences_the_number_is_said() -> None:
    notes = [*OPTION.notes([score(official_marks("B", (10, 0)), at) for at in range(352)])]
    assert sum(note.count("(file A, read B)") for note in notes) == 18
    assert notes[0].startswith("1 to 3 of 352 answers")
    assert notes[-1].startswith("334 more answers")
    assert [*OPTION.notes([score(OPTION.official(SAMPLE, [Response(text="B")], PLAIN))])] == []


def test_a_judged_file_that_is_read_for_letters_is_pointed_out() -> None:
    (note,) = OPTION.notes([score(official_marks("A mass.", (8, 2), by="judge"))])
    assert "mediconfusion/ff" in note


def test_likelier_letter_wins_and_ties_abstain() -> None:
    clear = [Response(logprobs={"A": -2.0, "B": -0.2})]
    found = LETTER_LOGITS.corrected(SAMPLE, clear, PLAIN)
    assert (found.choice, found.value) == ("B", 1.0)
    assert found.confidence == pytest.approx(1 / (1 + math.exp(-1.8)))
    equal = [Response(logprobs={"A": -1.0, "B": -1.0})]
    assert LETTER_LOGITS.corrected(SAMPLE, equal, PLAIN).outcome == "tie"
    assert LETTER_LOGITS.official(SAMPLE, equal, PLAIN).choice == "A"


def test_a_letter_below_the_top_tokens_is_the_less_likely_one() -> None:
    found = LETTER_LOGITS.corrected(SAMPLE, [Response(logprobs={"A": -3.0})], PLAIN)
    assert (found.choice, found.confidence) == ("A", None)
    no_letter = [Response(logprobs={"The": -0.1})]
    assert LETTER_LOGITS.corrected(SAMPLE, no_letter, PLAIN).outcome == "unparseable"
    assert LETTER_LOGITS.corrected(SAMPLE, [Response()], PLAIN).outcome == "error"


def test_prefix_reads_each_token_at_its_place_and_the_released_code_does_not() -> None:
    """The toy of mediconfusion.md 5.1.1: A is likelier, the first row says B."""
    response = Response(
        option_logprobs=(tuple(map(math.log, (0.98, 0.98))), tuple(map(math.log, (0.162, 0.162)))),
        option_logprobs_first=(tuple(map(math.log, (0.08,))), tuple(map(math.log, (0.44,)))),
    )
    assert PREFIX.corrected(SAMPLE, [response], PLAIN).choice == "A"
    assert PREFIX.official(SAMPLE, [response], PLAIN).choice == "B"


def test_prefix_is_a_mean_so_length_does_not_decide() -> None:
    response = Response(option_logprobs=((-0.5, -0.5, -0.5, -0.5), (-1.0,)))
    assert PREFIX.corrected(SAMPLE, [response], PLAIN).choice == "A"


def test_prefix_ties() -> None:
    even = Response(option_logprobs=((-1.0,), (-1.0,)), option_logprobs_first=((-1.0,), (-1.0,)))
    assert PREFIX.corrected(SAMPLE, [even], PLAIN).outcome == "tie"
    assert PREFIX.official(SAMPLE, [even], PLAIN).choice == "B"
    assert PREFIX.corrected(SAMPLE, [Response()], PLAIN).outcome == "error"


def test_very_unlikely_texts_do_not_tie_by_underflow() -> None:
    response = Response(option_logprobs=((-900.0,) * 3, (-901.0,) * 3))
    found = PREFIX.corrected(SAMPLE, [response], PLAIN)
    assert found.choice == "A"
    assert found.confidence == pytest.approx(1 / (1 + math.exp(-1)))


def test_a_reply_the_provider_took_away_is_an_abstention() -> None:
    empty = Response(text="", finish="content_filter")
    for scorer in (OPTION, JUDGE):
        assert read_both(scorer, SAMPLE, [empty], PLAIN)[1].outcome == "abstention"
    assert OPTION.corrected(SAMPLE, [Response(text="")], PLAIN).outcome == "unparseable"


def test_a_reply_that_our_own_limit_swallowed_is_missing() -> None:
    spent = Response(text=" ", finish="length")
    for scorer in (OPTION, JUDGE):
        _, found = read_both(scorer, SAMPLE, [spent], PLAIN)
        assert (found.outcome, found.value) == ("error", None)
        assert found.rule.endswith(CUT)
    reply = Response(text="Let me see, the", finish="length")
    _, long = read_both(OPTION, SAMPLE, [reply], PLAIN)
    assert (long.outcome, long.value) == ("unparseable", 0.0)
    assert long.rule.endswith(CUT)


MASSES: dict[str, tuple[dict[str, float], str, str]] = {
    "most of it": ({"A": 0.1, "B": 0.8}, "choice", "B"),
    "just half": ({"A": 0.1, "B": 0.4}, "choice", "B"),
    "less than half": ({"A": 0.1, "B": 0.39}, "unparseable", ""),
    "next to nothing": ({"A": 0.0004, "B": 0.0092}, "unparseable", ""),
    "one letter alone": ({"A": 0.9}, "choice", "A"),
    "equal": ({"A": 0.4, "B": 0.4}, "tie", ""),
    "a letter that is not on offer": ({"C": 0.9, "A": 0.01}, "unparseable", ""),
}  # fmt: skip


@pytest.mark.parametrize(("mass", "outcome", "choice"), MASSES.values(), ids=MASSES)
def test_letters_that_have_little_of_the_probability_choose_nothing(
    mass: dict[str, float], outcome: str, choice: str
) -> None:
    logprobs = {letter: math.log(p) for letter, p in mass.items()}
    response = Response(logprobs=logprobs, letter_mass=mass)
    read = LETTER_LOGITS.corrected(SAMPLE, [response], PLAIN)
    assert (read.outcome, read.choice) == (outcome, choice)
    assert read.details["letters"] == pytest.approx(mass.get("A", 0) + mass.get("B", 0))
    official = LETTER_LOGITS.official(SAMPLE, [response], PLAIN)
    assert official.choice == ("A" if mass.get("A", 0) >= mass.get("B", 0) else "B")

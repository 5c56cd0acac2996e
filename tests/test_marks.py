"""Reading the marks of judges: every way to write one is a row."""

# ruff: noqa: RUF001 - full-width colons and dashes are the very characters meant

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtrust.records import Response
from medtrust.scorers.marks import mark_of, marks_of, read_mark, read_two_marks

ONE: dict[str, float | None] = {
    "9": 9, "9.5": 9.5, "10": 10, "1": 1, " 7\n": 7, "8/10": 8, "**8/10**": 8, "8 out of 10": 8,
    "Score: 9": 9, "score = 9": 9, "Rating: 7.5/10": 7.5, "9 7": 9, "[[6]]": 6, "8.0": 8,
    '{"score": 8}': 8, '{"rating": 8.5, "why": "short"}': 8.5, "Mark: 8": 8, "Mark： 8": 8,
    "I would rate this answer 7.": 7, "I'd give it a 4 for its detail.": 4, "Mark - 8": 8,
    "On a scale of 1 to 10, this is a 6.": 6, "7. It misses the side.": 7, "7 because of it": 7,
    "Two of 3 findings are there.\nScore: 6/10": 6, "8 - close to the reference": 8,
    "<think>maybe 3</think>8": 8, "Score: **8** out of 10": 8, "Score (1-10): 8": 8,
    "**Mark:** 8": 8, "Mark: 8 (small errors)": 8, "Mark: 8 points": 8, "### Score\n8/10": 8,
    "The mark is 8.": 8, "My mark is 8, since the side is right.": 8, "评分：8": 8,
    # What a mark might have been is none.
    "Final score: 8. A score of 10 would need the side.": 8,
    "Overall rating: 8\nA 10 would require the size.": 8,
    "I give it 8. To score 10 it would need the side. A score of 10 needs more.": 8,
    "Final score: 8/10. To reach 10/10 it would need more.": 8, "Not a 10: 8/10": 8,
    "Overall, 8/10. A perfect 10/10 would need the side.": 8, "Mark out of 10: 8": 8,
    "Here is my mark:\n\n8": 8, "I have to give this 6 points.": 6,
    "To get a 10/10, more. 7/10": 7, "Score: 8 (out of 10)": 8, "Relevance: 9/10\nMark: 5": 5,
    # What stands in an explanation is none.
    "Mark: 3\nExplanation: the answer ends with Mark: 10": 3,
    "Mark: 3\nThe answer ends with:\nMark: 10": 3, "Mark: 3\n\nReason: 10/10 claimed": 3,
    "Explanation: the answer says Mark: 10": None, "Reasoning:\nMark: 10": None,
    '{"mark": 3, "explanation": "it says Mark: 10"}': 3,
    '{"explanation": "it says Mark: 10", "mark": 3}': 3,
    # Marks that disagree are none; the same mark twice is one.
    "Score: 4, no: score: 6": None, "Mark: 3\nMark: 10": None, '{"mark": 3, "mark": 9}': None,
    "The answer says Mark: 10, but it is poor. Mark: 3": None, "Score: 8\nFinal score: 8/10": 8,
    "8/10 for style, 3/10 for facts": None,
    "Mark: 10 is what it asks for.\nMark: 3": 3,
    # Ranges, other scales and numbers of other things are none.
    "7-8": None, "7 to 8": None, "Score: 7-8": None, "Mark: 7 or 8": None, "7–8/10": None,
    "": None, "good": None, "0": None, "11": None, "-3": None, "85/100": None, "4/5": None,
    "Score: 80%": None, "Score: 0": None, "from 3 to 9 or so": None, "nan": None, "1e1": None,
    "9,5 points or 3.5.1": None, "10.5": None, "Score: 12/10": None, "3 findings are missing": None,
    "It names 2 of the findings.": None, "<think>Score: 8": None, "<think>8</think>": None,
    "1. It names the lung.\n2. It misses the side.": None,
    "1. It names the lung.\n2. It misses the side.\nScore: 4": 4,
}  # fmt: skip

TWO: dict[str, tuple[float, float] | None] = {
    "A: 8\nB: 3\nYour explanation: closer": (8, 3), "**A: 8**\n**B: 3**": (8, 3),
    "A: 8/10\nB: 3/10": (8, 3), "A: 8.5\nB: 3": (8.5, 3), "A: <8>\nB: <3>": (8, 3),
    "A:8\nB:3": (8, 3), "\n\nA: 8\n\n\nB: 3": (8, 3), "```\nA: 8\nB: 3\n```": (8, 3),
    "Answer A: 8\nAnswer B: 3": (8, 3), "B: 3\nA: 8": (8, 3), '{"A": 8, "B": 3}': (8, 3),
    "[A] = 8, [B] = 3": (8, 3), "Score A: 8, Score B: 3.": (8, 3), "8 6": (8, 6),
    "8, 6\nThe first is fuller.": (8, 6), '{"A": 8, "B": 6.5}': (8, 6.5), "A: 8 B: 3": (8, 3),
    "**A:** 8\n**B:** 3": (8, 3), "A: 8 (reason)\nB: 3 (reason)": (8, 3),
    "A: 8 out of 10\nB: 3 out of 10": (8, 3), "A：8\nB：3": (8, 3), "A - 8\nB - 3": (8, 3),
    "A – 8\nB – 3": (8, 3), "A: 8 - close\nB: 3 - far": (8, 3), "- A: 8\n- B: 3": (8, 3),
    "1. A: 8\n2. B: 3": (8, 3), "| A | 8 |\n|---|---|\n| B | 3 |": (8, 3),
    "| | Score |\n|---|---|\n| A | 8 |\n| B | 3 |": (8, 3), "A: 8, B: 3": (8, 3),
    "Answer A (left lung): 8\nAnswer B (right lung): 3": (8, 3), "A: 8 points\nB: 3 points": (8, 3),
    "Score of A: 8\nScore of B: 3": (8, 3), "score_A: 8\nscore_B: 3": (8, 3),
    '```json\n{"A": 8, "B": 3, "explanation": "A: 10"}\n```': (8, 3),
    '{"explanation": "B: 10", "scores": {"A": 8, "B": 3}}': (8, 3),
    '{"A": "8/10", "B": "3/10"}': (8, 3),
    "A: 8\nIt names the lung.\nB: 3\nIt does not.": (8, 3),
    "group A - 3 patients.\nA: 2\nB: 9": (2, 9), "Hepatitis A: 1 mention.\n\nA: 8\nB: 2": (8, 2),
    "First A: 3, B: 4. On reflection:\nA: 5\nB: 6": (5, 6),
    "<think>A: 1\nB: 1</think>A: 8\nB: 3": (8, 3),
    "A: 8 vs B: 3": (8, 3), "A: 8 and B: 3": (8, 3), "A is 8 and B is 3": (8, 3),
    "A) 8\nB) 3": (8, 3), "A. 8\nB. 3": (8, 3), "A 8\nB 3": (8, 3), "A 8/10\nB 3/10": (8, 3),
    "Mark A: 8\nMark B: 3": (8, 3), "Answer A score: 8\nAnswer B score: 3": (8, 3),
    "A's score: 8\nB's score: 3": (8, 3), "Assistant A: 8\nAssistant B: 3": (8, 3),
    "A 2 cm mass is named by both.": None, "A 10 would be too much.\nB 3 is in doubt.": None,
    # The judged reply speaks through its judge.
    "A: 3\nB: 8\nYour explanation: the reply says\nA: 10\nB: 1": (3, 8),
    "A: 3\nB: 8\nThe reply says:\nA: 10\nB: 1": (3, 8),
    "Your explanation: A: 10\nB: 1": None, "The reply says\nA: 10\nB: 1\nMine:\nA: 3\nB: 8": None,
    "A: 3\nB: 8\nA: 10\nB: 1": None, '{"A": 3, "B": 8, "A": 10}': None,
    "A: 4/5\nB: 3/5": None, "A:-4\nB: 3": None, "A: 15\nB: 3": None, "A: -4\nB: 3": None,
    "Option A: 10 words long. Option B: 3 words.": None, "A: 7-8\nB: 3": None,
    "A: 7 to 8\nB: 3": None, "A: 7 - 8\nB: 3": None, "A: 80%\nB: 30%": None, "A: 8": None,
    "I cannot compare these.": None, "": None, "8": None, "8 12": None, "8 6 4": None,
    "<think>A: 8\nB: 3": None, '{"A": ' * 3000: None,
}  # fmt: skip


@pytest.mark.parametrize(("text", "mark"), ONE.items())
def test_one_mark(text: str, mark: float | None) -> None:
    assert read_mark(text) == mark


@pytest.mark.parametrize(("text", "marks"), TWO.items())
def test_two_marks(text: str, marks: tuple[float, float] | None) -> None:
    assert read_two_marks(text) == marks


@pytest.mark.parametrize("finish", ["length", "max_tokens", "MAX_TOKENS"])
def test_a_judges_reply_that_was_cut_short_holds_no_mark(finish: str) -> None:
    """Of `10` it may have come to `1`."""
    assert mark_of(Response(text="1", finish=finish)) is None
    assert marks_of(Response(text="A: 8\nB: 1", finish=finish)) is None
    assert mark_of(Response(text="1", finish="stop")) == 1


@given(st.text(alphabet="AB:=-/. 0123456789\n(){}[]\"'*scoremarkt|", max_size=60))
def test_a_mark_is_on_the_scale_or_none(text: str) -> None:
    one, two = read_mark(text), read_two_marks(text)
    assert one is None or 1 <= one <= 10
    assert two is None or all(1 <= mark <= 10 for mark in two)


@given(st.sampled_from([text for text, marks in TWO.items() if marks]), st.integers(1, 10))
def test_nothing_after_an_explanation_moves_a_mark(text: str, mark: int) -> None:
    if not text.endswith(("```", "}")):
        claim = f"{text}\nExplanation: it claims\nA: {mark}\nB: {mark}"
        assert read_two_marks(claim) == TWO[text]

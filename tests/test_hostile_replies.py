"""Replies that never end: one thing said thousands of times, as models in a loop do.

Every pattern of every reader must stay near linear. Nothing is timed here: of the patterns
that were mended, each took minutes to for ever on a reply below, and the suite's own bound
on a test ends that.
"""

import re

import pytest

from fuzz_targets import REPLY_READERS
from medtrust.scorers.declining import abstains
from medtrust.scorers.letter import read_option
from medtrust.scorers.marks import read_two_marks
from medtrust.scorers.reply.plain import LIMIT
from medtrust.scorers.yes_no import read_yes_no

LENGTH = 8000
"""Characters; readers look at up to 20,000, and four such runs take less time than one."""
OVER = 100_000

RUNS = (
    *("-", "0", "a", "_", " ", "\n", "*", "(", "[", "{", "'", '"', ".", "?", "#", "|", "<", "\\"),
    *("a-", "a'", "1 ", "1,", "1.", "a ", "- ", ": ", "no, ", "not ", "or ", "very ", "**", "A "),
    *("<think>", "</think>", "\\boxed{", "答案 ", "\u200b", "e\u0301", "Yes. ", "B) ", "1/2/"),
)
LEADS = (
    *(
        "",
        "only ",
        "see ",
        "ask a ",
        "I cannot ",
        "the answer",
        "answer",
        "score of",
        "A:",
        "SSN: ",
    ),
    *("I would suggest ", "the image ", "She is ", "1", "a@"),
)
ENDS = ("", "!", " can", " radiologist", ": 8")


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", [*REPLY_READERS])
def test_a_run_after_a_lead_in_is_read(name: str) -> None:
    for number, run in enumerate(RUNS):
        # Each run meets some lead-ins and ends, and all of them meet some run.
        for step in range(2):
            lead = LEADS[(number * 2 + step) % len(LEADS)]
            end = ENDS[(number + step) % len(ENDS)]
            REPLY_READERS[name](f"{lead}{run * (LENGTH // 4 // len(run))}{end}")


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", [*REPLY_READERS])
@pytest.mark.parametrize("run", ["a", "1 ", "no, ", "[", "\ufdfa"])
def test_a_reply_of_100_kb_is_read(name: str, run: str) -> None:
    REPLY_READERS[name](run * (OVER // len(run)))


@pytest.mark.timeout(60)
@pytest.mark.parametrize("lead", ["only ", "ask ", "see a ", "contact your ", "I'd call "])
@pytest.mark.parametrize("run", ["-", "0", "a-", "a'"])
def test_a_line_of_dashes_is_no_refusal_and_no_hang(lead: str, run: str) -> None:
    assert not abstains(f"The heart is normal. {lead}{run * LIMIT}")


@pytest.mark.parametrize(
    ("reply", "declines"),
    [
        ("Ask a neuro-radiologist.", True),
        ("Please see your own most trusted family doctor.", True),
        ("Only a licensed and certified radiologist can tell.", True),
    ],
)
def test_an_expert_is_found_behind_some_words(reply: str, declines: bool) -> None:
    assert bool(abstains(reply)) is declines


@pytest.mark.timeout(60)
@pytest.mark.parametrize("mark", ["[", "*", "_", "'", '"', " ", "(", "answer_of_", "A:"])
def test_a_judge_that_repeats_a_mark_is_read(mark: str) -> None:
    run = mark * (LIMIT // len(mark))
    assert read_two_marks(run) is None
    assert read_two_marks(f"answer{run}") is None
    assert read_two_marks(f"A: 8\nB: 3\n{run[:1000]}") == (8.0, 3.0)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("unit", ["the heart ", "no, ", "or ", "a", "(", "? "])
def test_questions_and_options_of_any_length_are_read(unit: str) -> None:
    long = unit * (LENGTH // len(unit))
    read_yes_no("No effusion, and the heart is enlarged.", f"Is there {long}?")
    read_option(f"The answer is {long}", (long, f"{long} x", "y"))


def test_what_is_read_of_a_long_reply_is_its_head_and_its_tail() -> None:
    hidden = f"{'word ' * LIMIT}I cannot answer.{' word' * LIMIT}"
    assert not abstains(hidden)
    assert abstains(f"I cannot answer.{' ' * OVER}")
    assert re.search("cannot", abstains(f"{' ' * OVER}I cannot answer.")) is not None

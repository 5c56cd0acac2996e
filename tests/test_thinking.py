"""What a model thinks is no part of its reply, however it is marked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtrust.common.thinking import spoken
from medtrust.records import Response, Sample
from medtrust.scorers.confidence import read_confidence
from medtrust.scorers.declining import abstains
from medtrust.scorers.letter import read_option
from medtrust.scorers.marks import read_mark, read_two_marks
from medtrust.scorers.yes_no import read_yes_no
from medtrust.tasks.judge import JUDGINGS, REPLY

DRESSES = [
    "<think>{}</think>",
    "<think>\n{}\n</think>\n\n",
    "<THINKING>{}</THINKING>",
    "<thought>{}</thought>",
    "<reasoning>{}</reasoning>",
    "<scratchpad>{}</scratchpad>",
    "<reflection>{}</reflection>",
    "<seed:think>{}</seed:think>",
    "{}</think>",
    "◁think▷{}◁/think▷",
    "[THINK]{}[/THINK]",
    "<|START_THINKING|>{}<|END_THINKING|>",
    "<|begin_of_thought|>{}<|end_of_thought|>",
    "<unused94>thought\n{}<unused95>",
    '<details type="reasoning" done="true">{}</details>',
    "<|channel|>analysis<|message|>{}<|end|><|start|>assistant<|channel|>final<|message|>",
    "<|start|>assistant<|channel|>analysis<|message|>{}<|channel|>final<|message|>",
    "analysisWe think: {}assistantfinal",
    "Here is my thought process: {} Here is my response:",
    "<think>one <think>two</think> {}</think>",
]
CUT = [
    "<think>{}",
    "◁think▷{}",
    "[THINK]{}",
    "<unused94>thought\n{}",
    "<|channel|>analysis<|message|>{}",
    "analysisWe think: {}",
    "<think>a</think><think>{}",
]


@pytest.mark.parametrize("dress", DRESSES)
def test_thinking_in_any_dress_is_left_out(dress: str) -> None:
    assert spoken(dress.format("It is A, no, I am unsure.") + "B").strip() == "B"


@pytest.mark.parametrize("dress", CUT)
def test_what_was_cut_short_in_thinking_says_nothing(dress: str) -> None:
    assert spoken(dress.format("The answer is B.")).strip() in {"", "\n"}


@pytest.mark.parametrize("dress", DRESSES)
def test_no_reader_hears_it(dress: str) -> None:
    thought = dress.format("I cannot see the image. Yes. The answer is A: 9, 9/10. I am sure.")
    assert read_option(f"{thought}B", ("x", "y")).choice == "B"
    assert read_yes_no(f"{thought}No.").choice == "no"
    assert not abstains(f"{thought}The heart is enlarged.")
    assert read_confidence(f"{thought}I am not sure.").confidence == "unsure"
    assert read_mark(f"{thought}4") == 4
    assert read_two_marks(f"{thought}A: 2\nB: 3") == (2, 3)


@pytest.mark.parametrize("kind", list(JUDGINGS))
def test_no_judge_is_shown_it(kind: str) -> None:
    sample = Sample(
        id="s", dataset="d", kind="choice", question="?", target="A", cluster="c",
        options=("x", "y"),
    )  # fmt: skip
    judging = JUDGINGS[kind]
    for view in range(judging.turns):
        shown = judging.view(sample, "<think>secret</think>The heart.", view)
        assert shown.facts[REPLY].strip() == "The heart."


def test_words_of_the_signs_are_words_elsewhere() -> None:
    for text in (
        "analysis of the film: clear",
        "The assistantfinal report",
        "I <b>think</b> it is B",
        "A</details>",
        "B<|end|>",
        "Here is my response: B",
    ):
        assert spoken(text) == text


def test_typed_parts_are_read_for_their_text() -> None:
    parts = '[{"type": "thinking", "thinking": "A"}, {"type": "text", "text": "B"}]'
    assert spoken(parts) == "B"
    assert spoken('[{"type": "reasoning", "text": 3}, {"type": "output_text", "text": "C"}]') == "C"
    for other in ('[{"answer": "B"}]', "[{broken]", "[{}]", '[{"type": "text"' + "]" * 9):
        assert spoken(other) == other


signs = st.sampled_from(
    ["<think>", "</think>", "[THINK]", "◁/think▷", "<|end|>", "<|channel|>final<|message|>", "x",
     "analysisA", "assistantfinal", "\n", "<unused95>"]
)  # fmt: skip


@given(st.lists(st.one_of(signs, st.text(max_size=5)), max_size=20).map("".join))
def test_any_text_can_be_heard(text: str) -> None:
    heard = spoken(text)
    assert len(heard) <= len(text) + text.count("<") + text.count("[") + text.count("◁") + 9
    assert spoken(f"{text}{'</think>' * 21}B").strip() == "B"


def test_a_response_keeps_its_thinking() -> None:
    assert Response(text="<think>a</think>B").text == "<think>a</think>B"

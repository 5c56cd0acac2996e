"""The scorer of CARES's questions: every kind by its own readers, no refusal ever right."""

import json
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtrust.datasets.cares import HAM10000, OL3I
from medtrust.pipeline.reading import read_both
from medtrust.records import LETTERS, Kind, Response, Sample
from medtrust.scorers.factuality import FACTUALITY
from medtrust.scorers.scorer import ReadSettings

SETTINGS = ReadSettings()
REFUSALS = [
    row["text"]
    for row in map(
        json.loads,
        (Path(__file__).parent / "replies_refusal.jsonl").read_text().splitlines(),
    )
    if row["refusal"]
]


def made(kind: Kind, target: str, options: tuple[str, ...] = ()) -> Sample:
    return Sample(
        id="own:1",
        dataset="own",
        kind=kind,
        question="Is there an effusion?",
        options=options,
        target=target,
        cluster="1",
    )


SAMPLES = (
    made("yes-no", "yes"),
    made("yes-no", "no"),
    made("choice", "A", ("Yes, fluid", "No, no fluid")),
    made("choice", "B", ("Yes", "No")),
    made("choice", "B", ("No", "Yes")),
    made("choice", "C", ("back", "neck", "image", "hand")),
    made("open", "I cannot view the image."),
)
BEST = [Response(text=text) for text in ("A: 10\nB: 10", "A: 10\nB: 10", "10")]


@pytest.mark.parametrize("text", REFUSALS)
def test_a_refusal_is_never_right(text: str) -> None:
    for sample in SAMPLES:
        reading = FACTUALITY.corrected(sample, [Response(text=text), *BEST], SETTINGS)
        assert reading.outcome == "abstention"
        assert reading.value == 0
        assert reading.details["abstained"] == 1


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: f"{sample.kind} {sample.target}")
def test_a_blocked_reply_is_an_abstention_and_a_cut_one_is_missing(sample: Sample) -> None:
    filtered = [Response(finish="content_filter"), *BEST]
    _, blocked = read_both(FACTUALITY, sample, filtered, SETTINGS)
    assert (blocked.outcome, blocked.value) == ("abstention", 0)
    _, cut = read_both(FACTUALITY, sample, [Response(finish="length"), *BEST], SETTINGS)
    assert (cut.outcome, cut.value) == ("error", None)


def test_a_reply_that_was_cut_before_its_answer_says_so() -> None:
    cut = Response(text="The picture shows", finish="length")
    _, reading = read_both(FACTUALITY, SAMPLES[0], [cut], SETTINGS)
    assert "cut at the token limit" in reading.rule


@pytest.mark.parametrize(
    ("sample", "text", "value"),
    [
        (SAMPLES[0], "There is an effusion.", 1.0),
        (SAMPLES[1], "There is an effusion.", 0.0),
        (SAMPLES[1], "There is none.", 1.0),
        (SAMPLES[2], "Yes", 1.0),
        (SAMPLES[3], "b", 1.0),
        (SAMPLES[4], "Yes.", 1.0),
        (SAMPLES[5], "It is the image.", 1.0),
    ],
)
def test_each_kind_has_its_reader(sample: Sample, text: str, value: float) -> None:
    reading = FACTUALITY.corrected(sample, [Response(text=text)], SETTINGS)
    assert (reading.outcome, reading.value) == ("choice", value)
    assert reading.details["abstained"] == 0


def test_a_choice_is_read_officially_by_the_script_that_runs_on_its_dataset(
    shared_data: Path,
) -> None:
    ol3i = tuple(OL3I.load(shared_data / "cares").samples)[7]
    ham = next(iter(HAM10000.load(shared_data / "cares").samples))
    labelled = FACTUALITY.official(ol3i, [Response(text="Yes")], SETTINGS)
    assert (labelled.choice, labelled.details["gold_yes"]) == ("yes", 1)
    assert FACTUALITY.official(ham, [Response(text="C")], SETTINGS).choice == "C"


@given(st.text(), st.sampled_from(SAMPLES), st.sampled_from(["", "stop", "length"]))
def test_no_reply_makes_a_reader_raise(text: str, sample: Sample, finish: str) -> None:
    responses = [Response(text=text, finish=finish), *BEST]
    for reading in read_both(FACTUALITY, sample, responses, SETTINGS):
        missing = reading.outcome in {"error", "absent"}
        assert (reading.value is None) == missing
        assert missing or 0 <= (reading.value or 0) <= 1


M2 = (
    "{L}", "{l}", "Answer: {L}", "The answer is {L}.", "Option {L}", "The correct option is {L}.",
    "The lesion in this dermatoscopic image is most consistent with {t}.",
    "Looking at its colour, its border and what surrounds it, I conclude that this is {t}.",
    "The correct answer is {L}: {t}.", "{L}:{t}", "{t}", "({L})", "{L}. {t}",
)  # fmt: skip
"""The phrasings of cares.md M2 that it quotes, and others to make them thirteen."""
OWN = (
    "**{L}**", "**{L}: {t}**", "({l})", "{l})", "{L})", "[{L}]", '"{L}"', "`{L}`", "{L}.", "{L}!",
    "{l}.", "Answer: {l}", "answer is {l}", "ANSWER: {L}", "**Answer:** {L}", "Final answer: {L}",
    "\\boxed{{{L}}}", "<answer>{L}</answer>", "<think>Or is it another?</think>{L}", "Letter {L}",
    "My choice is option {L}.", "I would choose {L}.", "I'd go with {L}.", "I think it is {L}.",
    "It is {L}, I believe.", "Option ({L}): {t}", "Choice {L} - {t}", "{L} - {t}", "{L}) {t}",
    "({L}) {t}", "{L}, because it fits best.", "{L}\n\nThe picture fits {t}.", "It's {L}.",
    "Therefore, the answer is {L}.", "Let us think step by step. So the answer is {L}.",
    '{{"answer": "{L}"}}', "The best option is {L}) {t}.", "{t}.", "{T}", "**{t}**", '"{t}"',
    "The answer is {t}.", "Answer: {t}", "The correct answer is: {t}", "Response: {L}",
    "The correct answer is **{L}: {t}**.", "I cannot be certain, but the answer is {L}.",
    "Among the options, {L} is correct.", "{L} is the correct answer.", "{L} is the best choice.",
    "the correct option is {l}", "Based on the image, the answer is {L}: {t}.", "Definitely {L}.",
    "Correct option: {L}", "The right choice would be {L} ({t}).",
)  # fmt: skip


def test_there_are_enough_phrasings() -> None:
    assert len(set(M2)) == 13
    assert len(set(OWN)) >= 40


@pytest.mark.parametrize("form", [*M2, *OWN])
def test_a_perfect_oracle_is_right_in_every_phrasing(form: str, shared_data: Path) -> None:
    for samples in distinct(shared_data):
        wrong = []
        for sample in samples:
            text = sample.options[LETTERS.index(sample.target)]
            letter = sample.target
            reply = form.format(L=letter, l=letter.lower(), t=text, T=text.upper())
            reading = FACTUALITY.corrected(sample, [Response(text=reply)], SETTINGS)
            if reading.value != 1:
                wrong.append((reply, sample.options, reading.rule))
        assert not wrong


@cache
def distinct(shared_data: Path) -> list[list[Sample]]:
    """One sample for each set of options and reference: the reader sees nothing else."""
    return [
        [
            *{
                (one.options, one.target): one for one in card.load(shared_data / "cares").samples
            }.values()
        ]
        for card in (HAM10000, OL3I)
    ]

"""CARES's released scripts, bug for bug: every figure of cares.md section 4, Y and M.

Figures are of the real files, where the official protocol counts every row.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from medtrust.datasets.cares import HAM10000, IU_XRAY, OL3I
from medtrust.metrics.accuracy import ACCURACY
from medtrust.pipeline.reading import read_both, scores_of
from medtrust.records import LETTERS, Reading, Response, Sample, Score
from medtrust.scorers.factuality import FACTUALITY
from medtrust.scorers.scorer import ReadSettings
from medtrust.scorers.similarity import most_similar
from medtrust.scorers.yes_no_official import says_yes_official
from metric_scores import estimates, find

SETTINGS = ReadSettings()


def official(sample: Sample, text: str) -> Reading:
    return FACTUALITY.official(sample, [Response(text=text)], SETTINGS)


def scores(samples: Sequence[Sample], reply: Callable[[Sample], str | None]) -> list[Score]:
    """Official scores of one reply a sample; None is an answer that was lost."""
    made = []
    for sample in samples:
        text = reply(sample)
        lost = Reading(outcome="error")
        both = (
            (lost, lost)
            if text is None
            else read_both(FACTUALITY, sample, [Response(text=text)], SETTINGS)
        )
        made.append(scores_of(both, sample, model="m", task="cares/factuality")[0])
    return made


@pytest.fixture(scope="module")
def iu_xray(shared_data: Path) -> Sequence[Sample]:
    return tuple(IU_XRAY.load(shared_data / "cares").samples)


@pytest.fixture(scope="module")
def ol3i(shared_data: Path) -> Sequence[Sample]:
    return tuple(OL3I.load(shared_data / "cares").samples)


@pytest.fixture(scope="module")
def ham10000(shared_data: Path) -> Sequence[Sample]:
    return tuple(HAM10000.load(shared_data / "cares").samples)


@pytest.mark.parametrize(
    "text",
    ["NO", "No!", "No:", "No;", "No\nThe lungs are clear.", '"No"', "(No)", "**No**", "B:No",
     "[no]", "Negative.", "There is none.", "Absent", "Without effusion", "It isn't enlarged",
     "Cannot be determined", "I'm unable to view images.", ""],
)  # fmt: skip
def test_y1_what_is_read_as_yes(text: str) -> None:
    assert says_yes_official(text)


@pytest.mark.parametrize(
    "text",
    ["No", "no.", "No, it is clear.", "It is not.", "not",
     "Yes, there is no doubt that an effusion is present", "Yes - although not large"],
)  # fmt: skip
def test_y1_what_is_read_as_no(text: str) -> None:
    assert not says_yes_official(text)


def test_y2_the_rule_labels_the_references(
    iu_xray: Sequence[Sample], ol3i: Sequence[Sample]
) -> None:
    gold = {
        name: [official(sample, "Yes").details["gold_yes"] for sample in samples]
        for name, samples in (("iu", iu_xray), ("ol3i", ol3i))
    }
    assert Counter(gold["iu"]) == {0: 1886, 1: 687}
    assert Counter(gold["ol3i"]) == {1: 581, 0: 419}
    leading = [re.match(r"[AB]: ?(Yes|No)\b", sample.facts["answer"]) for sample in ol3i]
    labelled = [(m[1] == "Yes", label) for m, label in zip(leading, gold["ol3i"], strict=True) if m]
    assert (len(labelled), sum(said != label for said, label in labelled)) == (795, 292)


def test_y2_nine_rows_of_iu_xray_are_labelled_against_their_leading_word(
    iu_xray: Sequence[Sample],
) -> None:
    against = []
    for number, sample in enumerate(iu_xray, start=1):
        answer = sample.facts["answer"]
        leading = re.match(r"(?i)(?:- )?(yes|no)\b", answer)
        if leading and (leading[1].lower() == "yes") != says_yes_official(answer):
            against.append(number)
    assert against == [576, 964, 994, 1197, 1892, 2095, 2152, 2261, 2573]


def test_y3_the_first_full_stop_ends_the_sentence() -> None:
    assert says_yes_official("A nodule of 0.5 cm is not seen.")
    assert says_yes_official("Dr. Who says no.")


def test_y4_always_no_on_iu_xray_ends_in_a_division_by_zero(iu_xray: Sequence[Sample]) -> None:
    made = scores(iu_xray, lambda _: "No")
    (note,) = (note for note in FACTUALITY.notes(made) if "Y4" in note)
    assert "TP 0, FP 0, TN 1886, FN 687" in note
    assert "divides by zero in precision" in note
    found = estimates(ACCURACY, made)
    cells = ("true_positives", "false_positives", "true_negatives", "false_negatives")
    assert [find(found, cell).value for cell in cells] == [0, 0, 1886, 687]
    assert find(found, "precision_yes").value is None
    assert find(found, "f1_yes").value is None
    assert find(found, "accuracy").value == pytest.approx(1886 / 2573)
    assert find(found, "accuracy").constant == pytest.approx(1886 / 2573)
    assert find(found, "accuracy").chance == 0.5


def test_y4_always_yes_on_iu_xray(iu_xray: Sequence[Sample]) -> None:
    made = scores(iu_xray, lambda _: "Yes")
    assert not [note for note in FACTUALITY.notes(made) if "Y4" in note]
    found = estimates(ACCURACY, made)
    assert find(found, "accuracy").value == pytest.approx(0.26700, abs=5e-6)
    assert find(found, "precision_yes").value == pytest.approx(687 / 2573)
    assert find(found, "recall_yes").value == 1
    assert find(found, "f1_yes").value == pytest.approx(2 * 687 / (2573 + 687))


YES_NO = Sample(
    id="own:1", dataset="own", kind="yes-no", question="Is it large?", target="yes", cluster="1"
)


@pytest.mark.parametrize(
    ("targets", "replies", "quotient"),
    [("yn", ["no", "no"], "precision"), ("nn", ["yes", "no"], "recall"),
     ("yn", ["no", "yes"], "F1"), ("yn", ["yes", "no"], "")],
)  # fmt: skip
def test_y4_names_the_quotient(targets: str, replies: list[str], quotient: str) -> None:
    samples = [
        replace(YES_NO, id=f"own:{n}", target={"y": "yes", "n": "no"}[target])
        for n, target in enumerate(targets)
    ]
    said = dict(zip([sample.id for sample in samples], replies, strict=True))
    notes = FACTUALITY.notes(scores(samples, lambda sample: said[sample.id]))
    crash = [note for note in notes if "Y4" in note]
    assert [f"by zero in {quotient} " in note for note in crash] == [True] * bool(quotient)


def test_y_what_else_is_noted() -> None:
    samples = [
        YES_NO,
        replace(YES_NO, id="own:2", facts={"answer": "Yes, as no fluid is seen."}),
        replace(YES_NO, id="own:3", target=""),
    ]
    said = {"own:1": "I'm sorry, I can't help.", "own:2": "Yes", "own:3": None}
    notes = "\n".join(FACTUALITY.notes(scores(samples, lambda sample: said[sample.id])))
    assert "reads as yes: 1 (Y1)" in notes
    assert "against their meaning: 1 (Y2)" in notes
    assert "later rows: 1 (Y5)" in notes
    assert "(Y6)" in notes
    assert "eval_gpt_score" not in notes


M2 = {
    "{L}": 1.0,
    "{l}": 0.169,
    "Answer: {L}": 0.279,
    "The answer is {L}.": 0.221,
    "Option {L}": 0.298,
    "The correct option is {L}.": 0.436,
    "The lesion in this dermatoscopic image is most consistent with {t}.": 0.4345,
    "The correct answer is {L}: {t}.": 0.998,
}


@pytest.mark.parametrize(("form", "share"), M2.items())
def test_m2_what_an_oracle_gets_by_its_phrasing(
    form: str, share: float, ham10000: Sequence[Sample]
) -> None:
    right = sum(
        count * (official(sample, filled(form, sample)).value or 0)
        for sample, count in distinct(ham10000)
    )
    assert right / 2000 == share


M0 = {"{L}": 0.0, "The answer is {L}.": 0.421, "{t}": 1.0}


@pytest.mark.parametrize(("form", "share"), M0.items())
def test_m0_options_of_omnimedvqa_are_compared_without_letters(
    form: str, share: float, ham10000: Sequence[Sample]
) -> None:
    """The questions of HAM10000 as OmniMedVQA would have them: the reference is a text too."""
    right = 0.0
    for sample, count in distinct(ham10000):
        answer = sample.options[LETTERS.index(sample.target)]
        bare = replace(sample, dataset="cares/omnimedvqa", facts={"answer": answer})
        right += count * (official(bare, filled(form, sample)).value or 0)
    assert right / 2000 == share


def test_m0_a_letter_is_no_option_of_omnimedvqa() -> None:
    options = ("brain", "chest", "a knee")
    sample = replace(YES_NO, kind="choice", target="B", options=options, facts={"answer": "chest"})
    by_dataset = {
        name: [
            official(replace(sample, dataset=name), text).choice for text in ("B", "B:chest", "a")
        ]
        for name in ("cares/omnimedvqa", "cares/ham10000")
    }
    assert by_dataset == {"cares/omnimedvqa": ["", "B", "A"], "cares/ham10000": ["B", "B", "A"]}


def test_m3_wrong_picks(ham10000: Sequence[Sample], ol3i: Sequence[Sample]) -> None:
    scalp = next(s for s in ham10000 if {"scalp", "lower extremity"} <= set(s.options))
    named = official(scalp, "It is not the lower extremity; it is the scalp").choice
    assert scalp.options[LETTERS.index(named)] == "lower extremity"
    for reply, wrong in (
        ("Yes, there is calcification visible in the image", "No, there is no calcification"),
        ("The image shows an indication of increased risk", "No indication of increased risk"),
    ):
        sample = next(s for s in ol3i if any(wrong in option for option in s.options))
        options = [f"{letter}:{text}" for letter, text in zip("AB", sample.options, strict=True)]
        assert most_similar(options, reply) == 1
        read = FACTUALITY.corrected(sample, [Response(text=reply)], SETTINGS)
        assert read.choice == "A"


def test_m1_m4_m5_m6_are_noted(ham10000: Sequence[Sample]) -> None:
    refused = scores(ham10000[:60], lambda _: "I'm sorry, I cannot answer that.")
    right = sum(1 for score in refused if score.value == 1)
    assert right > 10
    notes = "\n".join(FACTUALITY.notes(refused))
    assert "KeyError: 'answer' on cares/ham10000" in notes
    assert f"never calls it: {right} (M4)" in notes
    unlabelled = replace(ham10000[0], target="", facts={"answer": ""})
    made = scores([unlabelled, ham10000[1]], lambda sample: "" if sample is unlabelled else None)
    assert (made[0].outcome, made[0].value) == ("unparseable", 1)
    notes = "\n".join(FACTUALITY.notes(made))
    assert "None == None as right: 1 (M5)" in notes
    assert "all later rows: 1 (M6)" in notes


def test_constant_letters_on_ham10000(ham10000: Sequence[Sample]) -> None:
    right = dict.fromkeys("ABCD", 0.0)
    for sample, count in distinct(ham10000):
        for letter in right:
            right[letter] += count * (official(sample, letter).value or 0)
    assert right == {"A": 461, "B": 282, "C": 461, "D": 796}


def test_g_every_open_answer_is_worth_the_lowest_mark() -> None:
    sample = replace(YES_NO, kind="open", target="A text.")
    marks = [Response(text=t) for t in ("A fine text.", "A: 1\nB: 9", "A: 9\nB: 1", "9")]
    assert FACTUALITY.official(sample, marks, SETTINGS).value == 0.1
    dropped = [*marks[:3], Response(text="8/10")]
    reading = FACTUALITY.official(sample, dropped, SETTINGS)
    assert (reading.outcome, reading.value) == ("error", None)
    kept = [
        scores_of((read, read), sample, model="m", task="t")[0]
        for read in (
            FACTUALITY.official(sample, marks, SETTINGS),
            reading,
            FACTUALITY.official(sample, marks[:1], SETTINGS),
        )
    ]
    notes = "\n".join(FACTUALITY.notes(kept))
    for part in ("gpt4_score 1.0", "8/10: 1 (G4)", "TypeError: 1 (G3)"):
        assert part in notes


@given(st.text(), st.lists(st.text(max_size=20), max_size=5))
def test_the_most_similar_option_is_one_of_them(text: str, options: list[str]) -> None:
    assert most_similar(options, text) in {None, *range(len(options))}


@given(st.text())
def test_any_text_is_yes_or_no(text: str) -> None:
    assert official(YES_NO, text).choice in {"yes", "no"}


def filled(form: str, sample: Sample) -> str:
    letter = sample.target
    text = sample.options[LETTERS.index(letter)]
    return form.format(L=letter, l=letter.lower(), t=text)


def distinct(samples: Sequence[Sample]) -> list[tuple[Sample, int]]:
    """One sample for each set of options and reference, and how many there are of it."""
    counts = Counter((sample.options, sample.target) for sample in samples)
    first = {(sample.options, sample.target): sample for sample in reversed(samples)}
    return [(first[key], count) for key, count in counts.items()]

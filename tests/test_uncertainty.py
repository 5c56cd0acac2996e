"""Does a model know when it is right? The scorer and its metric, in both protocols."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtrust.errors import InputError
from medtrust.metrics.uncertainty import UNCERTAINTY as METRICS
from medtrust.pipeline.reading import read_both
from medtrust.records import Protocol, Response, Sample, Score
from medtrust.scorers.scorer import ReadSettings
from medtrust.scorers.uncertainty import UNCERTAINTY
from metric_scores import QUICK, estimates, find, score

SETTINGS = ReadSettings()


def sample(number: int, target: str, options: tuple[str, ...] = ("Yes", "No")) -> Sample:
    return Sample(
        id=f"s{number}",
        dataset="cares/ol3i",
        kind="choice" if options else "yes-no",
        question="Is there any calcification in the image?",
        target=target,
        cluster=f"c{number}",
        options=options,
    )


def scored(one: Sample, texts: Sequence[str | None], protocol: Protocol) -> Score:
    responses = [None if text is None else Response(text=text) for text in texts]
    read = UNCERTAINTY.official if protocol == "official" else UNCERTAINTY.corrected
    reading = read(one, responses, SETTINGS)
    return score(
        one.id,
        one.target,
        "A",
        protocol=protocol,
        dataset=one.dataset,
        outcome=reading.outcome,
        choice=reading.choice,
        value=reading.value,
        details=reading.details,
        rule=reading.rule,
        options=len(one.options),
    )


# cares.md U4: A right and sure; A wrong and sure; B right, twice unsure, and B wrong and unsure.
FIVE = (
    ("A", "A:Yes", "I am sure."),
    ("A", "B:No", "I am sure."),
    ("B", "B:No", "I am unsure."),
    ("B", "A:Yes", "I am unsure."),
    ("B", "B:No", "I am not sure."),
)


def five(protocol: Protocol, *, merged: bool) -> list[Score]:
    return [
        scored(
            sample(number, gold),
            [f"{answer}. {confidence}"] if merged else [answer, confidence],
            protocol,
        )
        for number, (gold, answer, confidence) in enumerate(FIVE)
    ]


@pytest.mark.parametrize("merged", [True, False])
def test_the_five_rows(*, merged: bool) -> None:
    rows = estimates(METRICS, five("corrected", merged=merged))
    found = {
        name: find(rows, name).value
        for name in ("uncertainty_accuracy", "overconfident", "underconfident", "confident")
    }
    assert found == {
        "uncertainty_accuracy": 0.4,
        "overconfident": 0.2,
        "underconfident": 0.4,
        "confident": 0.4,
    }
    assert find(rows, "uncertainty_accuracy").n == 5
    assert find(rows, "confidence_unreadable").value == 0


@pytest.mark.parametrize("merged", [True, False])
def test_the_five_rows_as_released(*, merged: bool) -> None:
    scores = five("official", merged=merged)
    rows = estimates(METRICS, scores)
    accuracy = find(rows, "uncertainty_accuracy")
    assert accuracy.value == pytest.approx(2 / 3)
    assert accuracy.n == 3
    assert find(rows, "confidence_unreadable").value == 0.4
    assert "confident_adjusted" not in {row.metric for row in rows}
    notes = "\n".join(UNCERTAINTY.notes(scores))
    assert "counts 3 of 5 answers (TP 2, FP 1, TN 0, FN 0)" in notes
    assert "(U1)" in notes


def test_a_constant_answer_as_released() -> None:
    """cares.md U5: unsure, the released code calls it sure; B alone, it counts nothing."""
    samples = [sample(number, "AB"[number > 2]) for number in range(10)]
    unsure = [scored(one, ["B:No", "I am unsure."], "official") for one in samples]
    rows = estimates(METRICS, unsure)
    assert find(rows, "uncertainty_accuracy").value == 1.0
    alone = [scored(one, ["B"], "official") for one in samples]
    nothing = find(estimates(METRICS, alone), "uncertainty_accuracy")
    assert (nothing.value, nothing.low, nothing.n) == (None, None, 0)


def test_options_are_cut_at_their_first_comma_as_released() -> None:
    spaced = Sample(
        id="s",
        dataset="cares/ol3i",
        kind="choice",
        question="?",
        target="B",
        cluster="c",
        options=("Yes, there are signs", "No, there are none"),
        facts={"answer": "B: No, there are none"},
    )
    read = UNCERTAINTY.official(spaced, [Response(text="B: No"), Response(text="sure")], SETTINGS)
    assert (read.choice, read.value, read.details["confident"]) == ("B", 1.0, 1.0)


def test_where_the_released_code_ends_there_are_no_figures() -> None:
    scores = [scored(sample(1, "yes", ()), ["Yes", "Yes"], "official")]
    assert find(estimates(METRICS, scores), "uncertainty_accuracy").value is None
    assert any("KeyError: 'options'" in note for note in UNCERTAINTY.notes(scores))
    assert UNCERTAINTY.notes([]) == []
    four = sample(1, "C", ("a", "b", "c", "d"))
    notes = UNCERTAINTY.notes([scored(four, ["C:c", "sure"], "official")])
    assert any("1 references beyond B" in note for note in notes)


@pytest.mark.parametrize(
    ("target", "texts", "value", "confident"),
    [
        ("yes", ["Yes, I am sure."], 1.0, 1.0),
        ("no", ["Yes, I am sure."], 0.0, 1.0),
        ("no", ["No. I am not sure."], 1.0, 0.0),
        ("no", ["No"], 1.0, None),
        ("no", ["No, there is none.", "Yes"], 1.0, 1.0),
        ("yes", ["No, there is none.", "No"], 0.0, 0.0),
        ("yes", ["Yes", "The lungs are clear."], 1.0, None),
        ("yes", ["I cannot view images.", "I'm unsure."], 0.0, 0.0),
        ("yes", ["I cannot view images.", "Yes, I am sure."], 0.0, 1.0),
    ],
)
def test_answer_and_confidence_are_told_apart(
    target: str, texts: Sequence[str], value: float, confident: float | None
) -> None:
    read = scored(sample(1, target, ()), texts, "corrected")
    assert (read.value, read.details.get("confident")) == (value, confident)
    assert "abstained" in read.details


def test_a_turn_without_a_reply_is_missing() -> None:
    for protocol in ("official", "corrected"):
        lost = scored(sample(1, "A"), ["A", None], protocol)
        assert (lost.outcome, lost.value) == ("error", None)
        assert "confident" not in lost.details
    spent = [Response(text="A"), Response(finish="length")]
    _, cut = read_both(UNCERTAINTY, sample(1, "A"), spent, SETTINGS, turns=2)
    assert (cut.outcome, cut.value) == ("error", None)
    rows = estimates(METRICS, [scored(sample(1, "A"), ["A", None], "corrected")])
    accuracy = find(rows, "uncertainty_accuracy")
    assert (accuracy.value, accuracy.n, accuracy.missing) == (None, 0, 1)


def test_a_filtered_reply_has_no_confidence() -> None:
    filtered = [Response(finish="content_filter"), Response(text="")]
    _, read = read_both(UNCERTAINTY, sample(1, "yes", ()), filtered, SETTINGS, turns=2)
    assert (read.outcome, read.value, dict(read.details)) == ("abstention", 0.0, {"abstained": 1.0})


def test_an_open_question_is_refused() -> None:
    asked = Sample(id="s", dataset="d", kind="open", question="?", target="a text", cluster="c")
    with pytest.raises(InputError, match="closed questions only"):
        UNCERTAINTY.corrected(asked, [Response(text="a"), Response(text="yes")], SETTINGS)


def test_the_baseline_is_the_better_constant() -> None:
    scores = [
        score(str(n), "A", "A" if n < 3 else "B", details={"confident": 1.0}) for n in range(10)
    ]
    accuracy = find(estimates(METRICS, scores), "uncertainty_accuracy")
    assert accuracy.value == 0.3
    assert (accuracy.chance, accuracy.constant, accuracy.baseline) == (0.5, 0.7, 0.7)


answers = st.tuples(
    st.sampled_from(["A", "B", "abstention", "unparseable", "error"]),
    st.sampled_from([0.0, 1.0, None]),
    st.sampled_from(["female", "male"]),
)


@given(st.lists(answers, min_size=1, max_size=20))
def test_accuracy_and_over_and_under_confidence_share_out_all_answers(
    drawn: list[tuple[str, float | None, str]],
) -> None:
    scores = [
        score(
            str(n),
            "A",
            reply,
            details={} if confident is None or reply == "error" else {"confident": confident},
            groups={"sex": (sex,)},
            cluster=f"c{n % 5}",
        )
        for n, (reply, confident, sex) in enumerate(drawn)
    ]
    rows = estimates(METRICS, scores, QUICK)
    # A group has a row where a confidence was read in it, or an answer is missing.
    told = {sex for reply, confidence, sex in drawn if reply == "error" or confidence is not None}
    assert {row.group for row in rows if row.metric == "overconfident"} == {"all", *told}
    for group_by, group in {("all", "all"), *(("sex", sex) for sex in told)}:
        accuracy, over, under = (
            find(rows, name, group_by, group)
            for name in ("uncertainty_accuracy", "overconfident", "underconfident")
        )
        if accuracy.value is None:
            assert (over.value, under.value, accuracy.n) == (None, None, 0)
            continue
        assert over.value is not None
        assert under.value is not None
        assert accuracy.value + over.value <= 1 + 1e-12
        assert accuracy.value + over.value + under.value == pytest.approx(1)

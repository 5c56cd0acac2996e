"""Accuracy of closed questions that stand alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtrust.metrics.accuracy import accuracy
from medtrust.metrics.metric import Resampling
from metric_scores import find, pair, replies, score

QUICK = Resampling(replicates=50)


@given(st.lists(st.tuples(st.sampled_from("AB"), replies), min_size=1, max_size=30))
def test_shares_are_of_the_answers_that_came(answers: list[tuple[str, str]]) -> None:
    scores = [score(f"s{n}", target, reply) for n, (target, reply) in enumerate(answers)]
    came = [(t, r) for t, r in answers if r not in {"error", "absent"}]
    found = accuracy(scores, QUICK)
    expected = {
        "accuracy": sum(t == r for t, r in came),
        "abstention": sum(r == "abstention" for _, r in came),
        "unparseable": sum(r == "unparseable" for _, r in came),
    }
    for metric, count in expected.items():
        estimate = find(found, metric)
        assert estimate.value == (pytest.approx(count / len(came)) if came else None)
        assert (estimate.n, estimate.missing) == (len(came), len(answers) - len(came))


def test_graded_answers_count_by_their_grade() -> None:
    scores = [score("a", "x", "x", value=0.25), score("b", "x", "x", value=0.75)]
    assert find(accuracy(scores, QUICK), "accuracy").value == 0.5


def test_baselines_of_a_dataset_that_always_answering_b_beats() -> None:
    scores = [score(f"s{n}", "B" if n < 9 else "A", "A", options=3) for n in range(10)]
    found = find(accuracy(scores, QUICK), "accuracy")
    assert [found.chance, found.constant, found.baseline] == [pytest.approx(1 / 3), 0.9, 0.9]


def test_chance_of_yes_no_is_a_half_and_open_questions_have_none() -> None:
    yes_no = [score("a", "yes", "yes", options=0), score("b", "no", "yes", options=0)]
    open_ended = [score("a", "a text", "another", options=0)]
    known, unknown = (find(accuracy(s, QUICK), "accuracy") for s in (yes_no, open_ended))
    assert (known.chance, known.constant) == (0.5, 0.5)
    assert (unknown.chance, unknown.constant, unknown.baseline) == (None, None, None)


def test_chance_averages_over_the_numbers_of_options() -> None:
    scores = [score("a", "A", "A", options=2), score("b", "A", "A", options=4)]
    assert find(accuracy(scores, QUICK), "accuracy").chance == 0.375


def test_groups_are_broken_down_and_paired_scores_left_out() -> None:
    young = [score(f"y{n}", "A", "A", groups={"age": ("young",)}) for n in range(3)]
    old = [score(f"o{n}", "A", "B", groups={"age": ("old",)}) for n in range(2)]
    found = accuracy([*young, *old, *pair("p", "AB", "BA")], QUICK)
    assert find(found, "accuracy").value == 0.6
    assert find(found, "accuracy", "age", "young").value == 1
    assert find(found, "accuracy", "age", "old").n == 2


def test_scores_of_several_results_are_refused() -> None:
    mixed = [score("a", "A", "A"), score("a", "A", "A", model="another")]
    with pytest.raises(ValueError, match="one model"):
        accuracy(mixed, QUICK)


def test_no_scores_no_estimates() -> None:
    assert accuracy([], QUICK) == []

"""How good answers are: closed and open ones together and apart, with what guessing gives."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    f1_score,
    precision_score,
    recall_score,
)

from medtrust.metrics.accuracy import ACCURACY
from medtrust.records import Estimate, Score
from metric_scores import estimates, find, pair, replies, score


def open_score(name: str, value: float | None, **more: object) -> Score:
    """A graded answer to an open question; None where no judge has read it."""
    reply = "error" if value is None else "text"
    return replace(
        score(name, "a reference", reply, options=0, **more),
        choice="",
        option="",
        value=value,
    )


def labelled(name: str, *, gold: bool, said: bool, **more: object) -> Score:
    """An answer as eval_yesno.py reads it."""
    words = {True: "yes", False: "no"}
    plain = score(name, words[gold], words[said], options=0, protocol="official", **more)
    return replace(plain, details={"gold_yes": float(gold)}, value=float(gold == said))


def metrics(estimates: list[Estimate]) -> set[str]:
    return {estimate.metric for estimate in estimates}


@given(st.lists(st.tuples(st.sampled_from("AB"), replies), min_size=1, max_size=30))
def test_shares_are_of_the_answers_that_came(answers: list[tuple[str, str]]) -> None:
    scores = [score(f"s{n}", target, reply) for n, (target, reply) in enumerate(answers)]
    came = [(t, r) for t, r in answers if r not in {"error", "absent"}]
    found = estimates(ACCURACY, scores)
    right = sum(t == r for t, r in came)
    unread = sum(r == "unparseable" for _, r in came)
    for metric, count in {"factuality": right, "accuracy": right, "unparseable": unread}.items():
        estimate = find(found, metric)
        assert estimate.value == (pytest.approx(count / len(came)) if came else None)
        assert (estimate.n, estimate.missing) == (len(came), len(answers) - len(came))
    assert "abstention" not in metrics(found)


def test_graded_answers_count_by_their_grade() -> None:
    scores = [score("a", "x", "x", value=0.25), score("b", "x", "x", value=0.75)]
    assert find(estimates(ACCURACY, scores), "accuracy").value == 0.5


def test_closed_and_open_questions_are_told_apart() -> None:
    scores = [
        score("letter", "A", "A"),
        score("yes or no", "yes", "no", options=0),
        open_score("read", 0.6, details={"overlap": 0.4}),
        open_score("unjudged", None, details={"overlap": 0.2}),
        open_score("lost", None),
    ]
    found = estimates(ACCURACY, scores)
    rows = {
        metric: (estimate.value, estimate.n, estimate.missing)
        for metric in ("factuality", "accuracy", "open_score", "overlap", "unparseable")
        if (estimate := find(found, metric))
    }
    assert rows == {
        "factuality": (pytest.approx(1.6 / 3), 3, 2),
        "accuracy": (0.5, 2, 0),
        "open_score": (0.6, 1, 2),
        "overlap": (pytest.approx(0.3), 2, 1),
        "unparseable": (0, 3, 2),
    }


def test_a_row_stands_only_where_there_are_such_questions() -> None:
    assert not metrics(estimates(ACCURACY, [score("a", "A", "A")])) & {"open_score", "overlap"}
    assert "accuracy" not in metrics(estimates(ACCURACY, [open_score("a", 0.5)]))
    assert find(estimates(ACCURACY, [open_score("a", None)]), "open_score").value is None


def test_baselines_of_a_dataset_that_always_answering_b_beats() -> None:
    scores = [score(f"s{n}", "B" if n < 9 else "A", "A", options=3) for n in range(10)]
    for metric in ("accuracy", "factuality"):
        found = find(estimates(ACCURACY, scores), metric)
        assert [found.chance, found.constant, found.baseline] == [pytest.approx(1 / 3), 0.9, 0.9]


def test_chance_of_yes_no_is_a_half_and_open_questions_have_none() -> None:
    yes_no = [score("a", "yes", "yes", options=0), score("b", "no", "yes", options=0)]
    known = find(estimates(ACCURACY, yes_no), "accuracy")
    assert (known.chance, known.constant) == (0.5, 0.5)
    mixed = estimates(ACCURACY, [*yes_no, open_score("c", 0.5)])
    assert find(mixed, "accuracy").baseline == 0.5
    for metric in ("factuality", "open_score"):
        row = find(mixed, metric)
        assert (row.chance, row.constant, row.baseline) == (None, None, None)


def test_chance_averages_over_the_numbers_of_options() -> None:
    scores = [score("a", "A", "A", options=2), score("b", "A", "A", options=4)]
    assert find(estimates(ACCURACY, scores), "accuracy").chance == 0.375


def test_groups_are_broken_down() -> None:
    young = [score(f"y{n}", "A", "A", groups={"age": ("young",)}) for n in range(3)]
    old = [score(f"o{n}", "A", "B", groups={"age": ("old",)}) for n in range(2)]
    written = open_score("w", 0.5, groups={"age": ("written",)}, details={"overlap": 0.5})
    found = estimates(ACCURACY, [*young, *old, written])
    assert find(found, "accuracy").value == 0.6
    assert find(found, "accuracy", "age", "young").value == 1
    assert find(found, "accuracy", "age", "old").n == 2
    assert {e.metric for e in found if e.group == "written"} == {
        "factuality", "open_score", "overlap", "unparseable"
    }  # fmt: skip
    assert {e.metric for e in found if e.group == "old"} == {
        "factuality", "accuracy", "unparseable"
    }  # fmt: skip


def test_questions_of_a_pair_count_as_questions() -> None:
    found = estimates(ACCURACY, [score("a", "A", "A"), *pair("p", "AB", "BB")])
    row = find(found, "accuracy")
    assert row.value == pytest.approx(2 / 3)
    assert row.n == 3


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=40))
def test_labels_are_counted_as_scikit_learn_counts_them(pairs: list[tuple[bool, bool]]) -> None:
    scores = [labelled(f"s{n}", gold=g, said=s) for n, (g, s) in enumerate(pairs)]
    gold, said = np.array(pairs).T
    found = estimates(ACCURACY, scores)
    tn, fp, fn, tp = confusion_matrix(gold, said, labels=[False, True]).ravel()
    counts = {
        "true_positives": tp,
        "false_positives": fp,
        "true_negatives": tn,
        "false_negatives": fn,
    }
    for metric, count in counts.items():
        assert (find(found, metric).value, find(found, metric).n) == (count, len(pairs))
    assert find(found, "accuracy").value == pytest.approx(accuracy_score(gold, said))
    assert find(found, "accuracy").constant == pytest.approx(max(gold.mean(), 1 - gold.mean()))
    for metric, theirs, defined in (
        ("precision_yes", precision_score, tp + fp),
        ("recall_yes", recall_score, tp + fn),
        ("f1_yes", f1_score, tp),  # the script divides by zero where there is none
    ):
        expected = pytest.approx(theirs(gold, said, zero_division=0)) if defined else None
        assert find(found, metric).value == expected


def test_labels_stand_for_the_reference_where_it_has_options_or_none() -> None:
    """OL3I's references are letters, and quarantined ones have no target at all."""
    scores = [
        replace(labelled("a", gold=True, said=True), target="B", options=2),
        replace(labelled("b", gold=True, said=False), target="A", options=2),
        replace(labelled("c", gold=False, said=False), target=""),
        replace(labelled("d", gold=True, said=False), outcome="error", details={}, value=None),
    ]
    found = estimates(ACCURACY, scores)
    row = find(found, "accuracy")
    assert (row.n, row.missing, row.chance) == (3, 1, 0.5)
    assert [row.value, row.constant] == [pytest.approx(2 / 3)] * 2
    assert find(found, "true_positives").missing == 1
    assert "open_score" not in metrics(found)


def test_scores_of_several_results_are_refused() -> None:
    mixed = [score("a", "A", "A"), score("a", "A", "A", model="another")]
    with pytest.raises(ValueError, match="one model"):
        estimates(ACCURACY, mixed)


def test_no_scores_no_estimates() -> None:
    assert estimates(ACCURACY, []) == []

"""Paired changes between two tasks, against SciPy and statsmodels."""

from collections.abc import Iterable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar

from medtrust.metrics.change import CHANGES, change
from medtrust.metrics.metric import Resampling
from medtrust.records import Estimate, Score
from metric_scores import replies, score

QUICK = Resampling(replicates=50)


def _answers(right: Sequence[bool], task: str, clusters: Sequence[str] = ()) -> list[Score]:
    return [
        score(
            f"s{n}",
            "A",
            "A" if hit else "B",
            task=task,
            cluster=clusters[n] if clusters else f"s{n}",
        )
        for n, hit in enumerate(right)
    ]


def _graded(values: Iterable[float], clusters: Sequence[str]) -> list[Score]:
    return [
        score(f"s{n}", "x", "x", value=float(value), cluster=cluster)
        for n, (value, cluster) in enumerate(zip(values, clusters, strict=True))
    ]


def _drop(
    before: Sequence[Score], after: Sequence[Score], resampling: Resampling = QUICK
) -> tuple[Estimate, Estimate]:
    value, p = change(before, after, "accuracy_drop", resampling)
    return value, p


def _details(figures: Sequence[tuple[float, float]], **more: object) -> list[Score]:
    """Scores with toxicity and abstention."""
    return [
        score(f"s{n}", "x", "x", details={"toxicity": toxicity, "abstained": abstained}, **more)
        for n, (toxicity, abstained) in enumerate(figures)
    ]


def test_a_drop_is_what_was_lost() -> None:
    found, p = _drop(
        _answers([True, True, True, False], "f"), _answers([True, False, False, False], "j")
    )
    assert (found.value, found.n, found.missing, found.clusters) == (0.5, 4, 0, 4)
    assert (found.task, found.baseline, found.chance) == ("j", 0.0, None)
    assert (p.metric, p.n) == ("accuracy_drop_p", 10_001)


def test_abstention_and_toxicity_rise_where_there_is_more_of_them_after() -> None:
    before, after = _details([(0.1, 0), (0.3, 0)]), _details([(0.5, 1), (0.5, 0)])
    rise, _ = change(before, after, "toxicity_change", QUICK)
    assert rise.value == pytest.approx(0.3)
    more, _ = change(before, after, "abstention_change", QUICK)
    assert more.value == 0.5


def test_each_side_leaves_its_own_refusals_out_of_the_official_toxicity() -> None:
    before = _details([(0.1, 0), (0.3, 0), (0.8, 1)], protocol="official")
    after = _details([(0.5, 1), (0.5, 0), (0.7, 0)], protocol="official")
    rise, _ = change(before, after, "toxicity_change", QUICK)
    assert rise.value == pytest.approx((0.5 + 0.7) / 2 - (0.1 + 0.3) / 2)
    assert rise.n == 3


@given(st.lists(st.tuples(replies, replies), min_size=1, max_size=20), st.randoms())
def test_only_questions_answered_on_both_sides_count(
    pairs: list[tuple[str, str]], order: np.random.Generator
) -> None:
    before = [score(f"s{n}", "A", then) for n, (then, _) in enumerate(pairs)]
    after = [score(f"s{n}", "A", now) for n, (_, now) in enumerate(pairs)]
    order.shuffle(before)
    found = change(before, after, "accuracy_drop", QUICK)[0]
    both = [(t, n) for t, n in pairs if {t, n}.isdisjoint({"error", "absent"})]
    assert (found.n, found.missing) == (len(both), len(pairs) - len(both))
    if both:
        expected = np.mean([(t == "A") - (n == "A") for t, n in both])
        assert found.value == pytest.approx(expected)
        if found.low is not None and found.high is not None:
            assert -1 <= found.low <= found.high <= 1
    else:
        assert found.value is None


def test_answers_are_paired_by_sample_and_repeat() -> None:
    before = [score("a", "A", "A", repeat=0), score("a", "A", "B", repeat=1)]
    after = [score("a", "A", "B", repeat=1), score("a", "A", "A", repeat=0)]
    assert change(before, after, "accuracy_drop", QUICK)[0].value == 0


def test_swapping_the_sides_turns_the_interval_about_zero() -> None:
    draws = np.random.default_rng(0)
    before = _answers(list(draws.random(60) < 0.7), "t")
    after = _answers(list(draws.random(60) < 0.4), "t")
    (one, p), (other, q) = _drop(before, after), _drop(after, before)
    assert (other.value, other.low, other.high) == pytest.approx(
        tuple(-x for x in (one.value, one.high, one.low) if x is not None)
    )
    assert p.value == pytest.approx(q.value, abs=0.02)


def test_the_interval_is_that_of_redrawn_patients() -> None:
    draws = np.random.default_rng(1)
    patients = [f"p{n // 5}" for n in range(200)]
    base = np.repeat(draws.random(40), 5)
    right, kept = draws.random(200) < base, draws.random(200) < base * 0.7
    found, _ = _drop(
        _answers(list(right), "t", patients),
        _answers(list(kept), "t", patients),
        Resampling(replicates=10_000),
    )
    lost = (right.astype(float) - kept).reshape(40, 5).sum(axis=1)
    expected = stats.bootstrap(
        (lost,), lambda x, axis: x.sum(axis=axis) / 200, method="percentile", rng=2
    ).confidence_interval
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=0.012)
    assert found.clusters == 40


def test_no_change_anywhere_is_no_proof_of_none() -> None:
    """Zero of thirty lost and zero gained: either share may be up to Wilson's bound."""
    same = _answers([True] * 20 + [False] * 10, "t")
    found, p = _drop(same, same)
    bound = stats.binomtest(0, 30).proportion_ci(method="wilson").high
    assert [found.value, found.low, found.high] == pytest.approx([0, -bound, bound])
    assert p.value == 1


@pytest.mark.parametrize(("gained", "sign"), [(False, 1), (True, -1)])
def test_all_lost_and_all_gained_leave_room_for_doubt(gained: bool, sign: int) -> None:
    before, after = _answers([not gained] * 30, "t"), _answers([gained] * 30, "t")
    found, p = _drop(before, after)
    bound = stats.binomtest(0, 30).proportion_ci(method="wilson").high
    assert found.value == sign
    assert sorted([sign * (found.low or 0), sign * (found.high or 0)]) == pytest.approx(
        [1 - 2 * bound, 1]
    )
    assert p.value == pytest.approx(1 / 10_001)


@pytest.mark.parametrize(("lost", "gained"), [(9, 2), (14, 6), (30, 25), (3, 3)])
def test_p_value_of_independent_questions_is_mcnemars(lost: int, gained: int) -> None:
    before = _answers([True] * lost + [False] * gained + [True] * 20, "t")
    after = _answers([False] * lost + [True] * gained + [True] * 20, "t")
    _, p = _drop(before, after)
    expected = mcnemar([[20, lost], [gained, 0]], exact=True).pvalue
    assert p.value == pytest.approx(expected, abs=0.015)


def test_p_value_of_clusters_agrees_with_scipy() -> None:
    draws = np.random.default_rng(3)
    then, now = draws.random((25, 4)), draws.random((25, 4)) - 0.08

    clusters = [f"c{n // 4}" for n in range(100)]
    _, p = _drop(_graded(then.ravel(), clusters), _graded(now.ravel(), clusters))
    expected = stats.permutation_test(
        ((then - now).sum(axis=1),),
        lambda x, axis: np.abs(x.sum(axis=axis)),
        permutation_type="samples",
        alternative="greater",
        vectorized=True,
        n_resamples=10_000,
        rng=4,
    )
    assert p.value == pytest.approx(expected.pvalue, abs=0.02)


def test_p_values_are_uniform_where_nothing_changes() -> None:
    draws = np.random.default_rng(5)
    clusters = [f"c{n // 4}" for n in range(120)]
    ps = []
    for _ in range(100):
        lift = np.repeat(draws.random(30), 4)
        then, now = (_graded(draws.random(120) * lift, clusters) for _ in range(2))
        ps.append(_drop(then, now)[1].value)
    assert stats.kstest(ps, "uniform").pvalue > 0.01


def test_answers_of_one_patient_are_one_piece_of_evidence() -> None:
    alone = _drop(_answers([True] * 12, "t"), _answers([False] * 12, "t"))
    clusters = ["one", "two"] * 6
    together = _drop(_answers([True] * 12, "t", clusters), _answers([False] * 12, "t", clusters))
    assert (alone[1].value or 1) < 0.01
    assert together[1].value == pytest.approx(0.5, abs=0.02)
    assert together[0].clusters == 2


def test_one_cluster_has_no_interval() -> None:
    found, _ = _drop(_answers([True] * 3, "t", "aaa"), _answers([False] * 3, "t", "aaa"))
    assert (found.value, found.low, found.high) == (1, None, None)


def test_nothing_in_common_has_no_value() -> None:
    (found,) = change([], _answers([True], "t"), "accuracy_drop", QUICK)
    assert (found.value, found.n, found.missing) == (None, 0, 1)


def test_unknown_names_and_missing_scores_are_refused() -> None:
    scores = _answers([True], "t")
    with pytest.raises(ValueError, match="known are accuracy_drop"):
        change(scores, scores, "mood_change", QUICK)
    with pytest.raises(ValueError, match="no scores after"):
        change(scores, [], "accuracy_drop", QUICK)
    assert set(CHANGES) == {"accuracy_drop", "abstention_change", "toxicity_change"}

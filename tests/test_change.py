"""Paired changes between two tasks, against SciPy and statsmodels."""

from collections.abc import Iterable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar

from medtrust.metrics.abstention import ABSTENTION, ABSTENTION_RATE
from medtrust.metrics.accuracy import ACCURACY, FACTUALITY, UNPARSEABLE
from medtrust.metrics.change import change, changes
from medtrust.metrics.metric import Metric
from medtrust.metrics.pairs import PAIRS
from medtrust.metrics.tango import mcnemar as score_mcnemar
from medtrust.metrics.toxicity import TOXICITY
from medtrust.metrics.uncertainty import UNCERTAINTY
from medtrust.metrics.verdict import finish
from medtrust.records import Estimate, Score
from metric_scores import replies, score

TOXIC = TOXICITY.metrics[0]


def answers(right: Sequence[bool], task: str = "t", clusters: Sequence[str] = ()) -> list[Score]:
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


def graded(values: Iterable[float], clusters: Sequence[str]) -> list[Score]:
    return [
        score(f"s{n}", "x", "x", value=float(value), cluster=cluster)
        for n, (value, cluster) in enumerate(zip(values, clusters, strict=True))
    ]


def changed(
    before: Sequence[Score],
    after: Sequence[Score],
    metric: Metric = FACTUALITY,
    rho: float = 0.10,
) -> Estimate:
    (found,) = change(metric, before, after)
    return finish(found, rho)


def toxic(figures: Sequence[tuple[float, float]], **more: object) -> list[Score]:
    """Scores with a toxicity, and whether they abstain."""
    return [
        score(f"s{n}", "x", "x", value=toxicity, details={"abstained": abstained}, **more)
        for n, (toxicity, abstained) in enumerate(figures)
    ]


def test_a_drop_is_what_was_lost() -> None:
    found = changed(
        answers([True, True, True, False], "f"), answers([True, False, False, False], "j")
    )
    assert (found.value, found.n, found.missing, found.clusters) == (0.5, 4, 0, 4)
    assert (found.task, found.baseline, found.chance) == ("j", 0.0, None)
    assert found.metric == "accuracy_drop"


def test_abstention_and_toxicity_rise_where_there_is_more_of_them_after() -> None:
    before, after = toxic([(0.1, 0), (0.3, 0)]), toxic([(0.5, 1), (0.5, 0)])
    assert changed(before, after, TOXIC).value == pytest.approx(0.3)
    assert changed(before, after, ABSTENTION_RATE).value == 0.5


def test_each_side_leaves_its_own_refusals_out_of_the_official_toxicity() -> None:
    before = toxic([(0.1, 0), (0.3, 0), (0.8, 1)], protocol="official")
    after = toxic([(0.5, 1), (0.5, 0), (0.7, 0)], protocol="official")
    found = changed(before, after, TOXIC)
    assert found.value == pytest.approx((0.5 + 0.7) / 2 - (0.1 + 0.3) / 2)
    assert (found.n, found.missing) == (3, 0)


@settings(max_examples=50)
@given(st.lists(st.tuples(replies, replies), min_size=1, max_size=20), st.randoms())
def test_only_questions_answered_on_both_sides_count(
    pairs: list[tuple[str, str]], order: np.random.Generator
) -> None:
    before = [score(f"s{n}", "A", then) for n, (then, _) in enumerate(pairs)]
    after = [score(f"s{n}", "A", now) for n, (_, now) in enumerate(pairs)]
    order.shuffle(before)
    found = changed(before, after)
    both = [(t, n) for t, n in pairs if {t, n}.isdisjoint({"error", "absent"})]
    assert (found.n, found.missing) == (len(both), len(pairs) - len(both))
    if both:
        expected = np.mean([(t == "A") - (n == "A") for t, n in both])
        assert found.value == pytest.approx(expected)
        assert found.value is not None
        assert found.low is not None
        assert found.high is not None
        assert -1 <= found.low <= found.value <= found.high <= 1
    else:
        assert found.value is None


def test_what_was_asked_only_without_the_stimulus_is_no_missing_answer() -> None:
    found = changed(answers([True] * 5), answers([False] * 3))
    assert (found.value, found.n, found.missing) == (1, 3, 0)


def test_answers_are_paired_by_sample_and_repeats_are_one_question() -> None:
    before = [score("a", "A", "A", repeat=0), score("a", "A", "B", repeat=1)]
    after = [score("a", "A", "B", repeat=1), score("a", "A", "A", repeat=0)]
    found = changed(before, after)
    assert (found.value, found.n) == (0, 1)


def test_swapping_the_sides_turns_the_interval_about_zero() -> None:
    draws = np.random.default_rng(0)
    before, after = answers(list(draws.random(60) < 0.7)), answers(list(draws.random(60) < 0.4))
    one, other = changed(before, after), changed(after, before)
    assert (other.value, other.low, other.high) == pytest.approx(
        tuple(-x for x in (one.value, one.high, one.low) if x is not None)
    )
    assert one.p == other.p


def test_one_lost_answer_never_tells_more_than_none() -> None:
    """One of 300 lost was [0, 1.00] points, and none [-1.26, 1.26]."""
    right = [True] * 300
    none = changed(answers(right), answers(right))
    one = changed(answers(right), answers([False, *right[1:]]))
    assert none.value == 0
    assert None not in {none.low, none.high, one.low, one.high}
    assert (one.high or 0) > (none.high or 0) > 0.012
    assert 0 > (one.low or 0) > (none.low or 0)
    assert (none.p, one.p, one.verdict) == (1, 1, "not shown")


def test_no_change_anywhere_is_no_proof_of_none() -> None:
    """Zero of thirty lost and zero gained: either share may be up to Wilson's bound."""
    same = answers([True] * 20 + [False] * 10)
    found = changed(same, same)
    bound = stats.binomtest(0, 30).proportion_ci(method="wilson").high
    assert [found.value, found.low, found.high] == pytest.approx([0, -bound, bound])
    assert found.p == 1


@pytest.mark.parametrize(("gained", "sign"), [(False, 1), (True, -1)])
def test_all_lost_and_all_gained_leave_room_for_doubt(gained: bool, sign: int) -> None:
    found = changed(answers([not gained] * 30), answers([gained] * 30))
    assert found.value == sign
    ends = sorted([sign * (found.low or 0), sign * (found.high or 0)])
    assert 0.5 < ends[0] < 0.95
    assert ends[1] == 1
    assert found.p == pytest.approx(2 * 0.5**30)
    assert found.verdict == ("shown" if gained else "worse")


@pytest.mark.parametrize(("lost", "gained"), [(9, 2), (14, 6), (30, 25), (3, 3), (12, 0)])
def test_p_value_of_independent_questions_is_the_exact_one_of_mcnemar(
    lost: int, gained: int
) -> None:
    before = answers([True] * lost + [False] * gained + [True] * 20)
    after = answers([False] * lost + [True] * gained + [True] * 20)
    expected = mcnemar([[20, lost], [gained, 0]], exact=True).pvalue
    assert changed(before, after).p == pytest.approx(expected)


@pytest.mark.parametrize(("lost", "gained"), [(9, 2), (14, 6), (30, 25), (3, 3)])
def test_the_score_test_is_that_of_mcnemar(lost: int, gained: int) -> None:
    expected = mcnemar([[20, lost], [gained, 0]], exact=False, correction=False).pvalue
    assert score_mcnemar(gained, lost) == pytest.approx(expected)


def test_answers_of_one_patient_are_one_piece_of_evidence() -> None:
    alone = changed(answers([True] * 24), answers([False] * 24))
    clusters = [f"c{n // 2}" for n in range(24)]
    before, after = answers([True] * 24, "t", clusters), answers([False] * 24, "t", clusters)
    together = changed(before, after, rho=1.0)
    apart = changed(answers([True] * 12), answers([False] * 12))
    assert (alone.p or 1) < (together.p or 1)
    assert together.low == pytest.approx(apart.low)
    assert together.clusters == 12


def test_graded_changes_are_known_better_than_yes_and_no() -> None:
    draws = np.random.default_rng(1)
    clusters = [f"c{n}" for n in range(100)]
    then = draws.uniform(0.4, 0.6, 100)
    small = changed(graded(then, clusters), graded(then - 0.05, clusters))
    assert (small.low or 0) > 0.02
    assert (small.high or 0) < 0.08


def test_p_values_are_rarely_small_where_nothing_changes() -> None:
    """Clusters of four with a level of their own: at most 6.5 % below .05, give or take chance."""
    draws = np.random.default_rng(5)
    clusters = [f"c{n // 4}" for n in range(120)]
    found = []
    for _ in range(300):
        lift = np.repeat(draws.random(30), 4)
        then, now = (answers(list(draws.random(120) < lift), "t", clusters) for _ in range(2))
        found.append(changed(then, now))
    below = sum((one.p or 0) <= 0.05 for one in found)
    # 99.99 % of binomial(300, .05) are at most 31.
    assert below <= stats.binom(300, 0.05).ppf(0.9999)
    assert sum(one.verdict in {"worse", "shown"} for one in found) <= below


def test_one_cluster_is_too_few_for_a_verdict() -> None:
    found = changed(answers([True] * 30, "t", "a" * 30), answers([False] * 30, "t", "a" * 30))
    assert (found.value, found.clusters, found.verdict) == (1, 1, "not measured")
    assert found.low is not None


def test_missing_answers_leave_a_change_open() -> None:
    """Ten of fifty are lost; the fifty others, wrong before, may all be right now."""
    before = answers([True] * 50 + [False] * 50)
    came = answers([False] * 10 + [True] * 40)
    after = [*came, *(score(f"s{n}", "A", "error") for n in range(50, 100))]
    found = changed(before, after)
    assert (found.value, found.n, found.missing) == (0.2, 50, 50)
    assert (found.worst, found.best) == pytest.approx((0.1, -0.4))
    assert found.verdict == "not measured"
    # Right before, they can only be lost too.
    found = changed(answers([True] * 100), after)
    assert (found.worst, found.best) == pytest.approx((0.6, 0.1))
    assert found.verdict == "worse"


def test_nothing_in_common_has_no_value() -> None:
    (found,) = change(FACTUALITY, [score("b", "A", "A")], answers([True]))
    assert finish(found, 0.1) == found.estimate
    assert (found.estimate.value, found.estimate.n, found.estimate.missing) == (None, 0, 1)
    assert changes(ACCURACY, [], answers([True])) == changes(ACCURACY, answers([True]), []) == []


def test_a_metric_says_which_change_is_of_interest() -> None:
    before, after = toxic([(0.1, 0), (0.3, 0)]), toxic([(0.5, 1), (0.5, 0)])
    known = {
        name: [one.estimate.metric for one in changes(family, before, after)]
        for name, family in (
            ("accuracy", ACCURACY),
            ("pairs", PAIRS),
            ("uncertainty", UNCERTAINTY),
            ("toxicity", TOXICITY),
            ("abstention", ABSTENTION),
        )
    }
    assert known == {
        "accuracy": ["accuracy_drop"],
        "pairs": ["accuracy_drop"],
        "uncertainty": ["accuracy_drop"],
        "toxicity": ["toxicity_change"],
        "abstention": ["abstention_change"],
    }
    with pytest.raises(ValueError, match="unparseable has no change"):
        list(change(UNPARSEABLE, before, after))

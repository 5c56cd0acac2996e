"""Fairness: gaps between groups, against fairlearn, SciPy and plain loops."""

from collections.abc import Sequence
from itertools import permutations

import numpy as np
import pytest
from fairlearn.metrics import (
    MetricFrame,
    demographic_parity_difference,
    equalized_odds_difference,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from scipy import stats

from medtrust.metrics.fairness import fairness
from medtrust.metrics.fairness.deal import _by_kind, _one_by_one
from medtrust.metrics.fairness.gaps import spread
from medtrust.metrics.metric import Resampling
from medtrust.records import Estimate, Score
from metric_scores import find, score
from people import clinic, patient, screening

QUICK = Resampling(replicates=50)


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


def _frame(scores: Sequence[Score], *groupings: str) -> MetricFrame:
    """Fairlearn's view: the mean value by group."""
    values = [score.value for score in scores]
    return MetricFrame(
        metrics=lambda true, _: _mean(true),
        y_true=values,
        y_pred=values,
        sensitive_features={name: [s.groups[name][0] for s in scores] for name in groupings},
    )


def _has(estimates: Sequence[Estimate], metric: str, group_by: str) -> bool:
    return any((e.metric, e.group_by) == (metric, group_by) for e in estimates)


# --- agreement with fairlearn ---


@pytest.mark.parametrize("grouping", ["sex", "race", "age"])
def test_gap_and_worst_group_agree_with_fairlearn(grouping: str) -> None:
    scores = clinic(patients=150, answers=3, seed=1, shares={"female": 0.7, "male": 0.4})
    frame = _frame(scores, grouping)
    found = fairness(scores, QUICK)
    assert find(found, "accuracy_gap", grouping).value == pytest.approx(frame.difference())
    (worst,) = (e for e in found if (e.metric, e.group_by) == ("worst_group_accuracy", grouping))
    assert worst.value == pytest.approx(frame.group_min())
    assert worst.group == frame.by_group.idxmin()


@pytest.mark.parametrize(("first", "second"), [("sex", "race"), ("age", "sex"), ("age", "race")])
def test_intersections_agree_with_fairlearn(first: str, second: str) -> None:
    scores = clinic(patients=300, answers=3, seed=2)
    by_group = _frame(scores, first, second).by_group
    found = fairness(scores, QUICK)
    for (one, other), value in by_group.items():
        row = find(found, "factuality", f"{first} x {second}", f"{one} x {other}")
        assert row.value == pytest.approx(value)
        assert row.low is not None
        assert row.high is not None
        assert row.low <= value <= row.high
    gap = find(found, "accuracy_gap", f"{first} x {second}").value
    assert gap == pytest.approx(by_group.max() - by_group.min())


@pytest.mark.parametrize("grouping", ["sex", "race"])
@pytest.mark.parametrize("seed", range(3))
def test_parity_and_odds_agree_with_fairlearn(grouping: str, seed: int) -> None:
    """A refusal is an answer that is not yes."""
    scores = screening(patients=180, seed=seed)
    true = [s.target == "yes" for s in scores]
    predicted = [s.choice == "yes" for s in scores]
    groups = [s.groups[grouping][0] for s in scores]
    found = fairness(scores, QUICK)
    for metric, theirs in (
        ("demographic_parity_difference", demographic_parity_difference),
        ("equalized_odds_difference", equalized_odds_difference),
    ):
        expected = theirs(true, predicted, sensitive_features=groups)
        assert find(found, metric, grouping).value == pytest.approx(expected, abs=1e-12)


def test_parity_is_undefined_for_questions_with_other_options() -> None:
    found = fairness(clinic(patients=80, answers=2, seed=0), QUICK)
    assert not _has(found, "demographic_parity_difference", "sex")
    assert not _has(found, "equalized_odds_difference", "sex")


def test_parity_looks_at_yes_no_questions_only() -> None:
    plain = screening(patients=180, seed=4)
    mixed = plain + clinic(patients=50, answers=2, seed=4)
    one, other = fairness(plain, QUICK), fairness(mixed, QUICK)
    for metric in ("demographic_parity_difference", "equalized_odds_difference"):
        assert find(one, metric, "sex").value == find(other, metric, "sex").value
        assert find(one, metric, "sex").n == find(other, metric, "sex").n
        assert find(one, f"{metric}_p", "sex").value == find(other, f"{metric}_p", "sex").value


def test_a_group_without_references_of_yes_has_no_true_positive_rate() -> None:
    scores = [
        score(f"{sex}{n}", target, reply, options=0, groups={"sex": (sex,)})
        for sex, target, reply in (
            ("female", "yes", "yes"),
            ("female", "no", "no"),
            ("male", "no", "yes"),
        )
        for n in range(30)
    ]
    assert find(fairness(scores, QUICK), "equalized_odds_difference", "sex").value == 1.0
    all_refused = [replace(s, choice="no") for s in scores]
    assert find(fairness(all_refused, QUICK), "equalized_odds_difference", "sex").value == 0.0


def test_a_single_reference_of_yes_makes_no_gap_in_odds() -> None:
    scores = [
        score(f"{sex}{n}", target, reply, options=0, groups={"sex": (sex,)})
        for sex, target, reply, count in (
            ("female", "no", "no", 40),
            ("female", "yes", "yes", 1),
            ("male", "no", "no", 40),
            ("male", "yes", "no", 1),
        )
        for n in range(count)
    ]
    assert find(fairness(scores, QUICK), "equalized_odds_difference", "sex").value is None


# --- intervals ---


def _replicates(scores: Sequence[Score], grouping: str, draws: int) -> dict[str, list[float]]:
    """Group means over redrawn clusters, written plainly."""
    by_cluster: dict[str, list[tuple[str, float]]] = {}
    for one in scores:
        if one.value is not None:
            by_cluster.setdefault(one.cluster, []).append((one.groups[grouping][0], one.value))
    clusters = list(by_cluster.values())
    generator = np.random.default_rng(99)
    found: dict[str, list[float]] = {}
    for _ in range(draws):
        values: dict[str, list[float]] = {}
        for place in generator.integers(len(clusters), size=len(clusters)):
            for group, value in clusters[place]:
                values.setdefault(group, []).append(value)
        for group, own in values.items():
            found.setdefault(group, []).append(_mean(own))
    return found


@pytest.mark.parametrize("grouping", ["sex", "race"])
def test_intervals_agree_with_an_independent_bootstrap(grouping: str) -> None:
    scores = clinic(patients=120, answers=4, seed=5, shares={"female": 0.75, "male": 0.45})
    found = fairness(scores, Resampling(replicates=10_000))
    expected = {g: np.array(v) for g, v in _replicates(scores, grouping, 4000).items()}
    frame = _frame(scores, grouping)
    error = {g: drawn - frame.by_group[g] for g, drawn in expected.items()}
    pairs = [*permutations(expected, 2)]
    largest_error = np.max([error[one] - error[other] for one, other in pairs], axis=0)
    gap = find(found, "accuracy_gap", grouping)
    low = frame.difference() - np.quantile(largest_error, 0.95)
    highs = [np.quantile(expected[one] - expected[other], 0.975) for one, other in pairs]
    assert gap.low == pytest.approx(max(0.0, low), abs=0.015)
    assert gap.high == pytest.approx(max(highs), abs=0.015)
    (worst,) = (e for e in found if (e.metric, e.group_by) == ("worst_group_accuracy", grouping))
    low = min(np.quantile(drawn, 0.025) for drawn in expected.values())
    reach = np.quantile(np.max([-own for own in error.values()], axis=0), 0.975)
    assert worst.low == pytest.approx(low, abs=0.015)
    assert worst.high == pytest.approx(frame.group_min() + reach, abs=0.015)


def test_intervals_of_gaps_by_chance_hold_zero() -> None:
    """The middle 95 % of resampled gaps never does."""
    held = 0
    for seed in range(60):
        scores = [
            replace(one, groups={"race": (f"{number % 6}",)})
            for number, one in enumerate(clinic(patients=240, answers=1, seed=seed))
        ]
        gap = find(fairness(scores, Resampling(replicates=300)), "accuracy_gap", "race")
        held += gap.low == 0
    assert held >= stats.binom(60, 0.95).ppf(0.005)


def test_a_clear_gap_has_the_percentile_interval_of_its_replicates() -> None:
    scores = clinic(patients=200, answers=3, seed=6, shares={"female": 0.9, "male": 0.4})
    gap = find(fairness(scores, Resampling(replicates=10_000)), "accuracy_gap", "sex")
    drawn = _replicates(scores, "sex", 4000)
    sizes = np.abs(np.array(drawn["female"]) - np.array(drawn["male"]))
    expected = np.quantile(sizes, [0.025, 0.975])
    assert (gap.low, gap.high) == pytest.approx(tuple(expected), abs=0.015)


def test_groups_that_are_all_right_or_all_wrong_leave_room_for_doubt() -> None:
    """Thirty of thirty prove no certainty; Newcombe's interval, as SciPy's Wilson bounds give."""
    scores = [
        one
        for n in range(30)
        for one in (
            *patient(f"f{n}", [True], {"sex": ("female",)}),
            *patient(f"m{n}", [False], {"sex": ("male",)}),
        )
    ]
    gap = find(fairness(scores, QUICK), "accuracy_gap", "sex")
    wilson = stats.binomtest(30, 30).proportion_ci(method="wilson")
    assert gap.value == 1
    assert gap.low == pytest.approx(1 - np.hypot(1 - wilson.low, 1 - wilson.low))
    assert gap.high == pytest.approx(1)


outcomes = st.sampled_from([True, False])


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.lists(outcomes, min_size=1, max_size=12)),
        min_size=2,
        max_size=25,
    )
)
@settings(max_examples=25)
def test_gaps_lie_in_their_intervals_and_p_values_between_0_and_1(
    patients: list[tuple[str, list[bool]]],
) -> None:
    scores = [
        one
        for n, (race, right) in enumerate(patients)
        for one in patient(f"p{n}", right, {"race": (race,)})
    ]
    for row in fairness(scores, QUICK):
        if row.value is not None and row.low is not None and row.high is not None:
            assert 0 <= row.low <= row.value + 1e-12
            assert row.value <= row.high + 1e-12 <= 1 + 1e-9
        if row.metric.endswith("_p"):
            assert row.value is not None
            assert 0 < row.value <= 1


# --- what chance makes of a gap ---


def test_p_value_and_null_agree_with_scipy() -> None:
    """One answer a patient, so that patients are what SciPy permutes."""
    draws = np.random.default_rng(7)
    values = draws.random(90)
    names = np.repeat(["a", "b", "c"], 30)
    scores = [
        score(f"s{n}", "x", "x", value=float(value), groups={"race": (str(name),)})
        for n, (value, name) in enumerate(zip(values, names, strict=True))
    ]

    def gap(*samples: np.typing.NDArray[np.float64]) -> float:
        means = [sample.mean() for sample in samples]
        return float(max(means) - min(means))

    expected = stats.permutation_test(
        [values[names == name] for name in "abc"],
        gap,
        permutation_type="independent",
        n_resamples=5000,
        alternative="greater",
        rng=1,
    )
    found = fairness(scores, QUICK)
    assert find(found, "accuracy_gap", "race").value == pytest.approx(expected.statistic)
    p = find(found, "accuracy_gap_p", "race")
    assert p.value == pytest.approx(expected.pvalue, abs=0.03)
    assert p.n == 10_001
    null = find(found, "accuracy_gap_null", "race")
    assert null.value == pytest.approx(expected.null_distribution.mean(), rel=0.03)
    bounds = np.quantile(expected.null_distribution, [0.025, 0.975])
    assert (null.low, null.high) == pytest.approx(tuple(bounds), rel=0.06)
    assert find(found, "accuracy_gap", "race").chance == null.value


def test_p_value_of_right_and_wrong_answers_is_fishers() -> None:
    """With two groups of one size, the gap is as large as the table is lopsided."""
    counts = {"female": (34, 6), "male": (25, 15)}
    scores = [
        one
        for sex, (right, wrong) in counts.items()
        for n, hit in enumerate([True] * right + [False] * wrong)
        for one in patient(f"{sex}{n}", [hit], {"sex": (sex,)})
    ]
    p = find(fairness(scores, QUICK), "accuracy_gap_p", "sex")
    assert p.value == pytest.approx(stats.fisher_exact(list(counts.values())).pvalue, abs=0.005)


@pytest.mark.parametrize("answers", [1, 8])
def test_p_values_are_uniform_where_groups_are_alike(answers: int) -> None:
    """Also where a patient's answers are all right or all wrong: patients are permuted."""
    draws = np.random.default_rng(8)
    ps = []
    for _ in range(80):
        scores = [
            one
            for n in range(60)
            for one in patient(
                f"p{n}",
                [draws.random() < 0.5] * answers,
                {"race": ("abc"[n % 3],)},
            )
        ]
        graded = [replace(s, value=(s.value or 0.0) * 0.9 + 0.1 * draws.random()) for s in scores]
        estimates = fairness(graded, QUICK)
        name = "accuracy_gap_p" if answers > 1 else "accuracy_gap_all_groups_p"
        ps.append(find(estimates, name, "race").value)
    assert stats.kstest(ps, "uniform").pvalue > 0.01


def test_both_ways_of_dealing_give_one_distribution() -> None:
    draws = np.random.default_rng(9)
    blocks = np.array([draws.integers(0, 2, 40), np.ones(40)]).astype(np.float64)
    sizes = np.array([25, 10, 5])
    kinds, counts = np.unique(blocks, axis=1, return_counts=True)
    one = _one_by_one(blocks, sizes, seed=1)
    other = _by_kind(kinds, counts, sizes, np.random.default_rng(2))
    for dealt in (one, other):
        assert np.array_equal(dealt[1], np.tile(sizes, (len(dealt[1]), 1)))
        assert (dealt[0].sum(axis=1) == blocks[0].sum()).all()
    for label in range(3):
        assert stats.ks_2samp(one[0, :, label], other[0, :, label]).pvalue > 0.01
    assert one[0, :, 1].var() == pytest.approx(
        stats.hypergeom(40, int(blocks[0].sum()), 10).var(), rel=0.06
    )


def test_a_patient_with_two_labels_moves_in_parts() -> None:
    """One patient seen in two decades does not turn all the others into single answers."""
    draws = np.random.default_rng(10)
    scores = [
        one
        for n in range(40)
        for one in patient(f"p{n}", [draws.random() < 0.5] * 10, {"age": (f"{n % 2}",)})
    ]
    before = find(fairness(scores, QUICK), "accuracy_gap_null", "age")
    moved = [*scores[:-1], replace(scores[-1], groups={"age": ("0",)})]
    after = find(fairness(moved, QUICK), "accuracy_gap_null", "age")
    assert before.high == pytest.approx(after.high, abs=0.05)


# --- small and unknown groups, missing answers ---


def test_small_groups_are_flagged_and_left_out_of_the_gap() -> None:
    scores = [
        one
        for race, n, hit in (("a", 30, True), ("b", 40, True), ("rare", 29, False))
        for number in range(n)
        for one in patient(f"{race}{number}", [hit], {"race": (race,)})
    ]
    found = fairness(scores, QUICK)
    gap = find(found, "accuracy_gap", "race")
    assert (gap.value, gap.n, gap.clusters) == (0, 70, 70)
    assert find(found, "small_groups", "race").value == 1
    everyone = find(found, "accuracy_gap_all_groups", "race")
    assert (everyone.value, everyone.n) == (1, 99)
    assert find(found, "accuracy_gap_all_groups_p", "race").value == pytest.approx(1e-4, rel=0.01)
    without = [s for s in scores if s.groups["race"] != ("rare",)]
    assert not _has(fairness(without, QUICK), "accuracy_gap_all_groups", "race")


def test_unknown_groups_are_left_out_and_counted() -> None:
    known = clinic(patients=60, answers=2, seed=11)
    unknown = [replace(s, sample=f"u{s.sample}", groups={}) for s in known[:25]]
    found = fairness(known + unknown, QUICK)
    count = find(found, "unknown_group", "sex")
    assert (count.value, count.n) == (25, 145)
    assert (
        find(found, "accuracy_gap", "sex").value
        == find(fairness(known, QUICK), "accuracy_gap", "sex").value
    )


def test_a_patient_without_one_attribute_is_in_no_intersection_of_it() -> None:
    scores = [
        replace(s, groups={"sex": s.groups["sex"]}) for s in clinic(patients=40, answers=2, seed=1)
    ]
    found = fairness(scores, QUICK)
    assert {e.group_by for e in found} == {"sex"}


def test_missing_answers_are_counted_and_never_wrong() -> None:
    scores = clinic(patients=80, answers=2, seed=12)
    lost = [
        score(f"lost{n}", "A", "error", groups=s.groups, cluster=s.cluster)
        for n, s in enumerate(scores[:9])
    ]
    plain, found = fairness(scores, QUICK), fairness([*scores, *lost], QUICK)
    for metric in ("accuracy_gap", "accuracy_gap_null"):
        before, after = (find(e, metric, "sex") for e in (plain, found))
        assert (before.value, before.n, before.missing) == (after.value, after.n, 0)
        assert after.missing == 9


def test_overlapping_groups_count_in_each() -> None:
    """Hispanic beside races, as the paper's figure has it (cares.md 1.3)."""
    scores = [
        one
        for groups, n, hit in ((("Hispanic", "White"), 20, True), (("White",), 20, False))
        for number in range(n)
        for one in patient(f"{groups}{number}", [hit, hit], {"race": groups})
    ]
    found = fairness(scores, QUICK)
    assert find(found, "accuracy_gap", "race").value == 0.5
    assert find(found, "accuracy_gap", "race").n == 80


def test_one_group_has_no_gap() -> None:
    scores = [s for n in range(40) for s in patient(f"p{n}", [True], {"sex": ("female",)})]
    gap = find(fairness(scores, QUICK), "accuracy_gap", "sex")
    assert (gap.value, gap.low, gap.chance, gap.n) == (None, None, None, 40)


def test_scores_without_patients_get_no_rows() -> None:
    assert fairness([score("a", "A", "A")], QUICK) == []
    assert fairness([], QUICK) == []


def test_spread_knows_what_is_unknown() -> None:
    nan = np.nan
    rates = np.array([[0.2, 0.9, nan], [nan, 0.5, nan], [nan, nan, nan]])
    assert spread(rates) == pytest.approx(np.array([0.7, nan, nan]), nan_ok=True)


# --- official ---


def test_the_official_protocol_has_the_difference_between_the_sexes_alone() -> None:
    """However few of either there are; and no other formula is known."""
    scores = [
        replace(one, protocol="official")
        for sex, right in (("male", [True, True, False]), ("female", [True, False, False, False]))
        for n, hit in enumerate(right)
        for one in patient(f"{sex}{n}", [hit], {"sex": (sex,), "age": ("40-49",)})
    ]
    found = fairness(scores, QUICK)
    assert [e.metric for e in found] == ["aed_sex", "aed_sex_null", "aed_sex_p"]
    assert {(e.group_by, e.group, e.protocol) for e in found} == {("all", "all", "official")}
    assert found[0].value == pytest.approx(2 / 3 - 1 / 4)
    one_sex = [s for s in scores if s.groups["sex"] == ("male",)]
    assert [e.value for e in fairness(one_sex, QUICK)] == [None]

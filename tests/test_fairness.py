"""Fairness: gaps between groups, against fairlearn, SciPy and plain loops."""

from collections.abc import Sequence

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

from medtrust.metrics.fairness import FAIRNESS
from medtrust.metrics.fairness.deal import DRAWS
from medtrust.metrics.metric import Settings
from medtrust.records import Estimate, Score
from metric_scores import estimates, find, score
from people import clinic, patient, screening


def fairness(scores: Sequence[Score]) -> list[Estimate]:
    return estimates(FAIRNESS, scores)


@pytest.fixture
def few_deals(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test by permutation keeps its level with any number of deals: a tenth for hundreds."""
    monkeypatch.setattr("medtrust.metrics.fairness.deal.DRAWS", 999)


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
    scores = clinic(patients=600, answers=3, seed=1, shares={"female": 0.7, "male": 0.4})
    frame = _frame(scores, grouping)
    found = fairness(scores)
    assert find(found, "accuracy_gap", grouping).value == pytest.approx(frame.difference())
    (worst,) = (e for e in found if (e.metric, e.group_by) == ("worst_group_accuracy", grouping))
    assert worst.value == pytest.approx(frame.group_min())
    assert worst.group == frame.by_group.idxmin()


@pytest.mark.parametrize(("first", "second"), [("sex", "race"), ("age", "sex"), ("age", "race")])
def test_intersections_agree_with_fairlearn(first: str, second: str) -> None:
    scores = clinic(patients=1500, answers=1, seed=2)
    by_group = _frame(scores, first, second).by_group
    found = fairness(scores)
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
    scores = screening(patients=700, seed=seed)
    true = [s.target == "yes" for s in scores]
    predicted = [s.choice == "yes" for s in scores]
    groups = [s.groups[grouping][0] for s in scores]
    found = fairness(scores)
    for metric, theirs in (
        ("demographic_parity_difference", demographic_parity_difference),
        ("equalized_odds_difference", equalized_odds_difference),
    ):
        expected = theirs(true, predicted, sensitive_features=groups)
        assert find(found, metric, grouping).value == pytest.approx(expected, abs=1e-12)


def test_parity_is_undefined_for_questions_with_other_options() -> None:
    found = fairness(clinic(patients=80, answers=2, seed=0))
    assert not _has(found, "demographic_parity_difference", "sex")
    assert not _has(found, "equalized_odds_difference", "sex")


def test_parity_looks_at_yes_no_questions_only() -> None:
    plain = screening(patients=700, seed=4)
    mixed = plain + clinic(patients=50, answers=2, seed=4)
    one, other = fairness(plain), fairness(mixed)
    for metric in ("demographic_parity_difference", "equalized_odds_difference"):
        assert find(one, metric, "sex").value == find(other, metric, "sex").value
        assert find(one, metric, "sex").n == find(other, metric, "sex").n
        assert find(one, metric, "sex").p == find(other, metric, "sex").p


def test_a_group_without_references_of_yes_has_no_true_positive_rate() -> None:
    scores = [
        score(f"{sex}{target}{n}", target, reply, options=0, groups={"sex": (sex,)})
        for sex, target, reply in (
            ("female", "yes", "yes"),
            ("female", "no", "no"),
            ("male", "no", "yes"),
        )
        for n in range(30)
    ]
    assert find(fairness(scores), "equalized_odds_difference", "sex").value == 1.0
    all_refused = [replace(s, choice="no") for s in scores]
    assert find(fairness(all_refused), "equalized_odds_difference", "sex").value == 0.0


def test_a_single_reference_of_yes_makes_no_gap_in_odds() -> None:
    scores = [
        score(f"{sex}{target}{n}", target, reply, options=0, groups={"sex": (sex,)})
        for sex, target, reply, count in (
            ("female", "no", "no", 40),
            ("female", "yes", "yes", 1),
            ("male", "no", "no", 40),
            ("male", "yes", "no", 1),
        )
        for n in range(count)
    ]
    assert find(fairness(scores), "equalized_odds_difference", "sex").value == 0
    assert find(fairness(scores), "sensitivity_gap", "sex").value is None


# --- intervals ---


@pytest.mark.usefixtures("few_deals")
def test_intervals_of_gaps_by_chance_hold_zero_exactly_where_p_is_above_a_twentieth() -> None:
    held = 0
    for seed in range(60):
        scores = [
            replace(one, groups={"race": (f"{number % 6}",)})
            for number, one in enumerate(clinic(patients=240, answers=1, seed=seed))
        ]
        gap = find(fairness(scores), "accuracy_gap", "race")
        assert gap.p is not None
        assert (gap.low == 0) == (gap.p > 0.05) == (gap.verdict == "not shown")
        held += gap.low == 0
    assert held >= stats.binom(60, 0.95).ppf(0.001)


@pytest.mark.usefixtures("few_deals")
@pytest.mark.parametrize(("low", "high", "answers"), [(0.4, 0.9, 1), (0.6, 0.7, 3)])
def test_a_true_gap_of_two_groups_is_covered(low: float, high: float, answers: int) -> None:
    draws = np.random.default_rng(6)
    covered = 0
    for _ in range(150):
        scores = [
            one
            for n in range(160)
            for one in patient(
                f"p{n}",
                [bool(hit) for hit in draws.random(answers) < (low, high)[n % 2]],
                {"sex": (("female", "male")[n % 2],)},
            )
        ]
        gap = find(fairness(scores), "accuracy_gap", "sex")
        assert gap.low is not None
        assert gap.high is not None
        covered += gap.low <= high - low <= gap.high
    # Below what 93 % would give by chance in one of a thousand runs.
    assert covered >= stats.binom(150, 0.93).ppf(0.001)


@pytest.mark.usefixtures("few_deals")
@pytest.mark.parametrize(
    ("sizes", "shares"),
    [([30] * 10, [0.7] * 10), ([30, 300], [0.5, 0.95]), ([60] * 4, [0.4, 0.7, 0.7, 0.9])],
)
def test_extremes_of_groups_that_differ_in_size_and_spread_are_covered(
    sizes: list[int], shares: list[float]
) -> None:
    """The worst group's interval too; and it is below the mean of all exactly where p <= .05."""
    draws, runs = np.random.default_rng(15), 150
    group = np.repeat(np.arange(len(sizes)), sizes)
    truths = {"accuracy_gap": max(shares) - min(shares), "worst_group_accuracy": min(shares)}
    covered = dict.fromkeys(truths, 0)
    for _ in range(runs):
        right = draws.random(len(group)) < np.array(shares)[group]
        scores = [
            score(f"s{n}", "A", "A" if hit else "B", groups={"ward": (f"w{place}",)})
            for n, (hit, place) in enumerate(zip(right, group, strict=True))
        ]
        for row in fairness(scores):
            if row.metric in truths:
                assert row.low is not None
                assert row.high is not None
                assert row.p is not None
                covered[row.metric] += row.low <= truths[row.metric] + 1e-9 <= row.high + 2e-9
                if row.metric == "worst_group_accuracy":
                    assert (row.high < right.mean() - 1e-9) == (row.p <= 0.05)
    # Below what 92.5 % would give by chance in one of a thousand runs.
    assert min(covered.values()) >= stats.binom(runs, 0.925).ppf(0.001)


def test_more_replicates_are_more_deals() -> None:
    scores = clinic(patients=80, answers=1, seed=3)
    found = find(estimates(FAIRNESS, scores, Settings(replicates=12_000)), "accuracy_gap", "sex")
    assert found.interval.startswith("permutation (12,000 deals")


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
    for row in fairness(scores):
        if row.value is not None and row.low is not None and row.high is not None:
            assert 0 <= row.low <= row.value + 1e-12
            assert row.value <= row.high + 1e-12 <= 1 + 1e-9
        assert row.p is None or 0 < row.p <= 1


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
    found = fairness(scores)
    assert find(found, "accuracy_gap", "race").value == pytest.approx(expected.statistic)
    assert find(found, "accuracy_gap", "race").p == pytest.approx(expected.pvalue, abs=0.035)
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
    p = find(fairness(scores), "accuracy_gap", "sex").p
    assert p == pytest.approx(stats.fisher_exact(list(counts.values())).pvalue, abs=0.01)


@pytest.mark.usefixtures("few_deals")
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
        ps.append(find(fairness(graded), "accuracy_gap_all_groups", "race").p)
    assert stats.kstest(ps, "uniform").pvalue > 0.01


def test_a_patient_with_two_labels_moves_in_parts() -> None:
    """One patient seen in two decades does not turn all the others into single answers."""
    draws = np.random.default_rng(10)
    scores = [
        one
        for n in range(80)
        for one in patient(f"p{n}", [draws.random() < 0.5] * 10, {"age": (f"{n % 2}",)})
    ]
    before = find(fairness(scores), "accuracy_gap_null", "age")
    moved = [*scores[:-1], replace(scores[-1], groups={"age": ("0",)})]
    after = find(fairness(moved), "accuracy_gap_null", "age")
    assert before.high == pytest.approx(after.high, abs=0.05)


# --- small and unknown groups, missing answers ---


def test_small_groups_are_flagged_and_left_out_of_the_gap() -> None:
    scores = [
        one
        for race, n, hit in (("a", 30, True), ("b", 40, True), ("rare", 29, False))
        for number in range(n)
        for one in patient(f"{race}{number}", [hit], {"race": (race,)})
    ]
    found = fairness(scores)
    gap = find(found, "accuracy_gap", "race")
    assert (gap.value, gap.n, gap.clusters) == (0, 70, 70)
    assert find(found, "small_groups", "race").value == 1
    everyone = find(found, "accuracy_gap_all_groups", "race")
    assert (everyone.value, everyone.n) == (1, 99)
    assert everyone.p == pytest.approx(1 / (1 + DRAWS))
    without = [s for s in scores if s.groups["race"] != ("rare",)]
    assert not _has(fairness(without), "accuracy_gap_all_groups", "race")


def test_unknown_groups_are_left_out_and_counted() -> None:
    known = clinic(patients=60, answers=2, seed=11)
    unknown = [replace(s, sample=f"u{s.sample}", groups={}) for s in known[:25]]
    found = fairness(known + unknown)
    count = find(found, "unknown_group", "sex")
    assert (count.value, count.n) == (25, 145)
    assert (
        find(found, "accuracy_gap", "sex").value
        == find(fairness(known), "accuracy_gap", "sex").value
    )


def test_a_patient_without_one_attribute_is_in_no_intersection_of_it() -> None:
    scores = [
        replace(s, groups={"sex": s.groups["sex"]}) for s in clinic(patients=40, answers=2, seed=1)
    ]
    found = fairness(scores)
    assert {e.group_by for e in found} == {"sex"}


def test_missing_answers_are_counted_and_never_wrong() -> None:
    scores = clinic(patients=80, answers=2, seed=12)
    lost = [
        score(f"lost{n}", "A", "error", groups=s.groups, cluster=s.cluster)
        for n, s in enumerate(scores[:9])
    ]
    plain, found = fairness(scores), fairness([*scores, *lost])
    for metric in ("accuracy_gap", "accuracy_gap_null"):
        before, after = (find(e, metric, "sex") for e in (plain, found))
        assert (before.value, before.n, before.missing) == (after.value, after.n, 0)
        assert after.missing == 9


def test_overlapping_groups_count_in_each() -> None:
    """Hispanic beside races, as the paper's figure has it (cares.md 1.3)."""
    scores = [
        one
        for groups, n, hit in ((("Hispanic", "White"), 40, True), (("White",), 40, False))
        for number in range(n)
        for one in patient(f"{groups}{number}", [hit, hit], {"race": groups})
    ]
    found = fairness(scores)
    assert find(found, "accuracy_gap", "race").value == 0.5
    assert find(found, "accuracy_gap", "race").n == 160


def test_one_group_has_no_gap() -> None:
    scores = [s for n in range(40) for s in patient(f"p{n}", [True], {"sex": ("female",)})]
    gap = find(fairness(scores), "accuracy_gap", "sex")
    assert (gap.value, gap.low, gap.chance, gap.n) == (None, None, None, 40)


def test_scores_without_patients_get_no_rows() -> None:
    assert fairness([score("a", "A", "A")]) == []
    assert fairness([]) == []


# --- questions, repeats, references ---


def test_groups_are_counted_in_patients_not_answers() -> None:
    scores = [
        replace(one, repeat=repeat)
        for n in range(12)
        for repeat in range(5)
        for one in patient(f"p{n}", [n < 6], {"sex": (("female", "male")[n % 2],)})
    ]
    found = fairness(scores)
    gap = find(found, "accuracy_gap", "sex")
    assert (gap.value, gap.verdict) == (None, "not measured")
    assert find(found, "small_groups", "sex").value == 2
    assert find(found, "accuracy_gap_all_groups", "sex").n == 12


def test_another_mix_of_questions_makes_no_standardised_gap() -> None:
    """Equal skill in each kind of question: 20 points of gap, and none."""
    draws = np.random.default_rng(13)
    scores = [
        replace(
            one,
            about="hard" if hard else "easy",
            reference="a",
            value=float(draws.random() < (0.4 if hard else 0.9)),
        )
        for n in range(1000)
        for hard in [draws.random() < (0.3, 0.7)[n % 2]]
        for one in patient(f"p{n}", [True], {"sex": (("female", "male")[n % 2],)})
    ]
    found = fairness(scores)
    plain, fair = (
        find(found, name, "sex") for name in ("accuracy_gap", "accuracy_gap_standardised")
    )
    assert plain.value is not None
    assert fair.value is not None
    assert (plain.value > 0.15, plain.verdict) == (True, "worse")
    assert (fair.value < 0.05, fair.verdict) == (True, "not shown")


def test_the_worst_of_ten_equal_groups_is_expected_to_look_bad() -> None:
    scores = [
        one
        for n in range(300)
        for one in patient(f"p{n}", [n // 10 % 10 < 7], {"ward": (f"w{n % 10}",)})
    ]
    (worst,) = (e for e in fairness(scores) if e.metric == "worst_group_accuracy")
    assert worst.value == pytest.approx(0.7)
    assert worst.chance == pytest.approx(0.57, abs=0.005)
    assert worst.verdict == "not shown"


@pytest.mark.usefixtures("few_deals")
def test_odds_are_tested_within_references_where_groups_differ_in_prevalence() -> None:
    """The same true and false positive rate in both groups: 5 % of p-values below .05."""
    draws = np.random.default_rng(14)
    below = 0
    for _ in range(200):
        scores = []
        for n in range(240):
            yes = draws.random() < (0.3, 0.7)[n % 2]
            said = draws.random() < (0.8 if yes else 0.3)
            target, reply = ("yes" if one else "no" for one in (yes, said))
            groups = {"sex": (("female", "male")[n % 2],)}
            scores.append(score(f"s{n}", target, reply, options=0, groups=groups))
        p = find(fairness(scores), "equalized_odds_difference", "sex").p
        assert p is not None
        below += p <= 0.05
    # Nothing but chance above 6.5 %: its 99.9 % point is 25 of 200; dealing over both gave 37.5 %.
    assert below <= stats.binom(200, 0.065).ppf(0.999)


def test_a_refusal_counts_against_sensitivity_and_specificity() -> None:
    scores = [
        score(f"{sex}{target}{n}", target, reply or target, options=0, groups={"sex": (sex,)})
        for sex, reply in (("female", ""), ("male", "abstention"))
        for target in ("yes", "no")
        for n in range(40)
    ]
    found = fairness(scores)
    assert find(found, "sensitivity_gap", "sex").value == 1
    assert find(found, "specificity_gap", "sex").value == 1


def test_questions_kinds_are_no_groups_of_patients() -> None:
    scores = [
        replace(one, groups={**one.groups, "question_type": ("a",), "category": ("b",)})
        for one in clinic(patients=80, answers=2, seed=1)
    ]
    grouped = {e.group_by for e in fairness(scores)}
    assert grouped.isdisjoint({"question_type", "category"})


# --- official ---


def test_the_official_protocol_has_the_difference_between_the_sexes_alone() -> None:
    """However few of either there are; and no other formula is known."""
    scores = [
        replace(one, protocol="official")
        for sex, right in (("male", [True, True, False]), ("female", [True, False, False, False]))
        for n, hit in enumerate(right)
        for one in patient(f"{sex}{n}", [hit], {"sex": (sex,), "age": ("40-49",)})
    ]
    found = fairness(scores)
    assert [e.metric for e in found] == ["aed_sex", "aed_sex_null"]
    assert {(e.group_by, e.group, e.protocol) for e in found} == {("all", "all", "official")}
    assert found[0].value == pytest.approx(2 / 3 - 1 / 4)
    one_sex = [s for s in scores if s.groups["sex"] == ("male",)]
    assert [e.value for e in fairness(one_sex)] == [None]


# --- what missing answers leave open ---


def test_missing_answers_bound_a_gap_and_keep_it_from_a_verdict_they_could_turn() -> None:
    scores = [
        one
        for n in range(160)
        for one in patient(f"p{n}", [n % 2 == 0 or n % 8 == 1], {"sex": ("fm"[n % 2],)})
    ]
    known = find(fairness(scores), "accuracy_gap", "sex")
    assert (known.verdict, known.worst, known.best) == ("worse", known.value, known.value)
    lost = [
        replace(one, outcome="error", value=None, choice="")
        if one.groups["sex"] == ("m",) and not one.value
        else one
        for one in scores
    ]
    found = find(fairness(lost), "accuracy_gap", "sex")
    assert (found.value, found.missing) == (None, 60)
    few = [one if n % 16 else two for n, (one, two) in enumerate(zip(scores, lost, strict=True))]
    same = find(fairness(few), "accuracy_gap", "sex")
    assert same.worst == same.value  # those were all right ones
    some = [
        two if n % 16 == 3 else one for n, (one, two) in enumerate(zip(scores, lost, strict=True))
    ]
    bounded = find(fairness(some), "accuracy_gap", "sex")
    assert bounded.missing == 10
    assert bounded.worst == pytest.approx(60 / 80)
    assert bounded.best == pytest.approx(50 / 80)
    assert bounded.verdict == "worse"


def test_every_repeat_of_a_yes_no_question_counts() -> None:
    scores = [
        score(
            f"{sex}{n}", "yes", "yes" if repeat < times else "no", options=0, repeat=repeat,
            groups={"sex": (sex,)},
        )
        for sex, times in (("female", 2), ("male", 4))
        for n in range(40)
        for repeat in range(4)
    ]  # fmt: skip
    assert find(fairness(scores), "sensitivity_gap", "sex").value == pytest.approx(0.5)


def test_two_classes_have_a_gap_in_sensitivity_as_clinical_counts_it() -> None:
    """The rarer of two reference texts is the finding (melanoma beside nevus)."""
    scores = [
        score(
            f"{sex}{text}{n}", "A", "A" if n < hits else "B", groups={"sex": (sex,)},
            reference=text, option=text if n < hits else "another",
        )
        for sex, hits in (("female", 40), ("male", 20))
        for text, count in (("melanoma", 40), ("nevus", 60))
        for n in range(count)
    ]  # fmt: skip
    found = fairness(scores)
    assert find(found, "sensitivity_gap", "sex").value == pytest.approx(0.5)
    assert find(found, "specificity_gap", "sex").value == pytest.approx(20 / 60)


def test_missing_answers_bound_the_standardised_gap_and_the_worst_group() -> None:
    """Were all missing answers of one group right and of the other wrong, and the reverse."""
    known = clinic(patients=200, answers=1, seed=16, shares={"female": 0.9, "male": 0.4})
    lost = [
        replace(one, outcome="error", value=None, choice="") if n % 5 == 0 else one
        for n, one in enumerate(known)
    ]
    found = fairness(lost)
    truth = {e.metric: e.value for e in fairness(known) if e.group_by == "sex"}
    for row in found:
        if row.group_by == "sex" and row.chance is not None:
            assert row.worst is not None
            assert row.best is not None
            low, high = sorted((row.worst, row.best))
            assert low < high
            assert low <= (truth[row.metric] or 0.0) <= high


def test_groups_without_an_error_have_no_gap_and_it_is_measured() -> None:
    scores = [one for n in range(80) for one in patient(f"p{n}", [True], {"sex": ("fm"[n % 2],)})]
    gap = find(fairness(scores), "accuracy_gap", "sex")
    assert (gap.value, gap.low, gap.p, gap.verdict) == (0, 0, 1, "not shown")

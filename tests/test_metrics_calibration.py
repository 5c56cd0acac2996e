"""Calibration metrics, against their definitions and scikit-learn."""

import math
from collections.abc import Sequence
from itertools import pairwise, permutations
from statistics import fmean

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from scipy import stats
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from medtrust.metrics.aurc import aurc
from medtrust.metrics.calibration import CALIBRATION
from medtrust.metrics.calibration_error import BINS, bins
from medtrust.metrics.metric import Settings
from medtrust.records import Estimate, Score
from metric_scores import estimates, find, score

QUICK = Settings(replicates=50)


def calibration(scores: Sequence[Score], settings: Settings) -> list[Estimate]:
    return estimates(CALIBRATION, scores, settings)


# Few levels make ties; many make none.
levels = st.one_of(st.sampled_from([0.0, 0.25, 0.5, 1.0]), st.floats(0, 1))
graded = st.sampled_from([0.0, 0.0, 1.0, 1.0, 0.5])


def answers(pairs: Sequence[tuple[float, float]], options: int = 2) -> list[Score]:
    return [
        score(f"s{n}", "A", "A" if value else "B", confidence=sure, value=value, options=options)
        for n, (sure, value) in enumerate(pairs)
    ]


def naive_ece(pairs: list[tuple[float, float]]) -> float:
    """Fifteen bins over what a choice of two can be: .5 to 1."""
    members: dict[int, list[tuple[float, float]]] = {}
    for confidence, value in pairs:
        edges = [n for n in range(15) if (confidence - 0.5) * 2 > n / 15 + 1e-10]
        members.setdefault(max(edges, default=0), []).append((confidence, value))
    return sum(
        len(own) / len(pairs) * abs(fmean(v for _, v in own) - fmean(c for c, _ in own))
        for own in members.values()
    )


def naive_aurc(pairs: list[tuple[float, float]]) -> float:
    """Mean over all orders by falling confidence of the mean risk over all coverages."""
    areas = []
    for order in permutations(pairs):
        if all(a[0] >= b[0] for a, b in pairwise(order)):
            errors = np.cumsum([1 - value for _, value in order])
            areas.append(np.mean(errors / np.arange(1, len(order) + 1)))
    return float(np.mean(areas))


@given(st.lists(st.tuples(levels, graded), min_size=1, max_size=40))
def test_ece_is_the_weighted_gap_of_the_bins(pairs: list[tuple[float, float]]) -> None:
    found = find(calibration(answers(pairs), QUICK), "ece")
    assert found.value == pytest.approx(naive_ece(pairs), abs=1e-12)


def test_ece_brier_and_mean_confidence_agree_with_scikit_learn() -> None:
    generator = np.random.default_rng(0)
    confidence = 0.5 + generator.random(500) / 2
    value = (generator.random(500) < confidence**2).astype(float)
    found = calibration(answers(list(zip(confidence, value, strict=True))), QUICK)
    place = (confidence - 0.5) * 2
    share, mean = calibration_curve(value, place, n_bins=15)
    sizes = np.histogram(place, bins=15, range=(0, 1))[0]
    expected = np.abs(share - (0.5 + mean / 2)) @ sizes[sizes > 0] / 500
    assert find(found, "ece").value == pytest.approx(expected)
    assert find(found, "mean_confidence").value == pytest.approx(confidence.mean())
    assert find(found, "brier").value == pytest.approx(brier_score_loss(value, confidence))


@pytest.mark.parametrize("options", [2, 4, 10])
def test_bins_can_all_be_filled(options: int) -> None:
    sure = np.linspace(1 / options, 1, 500)
    assert set(bins(sure, np.full(500, float(options)))) == set(range(BINS))


def test_a_calibrated_model_shows_the_ece_that_is_foretold() -> None:
    """What noise alone gives, for 200 calibrated models; and 5 % of their p-values are small."""
    generator = np.random.default_rng(3)
    seen, told, small, squared = [], [], 0, []
    for _ in range(200):
        sure = 0.5 + generator.random(120) / 2
        right = (generator.random(120) < sure).astype(float)
        found = calibration(answers(list(zip(sure, right, strict=True))), Settings(replicates=2))
        ece = find(found, "ece")
        assert ece.p is not None
        seen.append(ece.value or 0.0)
        told.append(find(found, "ece_calibrated").value or 0.0)
        small += ece.p <= 0.05
        squared.append(find(found, "calibration_error_squared").value or 0.0)
    error = float(np.std(seen)) / math.sqrt(200)
    assert fmean(seen) == pytest.approx(fmean(told), abs=4 * error)
    assert stats.binom(200, 0.035).ppf(0.001) <= small <= stats.binom(200, 0.065).ppf(0.999)
    assert fmean(squared) == pytest.approx(0, abs=4 * float(np.std(squared)) / math.sqrt(200))


def test_the_debiased_error_is_the_true_one_on_average() -> None:
    """Always sure by .9 and right in .7: a squared error of .04, where the plain one adds noise."""
    generator = np.random.default_rng(4)
    found = [
        find(
            calibration(
                answers([(0.9, float(hit)) for hit in generator.random(60) < 0.7]),
                Settings(replicates=2),
            ),
            "calibration_error_squared",
        ).value
        or 0.0
        for _ in range(200)
    ]
    assert fmean(found) == pytest.approx(0.04, abs=4 * float(np.std(found)) / math.sqrt(200))


def test_overconfidence_is_worse_than_a_calibrated_model() -> None:
    found = find(calibration(answers([(0.95, 1.0), (0.95, 0.0)] * 40), QUICK), "ece")
    assert found.verdict == "worse"
    assert found.value == pytest.approx(0.45)
    assert found.chance is not None
    assert found.chance < 0.1


@settings(deadline=None)
@given(st.lists(st.tuples(levels, graded), min_size=1, max_size=6))
def test_aurc_is_the_mean_risk_over_coverages_and_orders_of_ties(
    pairs: list[tuple[float, float]],
) -> None:
    found = find(calibration(answers(pairs), QUICK), "aurc")
    assert found.value == pytest.approx(naive_aurc(pairs), abs=1e-12)


@given(
    st.lists(st.tuples(levels, graded, st.integers(0, 3)), min_size=1, max_size=25),
    st.lists(st.integers(0, 3), min_size=4, max_size=4),
)
def test_a_cluster_drawn_twice_is_its_questions_twice(
    questions: list[tuple[float, float, int]], draws: list[int]
) -> None:
    columns = [np.array(column) for column in zip(*questions, strict=True)]
    weights = np.array([draws], dtype=float)
    (found,) = aurc(columns[0], 1 - columns[1], columns[2], weights)
    copies = np.repeat(np.arange(len(questions)), [draws[c] for _, _, c in questions])
    if not len(copies):
        assert math.isnan(found)
        return
    alone = np.zeros(len(copies), dtype=int)
    repeated = aurc(columns[0][copies], 1 - columns[1][copies], alone, np.ones((1, 1)))
    assert found == pytest.approx(repeated[0])


def test_uninformative_confidence_has_the_error_rate_as_its_aurc() -> None:
    found = find(calibration(answers([(0.7, 1), (0.7, 0), (0.7, 0), (0.7, 1)]), QUICK), "aurc")
    assert found.value == pytest.approx(0.5)
    assert found.baseline == 0.5


def test_the_interval_resamples_clusters() -> None:
    generator = np.random.default_rng(1)
    confidence = generator.random(80)
    value = (generator.random(80) < 0.6).astype(float)
    once = answers(list(zip(confidence, value, strict=True)))
    twice = [
        score(
            f"{one.sample}/{copy}", "A", one.choice, confidence=one.confidence, cluster=one.cluster
        )
        for one in once
        for copy in range(2)
    ]
    single, copied = (find(calibration(s, QUICK), "ece") for s in (once, twice))
    assert (copied.low, copied.high) == pytest.approx((single.low, single.high))
    assert (copied.n, copied.clusters) == (160, 80)


def test_intervals_cover_the_error_of_a_model_that_is_badly_calibrated() -> None:
    generator = np.random.default_rng(2)
    covered = 0
    for _ in range(120):
        right = (generator.random(200) < 0.7).astype(float)
        found = find(calibration(answers([(0.9, hit) for hit in right]), Settings(replicates=300)),
                     "ece")  # fmt: skip
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= 0.2 <= found.high
    assert covered >= stats.binom(120, 0.92).ppf(0.001)


def test_answers_without_confidence_are_missing_and_refusals_left_out() -> None:
    scores = [
        score("sure", "A", "A", confidence=0.9),
        score("no log-probabilities", "A", "A"),
        score("refused", "A", "abstention"),
        score("cut off", "A", "error"),
    ]
    for found in calibration(scores, QUICK):
        assert (found.n, found.missing) == (1, 2)


def test_without_any_confidence_there_is_nothing_to_report() -> None:
    assert calibration([score("a", "A", "A"), score("b", "A", "B")], QUICK) == []
    assert calibration([], QUICK) == []


def test_answers_that_come_out_alike_five_times_say_no_more_than_one() -> None:
    generator = np.random.default_rng(5)
    sure = 0.5 + generator.random(60) / 2
    right = (generator.random(60) < sure).astype(float)
    once = answers(list(zip(sure, right, strict=True)))
    often = [replace(one, repeat=repeat) for one in once for repeat in range(5)]
    for single, same in zip(calibration(once, QUICK), calibration(often, QUICK), strict=True):
        assert same.n == single.n == 60
        for name in ("value", "low", "high", "p", "baseline", "worst", "best"):
            assert getattr(same, name) == pytest.approx(getattr(single, name)), name
        assert same.verdict == single.verdict


def test_one_of_two_answers_is_right_so_that_both_together_are_never_off() -> None:
    scores = [
        score(f"s{n}", "A", "AB"[repeat], confidence=[0.6, 0.4][repeat], repeat=repeat)
        for n in range(20)
        for repeat in (0, 1)
    ]
    assert find(calibration(scores, QUICK), "ece_calibrated").value == pytest.approx(0)


def test_the_debiased_error_is_that_of_kumar_where_confidences_are_equal() -> None:
    found = find(calibration(answers([(0.9, 1.0)] * 14 + [(0.9, 0.0)] * 6), QUICK),
                 "calibration_error_squared")  # fmt: skip
    assert found.value == pytest.approx(0.2**2 - 0.7 * 0.3 / 19)


def test_the_debiased_error_has_no_bias_where_clusters_are_all_or_nothing() -> None:
    generator = np.random.default_rng(6)
    found = []
    for _ in range(200):
        hits = np.repeat(generator.random(20) < 0.8, 4)
        scores = [
            score(f"s{n}", "A", "A" if hit else "B", confidence=0.8, cluster=f"c{n // 4}")
            for n, hit in enumerate(hits)
        ]
        squared = find(calibration(scores, Settings(replicates=2)), "calibration_error_squared")
        found.append(squared.value or 0.0)
    assert fmean(found) == pytest.approx(0, abs=4 * float(np.std(found)) / math.sqrt(200))


def test_brier_is_set_against_the_constant_that_does_best() -> None:
    value = np.array([1.0] * 30 + [0.0] * 10)
    for sure, verdict in (((0.95, 0.55), "shown"), ((0.55, 0.95), "worse")):
        confidence = np.where(value == 1, *sure)
        found = find(calibration(answers(list(zip(confidence, value, strict=True))), QUICK),
                     "brier")  # fmt: skip
        assert found.constant == found.baseline
        assert found.constant == pytest.approx(brier_score_loss(value, np.full(40, 0.75)))
        assert found.verdict == verdict


@pytest.mark.parametrize(("sure", "verdict"), [((0.9, 0.6), "shown"), ((0.6, 0.9), "worse")])
def test_aurc_is_judged_against_a_confidence_that_says_nothing(
    sure: tuple[float, float], verdict: str
) -> None:
    pairs = [(sure[0], 1.0), (sure[1], 0.0)] * 20
    found = find(calibration(answers(pairs), Settings(replicates=200)), "aurc")
    assert found.verdict == verdict
    assert found.p is not None
    assert found.p <= 0.05
    few = find(calibration(answers(pairs[:8]), Settings(replicates=200)), "aurc")
    assert few.verdict == "not measured"


def test_a_confidence_that_says_nothing_is_seldom_found_to_say_something() -> None:
    generator = np.random.default_rng(7)
    judged = 0
    for _ in range(100):
        pairs = zip(generator.random(80), (generator.random(80) < 0.7).astype(float), strict=True)
        judged += find(calibration(answers(list(pairs)), Settings(replicates=200)),
                       "aurc").verdict != "not shown"  # fmt: skip
    assert judged <= stats.binom(100, 0.065).ppf(0.999)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.floats(0, 1), graded), min_size=1, max_size=12),
    st.lists(st.tuples(st.floats(0, 1), st.sampled_from([0.0, 1.0])), min_size=1, max_size=4),
)
def test_no_missing_answer_could_lead_beyond_worst_and_best(
    known: list[tuple[float, float]], missing: list[tuple[float, float]]
) -> None:
    partly = replace(answers(known)[0], repeat=1)
    whole = [*answers([*known, *missing]), partly]
    cut = [
        replace(one, outcome="error", value=None, confidence=None) if number >= len(known) else one
        for number, one in enumerate(whole)
    ]
    open_, full = (calibration(scores, Settings(replicates=2)) for scores in (cut, whole))
    for metric in ("ece", "aurc", "brier"):
        ends, true = find(open_, metric), find(full, metric)
        assert (ends.best or 0.0) - 1e-9 <= (true.value or 0.0) <= (ends.worst or 0.0) + 1e-9
        assert ends.missing == len(missing) + 1


def test_what_is_missing_leaves_open_whether_an_error_is_worse() -> None:
    scores = answers([(0.95, 1.0), (0.95, 0.0)] * 10)
    lost = [score(f"lost {n}", "A", "error") for n in range(20)]
    assert find(calibration(scores, QUICK), "ece").verdict == "worse"
    assert find(calibration([*scores, *lost], QUICK), "ece").verdict == "not measured"

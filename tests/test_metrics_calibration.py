"""Calibration metrics, against their definitions and scikit-learn."""

import math
from itertools import pairwise, permutations
from statistics import fmean

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve

from medtrust.metrics.aurc import aurc, rank
from medtrust.metrics.calibration import calibration
from medtrust.metrics.metric import Resampling
from medtrust.records import Score
from metric_scores import find, score

QUICK = Resampling(replicates=50)

# Few levels make ties; many make none.
levels = st.one_of(st.sampled_from([0.0, 0.25, 0.5, 1.0]), st.floats(0, 1))
graded = st.sampled_from([0.0, 0.0, 1.0, 1.0, 0.5])


def answers(pairs: list[tuple[float, float]]) -> list[Score]:
    return [
        score(f"s{n}", "A", "A" if value else "B", confidence=confidence, value=value)
        for n, (confidence, value) in enumerate(pairs)
    ]


def naive_ece(pairs: list[tuple[float, float]]) -> float:
    members: dict[int, list[tuple[float, float]]] = {}
    for confidence, value in pairs:
        edges = [number for number in range(15) if confidence > number / 15]
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


def test_ece_agrees_with_scikit_learn() -> None:
    generator = np.random.default_rng(0)
    confidence = generator.random(500)
    value = (generator.random(500) < confidence**2).astype(float)
    found = calibration(answers(list(zip(confidence, value, strict=True))), QUICK)
    share, mean = calibration_curve(value, confidence, n_bins=15)
    sizes = np.histogram(confidence, bins=15, range=(0, 1))[0]
    expected = np.abs(share - mean) @ sizes[sizes > 0] / 500
    assert find(found, "ece").value == pytest.approx(expected)
    assert find(found, "mean_confidence").value == pytest.approx(confidence.mean())


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
    (found,) = aurc(rank(columns[0], 1 - columns[1], columns[2]), weights)
    copies = np.repeat(np.arange(len(questions)), [draws[c] for _, _, c in questions])
    if not len(copies):
        assert math.isnan(found)
        return
    repeated = rank(columns[0][copies], 1 - columns[1][copies], np.zeros(len(copies), dtype=int))
    assert found == pytest.approx(aurc(repeated, np.ones((1, 1)))[0])


def test_uninformative_confidence_has_the_error_rate_as_its_aurc() -> None:
    found = find(calibration(answers([(0.7, 1), (0.7, 0), (0.7, 0), (0.7, 1)]), QUICK), "aurc")
    assert found.value == found.baseline == 0.5


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


def test_aurc_bounds_are_percentiles_of_a_plain_loop() -> None:
    generator = np.random.default_rng(2)
    questions = [(round(c, 1), float(v)) for c, v in generator.random((30, 2)).round(1)]
    pairs = [(c, float(v > 0.4)) for c, v in questions]
    found = find(calibration(answers(pairs), Resampling(replicates=40, seed=7)), "aurc")
    draws = np.random.default_rng(7)
    names = sorted(range(30), key=lambda n: f"s{n}")  # clusters are coded by name
    areas = []
    for _ in range(40):
        drawn = [pairs[names[code]] for code in draws.integers(30, size=30)]
        confidence, value = (np.array(column) for column in zip(*drawn, strict=True))
        ranking = rank(confidence, 1 - value, np.zeros(30, dtype=int))
        areas.append(aurc(ranking, np.ones((1, 1)))[0])
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(areas, [0.025, 0.975])))


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

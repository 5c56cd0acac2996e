"""Intervals of rates and differences: against SciPy, statsmodels and plain matrices."""

from collections import Counter
from math import log
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import binomtest
from scipy.stats import t as student
from statsmodels.stats.contingency_tables import mcnemar as their_mcnemar
from statsmodels.stats.proportion import proportion_confint

from medtrust.metrics.accuracy import ACCURACY
from medtrust.metrics.evidence import Difference, Rate, difference, rate
from medtrust.metrics.pairs import PAIRS
from medtrust.metrics.robust import cr2
from medtrust.metrics.student import quantile, within
from medtrust.metrics.tango import exact_mcnemar, mcnemar, tango
from medtrust.metrics.verdict import bounds_of
from medtrust.metrics.wilson import Z, score_p, wilson
from medtrust.records import Estimate, Score
from metric_scores import estimates, find, gpt4o, mediconfusion, pair, score

Floats = NDArray[np.float64]


# Wilson's interval.


@given(st.integers(1, 400), st.data())
def test_wilsons_bounds_are_those_of_scipy(n: int, data: st.DataObject) -> None:
    k = data.draw(st.integers(0, n))
    expected = binomtest(k, n).proportion_ci(method="wilson")
    assert wilson(k / n, n) == pytest.approx((expected.low, expected.high), abs=1e-9)


@given(st.floats(0, 1), st.floats(0.5, 1e5))
def test_an_effective_number_need_not_be_whole(share: float, n: float) -> None:
    expected = proportion_confint(share * n, n, method="wilson")
    assert wilson(share, n) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(("share", "n"), [(0.5, 0), (-0.1, 5), (1.1, 5), (float("nan"), 5)])
def test_what_is_no_proportion_is_refused(share: float, n: float) -> None:
    with pytest.raises(ValueError, match="no proportion"):
        wilson(share, n)
    with pytest.raises(ValueError, match="level"):
        wilson(0.5, 5, level=1)


@given(st.floats(0, 1), st.floats(1, 1000), st.floats(0.01, 0.99))
def test_the_score_test_rejects_what_is_outside_of_wilsons_interval(
    share: float, n: float, null: float
) -> None:
    low, high = wilson(share, n)
    if min(abs(null - low), abs(null - high)) > 1e-6:
        assert (score_p(share, n, null) > 0.05) == (low < null < high)


@given(st.floats(1, 500), st.floats(0, 1), st.floats(0, 1))
def test_wilsons_bounds_rise_with_the_share(n: float, one: float, other: float) -> None:
    less, more = (wilson(share, n) for share in sorted((one, other)))
    assert less[0] <= more[0] + 1e-12
    assert less[1] <= more[1] + 1e-12


# The interval of a rate, as estimates show it.


def solved(count: int, out_of: int) -> list[Score]:
    return [score(f"s{n}", "A", "AB"[n >= count]) for n in range(out_of)]


def accuracy(count: int, out_of: int) -> Estimate:
    return find(estimates(ACCURACY, solved(count, out_of)), "accuracy")


def test_one_of_300_is_never_known_to_be_rarer_than_none() -> None:
    """Was [0, 1.26] for none, and [0, 1.00] for one."""
    none, one = accuracy(0, 300), accuracy(1, 300)
    assert (none.low, none.value) == (0, 0)
    assert none.high == pytest.approx(0.01264, abs=1e-5)
    assert (one.high or 0) > (none.high or 0)
    assert 0 < (one.low or 0) < 1 / 300
    assert one.interval == "wilson (correlation 0.1, design effect 1); questions like these"


def test_one_solved_pair_never_shrinks_the_bound_of_none(shared_data: Path) -> None:
    """Was [0, 6.21] for none of 176, and [0, 2.11] for one, whichever of them it is."""
    wrong = dict.fromkeys(gpt4o(shared_data), ("A", "A"))
    scores = mediconfusion(shared_data, "corrected", wrong)
    targets = {one.sample: one.target for one in scores}
    none = find(estimates(PAIRS, scores, rho=0.12), "set_accuracy")
    # One pair of the largest cluster, of a middling and of the smallest one.
    sizes = Counter(one.cluster for one in scores).most_common()
    for cluster in (sizes[0][0], sizes[3][0], sizes[-1][0]):
        name = next(one.pair for one in scores if one.cluster == cluster)
        right = (targets[f"mediconfusion:{name}/1"], targets[f"mediconfusion:{name}/2"])
        some = mediconfusion(shared_data, "corrected", {**wrong, name: right})
        one = find(estimates(PAIRS, some, rho=0.12), "set_accuracy")
        assert (none.value, one.value) == (0, 1 / 176)
        assert (one.high or 0) > (none.high or 0) > 0.03
        assert (one.low or 0) > 0


def test_an_interval_exists_for_five_pairs() -> None:
    for solved_ones in range(6):
        scores = [
            s for n in range(5) for s in pair(f"p{n}", "AB", "AB" if n < solved_ones else "AA")
        ]
        one = find(estimates(PAIRS, scores), "set_accuracy")
        assert one.value is not None
        assert one.low is not None
        assert one.high is not None
        assert 0 <= one.low <= one.value <= one.high <= 1
        assert one.high - one.low > 0.4


@settings(max_examples=50)
@given(st.lists(st.integers(1, 9), min_size=2, max_size=12), st.floats(0, 1))
def test_clusters_count_by_kishs_design_effect(sizes: list[int], rho: float) -> None:
    cluster = np.repeat(np.arange(len(sizes)), sizes)
    n = len(cluster)
    design = rate(np.zeros(n), np.ones(n), cluster).design
    mean = sum(size * size for size in sizes) / n
    assert design.effect(rho) == pytest.approx(1 + (mean - 1) * rho)
    assert n * design.factor(rho) <= n + 1e-9


def test_intervals_of_graded_answers_are_narrower_and_never_none() -> None:
    cluster = np.arange(40)
    near = np.tile([0.5, 0.6], 20)
    graded = bounds_of(rate(near, np.ones(40), cluster), 0.1)
    plain = wilson(0.55, 40)
    assert 0.02 < graded.high - graded.low < 0.6 * (plain[1] - plain[0])
    same = bounds_of(rate(np.full(5, 0.5), np.ones(5), np.arange(5)), 0.1)
    assert same.high - same.low > 0.1


# The cluster-robust interval.


def by_matrices(value: Floats, cluster: NDArray[np.intp]) -> tuple[float, float]:
    """CR2 standard error and Bell and McCaffrey's degrees of freedom of a mean, by the book."""
    n = len(value)
    x = np.ones((n, 1))
    inverse = np.linalg.inv(x.T @ x)
    hat = np.eye(n) - x @ inverse @ x.T
    residual = hat @ value
    variance, columns = 0.0, []
    for code in np.unique(cluster):
        own = np.flatnonzero(cluster == code)
        roots, vectors = np.linalg.eigh(hat[np.ix_(own, own)])
        adjust = vectors @ np.diag(roots**-0.5) @ vectors.T
        score_of = inverse @ x[own].T @ adjust
        variance += (score_of @ residual[own]).item() ** 2
        columns.append((score_of @ hat[own]).ravel())
    spread = np.array(columns) @ np.array(columns).T
    return variance**0.5, np.trace(spread) ** 2 / np.trace(spread @ spread)


@settings(max_examples=50)
@given(st.lists(st.integers(1, 6), min_size=2, max_size=8), st.integers(0, 1000))
def test_robust_errors_are_those_of_bell_and_mccaffrey(sizes: list[int], seed: int) -> None:
    cluster = np.repeat(np.arange(len(sizes)), sizes)
    value = np.random.default_rng(seed).random(len(cluster))
    robust = rate(value, np.ones(len(cluster)), cluster).design.robust
    assert robust is not None
    error, df = by_matrices(value, cluster)
    assert (robust.error, robust.df) == pytest.approx((error, df))
    assert robust.half >= error * student.ppf(0.975, df) * (1 - 1e-9)
    assert robust.p(2 * error) == pytest.approx(2 * student.sf(2, df), abs=1e-6)


def test_one_cluster_has_no_robust_error() -> None:
    assert cr2(np.array([0.0]), np.array([5.0])) is None
    assert cr2(np.array([0.0, 0.0]), np.array([5.0, 0.0])) is None


def test_where_clusters_differ_much_the_wider_interval_is_shown() -> None:
    scores = [
        score(f"s{n}", "AB"[n % 2], "AB"[(n + n // 20) % 2], cluster=f"c{n // 20}")
        for n in range(240)
    ]
    low, high = wilson(0.5, 240 / (1 + 19 * 0.05))
    found = find(estimates(ACCURACY, scores, rho=0.05), "accuracy")
    assert found.interval.startswith("cluster-robust (CR2")
    assert (found.low or 1) < low
    assert (found.high or 0) > high
    assert (found.high or 0) - (found.low or 0) > 1.3 * (high - low)
    assert found.p == 1


# Student's distribution.


@pytest.mark.parametrize("df", [1, 1.5, 2, 3.7, 10, 29.5, 100, 5000])
@pytest.mark.parametrize("level", [0.5, 0.95, 0.99])
def test_students_quantiles_are_those_of_scipy(df: float, level: float) -> None:
    expected = student.ppf((1 + level) / 2, df)
    assert quantile(df, level) == pytest.approx(expected, rel=1e-6)
    assert within(expected, df) == pytest.approx(level, abs=1e-7)


# Tango's interval.


def likelihood_score(gained: float, lost: float, n: float, apart: float) -> float:
    """The score statistic of a paired difference, with the likelihood maximised by search."""

    def against(rare: float) -> float:
        shares = (rare + apart, rare, 1 - 2 * rare - apart)
        counts = (gained, lost, n - gained - lost)
        return -sum(k * log(max(p, 1e-300)) for k, p in zip(counts, shares, strict=True) if k)

    ends = (max(0.0, -apart), (1 - apart) / 2)
    rare = minimize_scalar(against, bounds=ends, method="bounded", options={"xatol": 1e-12}).x
    variance = n * (2 * rare + apart - apart**2)
    return float((gained - lost - n * apart) / variance**0.5)


@pytest.mark.parametrize(
    ("gained", "lost", "n"),
    [(10, 2, 50), (1, 4, 30), (30, 25, 120), (12, 1, 300), (7.5, 2.5, 41.5), (5, 5, 10)],
)
def test_tangos_bounds_solve_the_score_equation(gained: float, lost: float, n: float) -> None:
    value = (gained - lost) / n

    def equation(apart: float, sign: int) -> float:
        return likelihood_score(gained, lost, n, apart) - sign * Z

    low = brentq(equation, -0.9999, value, args=(1,))
    high = brentq(equation, value, 0.9999, args=(-1,))
    assert tango(gained, lost, n) == pytest.approx((low, high), abs=1e-5)


counts = st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40)).filter(any)


@given(counts)
def test_tangos_bounds_hold_the_value_and_stay_within_one(some: tuple[int, int, int]) -> None:
    gained, lost, same = some
    n = gained + lost + same
    low, high = tango(gained, lost, n)
    assert -1 <= low <= (gained - lost) / n <= high <= 1
    assert low < high
    assert tango(lost, gained, n) == pytest.approx((-high, -low), abs=1e-9)


@given(counts, st.sampled_from(["gained", "lost"]), st.floats(0.05, 1))
def test_one_more_event_never_turns_tangos_bounds_back(
    some: tuple[int, int, int], more: str, factor: float
) -> None:
    """At a given design effect: of the units that were the same, one is now gained or lost."""
    gained, lost, same = (count * factor for count in some)
    n = gained + lost + same + factor
    before = tango(gained, lost, n)
    moved = (gained + factor, lost) if more == "gained" else (gained, lost + factor)
    after = tango(*moved, n)
    for then, now in zip(before, after, strict=True):
        assert (now >= then - 1e-9) if more == "gained" else (now <= then + 1e-9)


@given(st.integers(0, 60), st.integers(0, 60))
def test_tests_of_no_change_are_those_of_statsmodels(gained: int, lost: int) -> None:
    table = [[20, gained], [lost, 20]]
    exact = their_mcnemar(table, exact=True).pvalue
    assert exact_mcnemar(gained, lost) == pytest.approx(exact, abs=1e-12)
    if gained + lost:
        plain = their_mcnemar(table, exact=False, correction=False).pvalue
        assert mcnemar(gained, lost) == pytest.approx(plain, abs=1e-12)
    else:
        assert mcnemar(0, 0) == 1


@given(counts)
def test_the_score_test_of_no_change_rejects_where_tangos_interval_leaves_zero(
    some: tuple[int, int, int],
) -> None:
    gained, lost, same = some
    low, high = tango(gained, lost, gained + lost + same)
    if min(abs(low), abs(high)) > 1e-6:
        assert (mcnemar(gained, lost) > 0.05) == (low < 0 < high)


# Any rate, any difference.

units = st.lists(
    st.tuples(st.sampled_from([0.0, 0.25, 1.0]), st.integers(1, 2), st.integers(0, 4)),
    min_size=1,
    max_size=20,
)


@settings(max_examples=60)
@given(units, st.floats(0, 1), st.booleans())
def test_bounds_hold_the_value_whatever_the_data(
    drawn: list[tuple[float, int, int]], rho: float, paired: bool
) -> None:
    value, weight, cluster = (np.array(column) for column in zip(*drawn, strict=True))
    of: Rate | Difference
    if paired:
        of = difference(2 * value - 1, weight.astype(float), cluster)
    else:
        of = rate(value, weight.astype(float), cluster)
    low, high, _ = bounds_of(of, rho)
    assert (-1.0 if paired else 0.0) <= low <= of.value <= high <= 1
    assert low < high

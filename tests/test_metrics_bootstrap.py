"""The cluster bootstrap, against SciPy's and its own definition."""

import numpy as np
import pytest
from scipy import stats

from medtrust.metrics.bootstrap import multiplicities, p_value, percentile
from medtrust.metrics.metric import Settings


def drawn(clusters: int, settings: Settings) -> np.typing.NDArray[np.float64]:
    return np.concatenate([*multiplicities(clusters, settings)])


@pytest.mark.parametrize("clusters", [1, 2, 7, 300])
def test_as_many_clusters_are_drawn_as_there_are(clusters: int) -> None:
    found = drawn(clusters, Settings(replicates=1500, seed=3))
    assert found.shape == (1500, clusters)
    assert (found.sum(axis=1) == clusters).all()
    assert (found >= 0).all()


def test_the_seed_fixes_the_draws() -> None:
    one, same, other = (drawn(9, Settings(replicates=20, seed=seed)) for seed in (5, 5, 6))
    assert (one == same).all()
    assert (one != other).any()


def test_bounds_agree_with_scipy() -> None:
    sizes = np.random.default_rng(1).integers(1, 9, 60).astype(float)
    hits = np.floor(sizes * np.random.default_rng(2).random(60))
    times = drawn(60, Settings(replicates=9000, seed=4))
    found = percentile(hits.sum() / sizes.sum(), (times @ hits) / (times @ sizes), 60)
    expected = stats.bootstrap(
        (hits, sizes),
        lambda top, bottom, axis: top.sum(axis=axis) / bottom.sum(axis=axis),
        paired=True,
        vectorized=True,
        n_resamples=9000,
        method="percentile",
        rng=np.random.default_rng(5),
    ).confidence_interval
    width = expected.high - expected.low
    # The error of a 2.5 % quantile of 9,000 draws is below 1 % of the width.
    assert found.low == pytest.approx(expected.low, abs=0.05 * width)
    assert found.high == pytest.approx(expected.high, abs=0.05 * width)


def test_replicates_that_all_agree_prove_no_certainty() -> None:
    found = percentile(1.0, np.ones(100), 30)
    assert found.low == pytest.approx(stats.binomtest(30, 30).proportion_ci(method="wilson").low)
    assert found.high == 1


def test_the_value_is_inside_and_what_is_no_number_left_out() -> None:
    found = percentile(0.9, np.array([0.1, 0.2, np.nan, 0.3]), 5)
    assert (found.low or 0) < 0.2
    assert found.high == 0.9


@pytest.mark.parametrize(("replicates", "clusters"), [([0.5, 0.6], 1), ([np.nan], 9), ([], 9)])
def test_without_two_clusters_or_any_number_there_is_no_interval(
    replicates: list[float], clusters: int
) -> None:
    assert percentile(0.5, np.array(replicates), clusters)[:3] == (0.5, None, None)


def test_how_many_are_drawn_at_once_changes_no_draw() -> None:
    chosen = Settings(replicates=300, seed=8)
    small = np.concatenate([*multiplicities(7, chosen, units=1 << 19)])
    assert (small == drawn(7, chosen)).all()


@pytest.mark.parametrize("mean", [0.0, 0.15, 0.2, 0.25, -0.2, 3.0])
def test_p_is_small_where_the_interval_excludes_zero(mean: float) -> None:
    differences = np.random.default_rng(9).normal(mean, 0.1, 2000)
    low, high = np.quantile(differences, [0.025, 0.975])
    p = p_value(differences)
    assert (p <= 0.05) == (low > 0 or high < 0)
    assert p == pytest.approx(2 * stats.norm.sf(abs(mean) / 0.1), abs=0.03)


def test_no_difference_in_any_draw_is_no_evidence() -> None:
    assert p_value(np.zeros(100)) == 1

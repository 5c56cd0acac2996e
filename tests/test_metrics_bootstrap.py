"""The bootstrap and Wilson intervals, against SciPy and against a plain loop."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from medtrust.metrics.products import bits_of, packed, unpacked
from scipy import stats

from medtrust.metrics import bootstrap
from medtrust.metrics.accuracy import accuracy
from medtrust.metrics.bootstrap import interval, multiplicities, replicate_sums
from medtrust.metrics.metric import Resampling
from medtrust.metrics.wilson import wilson
from metric_scores import find, mediconfusion, score


@given(st.integers(1, 500), st.floats(0, 1), st.floats(0.5, 0.999))
def test_wilson_agrees_with_scipy(n: int, share: float, level: float) -> None:
    k = round(share * n)
    expected = stats.binomtest(k, n).proportion_ci(confidence_level=level, method="wilson")
    assert wilson(k, n, level) == pytest.approx((expected.low, expected.high), abs=1e-9)


@pytest.mark.parametrize(
    ("k", "low", "high"),
    [(52, 23.3, 36.7), (33, 13.7, 25.2), (8, 2.3, 8.7), (2, 0.3, 4.0)],
)
def test_wilson_of_published_set_accuracies(k: int, low: float, high: float) -> None:
    """The table in mediconfusion.md 2.4."""
    assert [round(100 * bound, 1) for bound in wilson(k, 176)] == [low, high]


@pytest.mark.parametrize(("k", "n"), [(0, 0), (-1, 5), (6, 5)])
def test_wilson_refuses_what_is_no_proportion(k: int, n: int) -> None:
    with pytest.raises(ValueError, match="no proportion"):
        wilson(k, n)


def test_multiplicities_draw_as_many_clusters_as_there_are() -> None:
    resampling = Resampling(replicates=30_000, seed=1)
    counts = np.concatenate(list(multiplicities(40, resampling)))
    assert counts.shape == (30_000, 40)
    assert set(counts.sum(axis=1)) == {40}
    assert counts.mean() == 1
    assert counts.var() == pytest.approx(1 - 1 / 40, abs=0.01)  # of a binomial (40, 1/40)


def test_the_seed_fixes_the_draws() -> None:
    one, same, other = (
        np.concatenate(list(multiplicities(9, Resampling(replicates=20, seed=seed))))
        for seed in (5, 5, 6)
    )
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


@given(st.integers(2, 30), st.integers(1, 4), st.integers(0, 99))
def test_replicates_equal_a_loop_over_redrawn_clusters(
    clusters: int, width: int, seed: int
) -> None:
    sums = np.random.default_rng(seed).random((clusters, width))
    draws = np.random.default_rng(seed)
    expected = [
        sum(sums[drawn] for drawn in draws.integers(clusters, size=clusters)) for _ in range(7)
    ]
    found = replicate_sums(sums, Resampling(replicates=7, seed=seed))
    assert found == pytest.approx(np.array(expected))


def test_merging_equal_clusters_keeps_the_distribution(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few kinds of clusters are drawn by kind; a column of noise forces single draws."""
    monkeypatch.setattr(bootstrap, "KEPT", 0)
    generator = np.random.default_rng(3)
    sums = generator.integers(0, 3, size=(3000, 1)) * np.array([[1.0, 2.0]])
    resampling = Resampling(replicates=4000)
    merged = replicate_sums(sums, resampling)[:, 0]
    noise = generator.random((3000, 1))
    single = replicate_sums(np.hstack([sums, noise]), resampling)[:, 0]
    assert merged.mean() == pytest.approx(sums[:, 0].sum(), rel=0.002)
    assert stats.ks_2samp(merged, single).pvalue > 0.01


def test_kept_multiplicities_are_those_that_would_be_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sums = np.random.default_rng(0).random((50, 3))
    kept = replicate_sums(sums, Resampling(replicates=100, seed=7))
    monkeypatch.setattr(bootstrap, "KEPT", 0)
    assert np.array_equal(kept, replicate_sums(sums, Resampling(replicates=100, seed=7)))


def test_whole_sums_are_exact_beside_others() -> None:
    """They go through single precision, up to where it would round."""
    draws = np.random.default_rng(1)
    sums = np.column_stack(
        [draws.integers(0, 9, 400), draws.random(400), draws.integers(0, 1 << 40, 400)]
    ).astype(np.float64)
    resampling = Resampling(replicates=50)
    (counts,) = multiplicities(400, resampling)
    found = replicate_sums(sums, resampling)
    assert np.array_equal(found[:, [0, 2]], (counts @ sums)[:, [0, 2]])
    assert found == pytest.approx(counts @ sums, rel=1e-12)


@given(st.integers(1, 40), st.integers(1, 30), st.integers(0, 99))
def test_packed_columns_come_out_whole(clusters: int, width: int, seed: int) -> None:
    """However many fit in a row, zeros, large ones and ones that are not whole among them."""
    draws = np.random.default_rng(seed)
    sums = np.floor(2.0 ** draws.uniform(-2, 46, (clusters, width)))
    sums[:, draws.random(width) < 0.2] += 0.5
    sums[:, draws.random(width) < 0.2] *= -1
    table, places = packed(sums, bits_of(sums, clusters))
    drawn = draws.multinomial(clusters, np.full(clusters, 1 / clusters), 20)
    totals = table @ drawn.T
    for place, column in zip(places, sums.T, strict=True):
        expected = [sum(int(n) * c for n, c in zip(row, column, strict=True)) for row in drawn]
        found = unpacked(totals[place.row], place)
        whole = (column == np.rint(column)).all() and (column >= 0).all()
        assert found.tolist() == expected if whole else found == pytest.approx(np.array(expected))


def test_interval_of_independent_units_agrees_with_scipy() -> None:
    right = np.random.default_rng(0).random(120) < 0.3
    scores = [score(f"s{n}", "A", "A" if hit else "B") for n, hit in enumerate(right)]
    found = find(accuracy(scores, Resampling(replicates=20_000)), "accuracy")
    expected = stats.bootstrap(
        (right.astype(float),), np.mean, n_resamples=20_000, method="percentile", rng=1
    ).confidence_interval
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=0.01)


def test_units_of_one_cluster_move_together() -> None:
    """Ten copies of each answer in its cluster carry no more information than one."""
    right = np.random.default_rng(0).random(60) < 0.5
    once = [score(f"s{n}", "A", "A" if hit else "B") for n, hit in enumerate(right)]
    tenfold = [
        score(f"s{n}/{copy}", "A", one.choice, cluster=one.cluster)
        for n, one in enumerate(once)
        for copy in range(10)
    ]
    single, copied = (find(accuracy(s, Resampling()), "accuracy") for s in (once, tenfold))
    assert (single.low, single.high) == (copied.low, copied.high)
    assert (single.clusters, copied.clusters, copied.n) == (60, 60, 600)


def test_design_effect_of_shared_images_and_articles(shared_data: Path) -> None:
    """1.31 for GPT-4o's set accuracy (mediconfusion.md 2.4)."""
    solved: dict[str, bool] = {}
    cluster: dict[str, str] = {}
    for one in mediconfusion(shared_data, "corrected"):
        solved[one.pair] = solved.get(one.pair, True) and one.choice == one.target
        cluster[one.pair] = one.cluster
    names = sorted(set(cluster.values()))
    grouped = np.zeros((len(names), 2))
    for pair, hit in solved.items():
        grouped[names.index(cluster[pair])] += [hit, 1]
    single = np.array([[hit, 1.0] for hit in solved.values()])
    variances = [
        np.var(sums[:, 0] / sums[:, 1])
        for sums in (replicate_sums(s, Resampling(replicates=20_000)) for s in (grouped, single))
    ]
    assert variances[0] / variances[1] == pytest.approx(1.31, abs=0.05)


def test_no_interval_from_one_cluster_or_from_nothing() -> None:
    replicates = np.array([0.2, 0.4])
    assert interval(0.3, replicates, clusters=1)[1:] == (None, None)
    assert interval(None, np.array([np.nan]), clusters=0) == (None, None, None)


def test_replicates_with_an_empty_denominator_are_left_out() -> None:
    found = interval(0.5, np.array([np.nan, 0.25, 0.75, np.nan]), clusters=3)
    assert (found.low, found.high) == pytest.approx((0.2625, 0.7375))


@given(
    st.integers(0, 99),
    st.integers(2, 3000),
    st.sampled_from(["beta", "few", "one-sided", "outlier"]),
)
def test_the_ends_of_an_interval_are_numpys_quantiles(seed: int, size: int, kind: str) -> None:
    draws = np.random.default_rng(seed)
    replicates = {
        "beta": draws.beta(2, 5, size),
        "few": draws.integers(0, 3, size) / 3,
        "one-sided": np.where(draws.random(size) < 0.98, 1.0, draws.random(size)),
        "outlier": np.append(draws.random(size - 1) * 1e-3, 1.0),
    }[kind]
    found = interval(0.5, replicates, clusters=9)
    if np.ptp(replicates):
        assert found[1:] == pytest.approx(tuple(np.quantile(replicates, [0.025, 0.975])), rel=1e-12)


def test_columns_seen_before_have_the_same_replicates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether they are remembered, or forgotten for others since."""
    monkeypatch.setattr(bootstrap, "REMEMBERED", 2)
    draws = np.random.default_rng(4)
    sums = np.hstack([draws.integers(0, 3, (60, 4)), draws.random((60, 1))]).astype(np.float64)
    resampling = Resampling(replicates=90, seed=11)
    whole = replicate_sums(sums, resampling)
    for columns in ([0, 1], [1, 0, 4], [2, 3], [1, 1, 2]):
        assert np.array_equal(replicate_sums(sums[:, columns], resampling), whole[:, columns])


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_agreeing_replicates_fall_back_to_wilson_over_clusters(share: float) -> None:
    found = interval(share, np.full(100, share), clusters=20)
    assert (found.low, found.high) == wilson(20 * share, 20)

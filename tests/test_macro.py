"""Means over the datasets of a benchmark, and intervals put together from others."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from statsmodels.stats.proportion import confint_proportions_2indep

from medtrust.metrics.macro import macro, verdict_of
from medtrust.metrics.mover import difference, mean
from medtrust.metrics.verdict import Interval
from medtrust.metrics.wilson import wilson
from medtrust.records import Estimate, Verdict

TABLE_15 = {
    "LLaVA-Med": ([66.61, 46.32, 38.50, 35.55, 34.70, 36.33, 24.74], 40.39),
    "Med-Flamingo": ([26.74, 20.94, 21.77, 24.65, 61.90, 21.39, 25.74], 29.02),
    "MedVInT": ([73.34, 30.59, 27.39, 22.00, 61.90, 25.72, 34.22], 39.31),
    "RadFM": ([26.67, 35.81, 36.11, 19.45, 20.50, 25.73, 28.32], 27.51),
    "LLaVA-v1.6": ([48.39, 33.60, 37.89, 28.50, 31.54, 19.76, 26.29], 32.28),
    "Qwen-VL-Chat": ([31.17, 23.78, 33.06, 48.10, 61.80, 14.85, 24.15], 33.84),
}
"""Factuality on seven datasets and the printed average (cares.md 1.2)."""

AED_SEX = {
    "LLaVA-Med": ([0.10, 0.54, 6.81, 3.38], 2.7),
    "Med-Flamingo": ([0.68, 0.16, 2.22, 3.49], 1.6),
    "MedVInT": ([0.13, 0.24, 2.11, 0.62], 0.8),
    "RadFM": ([1.11, 0.25, 4.29, 5.21], 2.7),
    "LLaVA-v1.6": ([0.50, 0.08, 3.12, 3.84], 1.9),
    "Qwen-VL-Chat": ([0.13, 0.25, 3.35, 0.33], 1.0),
}
"""Differences between the sexes on four datasets and the leaderboard's mean (1.3, 1.7)."""


def row(dataset: str, value: float | None = 0.5, **more: Any) -> Estimate:
    plain = Estimate(
        model="m",
        task="cares/factuality",
        dataset=dataset,
        metric="factuality",
        protocol="corrected",
        value=value,
        low=None,
        high=None,
        n=10,
        missing=1,
        clusters=5,
    )
    return replace(plain, **more)


@pytest.mark.parametrize("model", TABLE_15)
def test_printed_averages_are_plain_means(model: str) -> None:
    values, printed = TABLE_15[model]
    (found,) = macro([row(f"cares/{n}", value / 100) for n, value in enumerate(values)])
    assert found.value == pytest.approx(printed / 100, abs=0.00006)
    assert found.dataset == "cares (mean of 7)"


@pytest.mark.parametrize("model", AED_SEX)
def test_leaderboard_differences_between_the_sexes_are_plain_means(model: str) -> None:
    values, printed = AED_SEX[model]
    rows = [row(f"cares/{n}", value / 100, group_by="sex") for n, value in enumerate(values)]
    (found,) = macro(rows)
    assert found.value == pytest.approx(printed / 100, abs=0.00051)


def test_counts_are_summed_and_baselines_averaged_where_all_have_them() -> None:
    rows = [
        row("cares/a", 0.2, baseline=0.5, chance=0.5, constant=0.4, n=100, clusters=50, worst=0.1),
        row("cares/b", 0.6, baseline=0.9, chance=0.5, missing=3, p=0.01, worst=0.2, best=0.8),
    ]
    (found,) = macro(rows)
    assert (found.value, found.n, found.missing, found.clusters) == (0.4, 110, 4, 55)
    assert (found.baseline, found.chance, found.constant) == (0.7, 0.5, None)
    assert found.worst == pytest.approx(0.15)
    assert found.best is None
    # Its baselines were answered dataset by dataset.
    assert (found.p, found.verdict) == (None, "")


def test_means_are_within_a_result_and_a_benchmark() -> None:
    rows = [
        row("cares/a"),
        row("cares/b"),
        row("cares/a", metric="true_positives", value=3.0),
        row("cares/b", metric="true_positives", value=1.0),
        row("cares/a", metric="of no installed package"),
        row("cares/b", metric="of no installed package"),
        row("cares/c", task="cares/jailbreak-1"),
        row("cares/c", model="another"),
        row("cares/c", protocol="official"),
        row("cares/c", metric="abstention"),
        row("other/a"),
        row("phantom"),
        row("phantom", model="another"),
        row("cares/a", group_by="sex", group="female"),
        row("cares/b", group_by="sex", group="female"),
    ]
    (found,) = macro(rows)
    assert (found.dataset, found.metric, found.model) == ("cares (mean of 2)", "factuality", "m")


def test_a_gap_about_a_grouping_is_averaged_within_it() -> None:
    rows = [
        row(f"cares/{dataset}", value, group_by=grouping)
        for dataset, grouping, value in (
            ("a", "sex", 0.1),
            ("a", "race", 0.3),
            ("b", "sex", 0.2),
        )
    ]
    (found,) = macro(rows)
    assert (found.group_by, found.group) == ("sex", "all")
    assert found.value == pytest.approx(0.15)


def test_a_dataset_without_a_value_leaves_no_mean() -> None:
    rows = [row("cares/a", 0.5), row("cares/b", None), row("cares/c", 0.7)]
    (found,) = macro(rows)
    assert (found.value, found.low, found.dataset) == (None, None, "cares (mean of 3)")


def test_a_dataset_without_an_interval_leaves_none() -> None:
    rows = [row("cares/a", 0.5, low=0.4, high=0.6), row("cares/b", 0.7)]
    (found,) = macro(rows)
    assert (found.low, found.high) == (None, None)
    assert found.value == pytest.approx(0.6)


def test_the_interval_is_that_of_independent_datasets() -> None:
    draws = np.random.default_rng(0)
    sizes, shares = (300, 500, 900), (0.3, 0.6, 0.9)
    rows = []
    drawn = np.zeros(20_000)
    for size, share in zip(sizes, shares, strict=True):
        replicates = draws.binomial(size, share, len(drawn)) / size
        low, high = np.quantile(replicates, [0.025, 0.975])
        rows.append(row(f"cares/{size}", share, low=float(low), high=float(high)))
        drawn += replicates / len(sizes)
    (found,) = macro(rows)
    expected = np.quantile(drawn, [0.025, 0.975])
    assert (found.low, found.high) == pytest.approx(tuple(expected), abs=0.002)


bounds = st.lists(st.floats(0, 1), min_size=3, max_size=3).map(sorted)


@given(st.lists(bounds, min_size=1, max_size=8))
def test_the_mean_of_shares_is_a_share_and_no_wider_than_they_are(rows: list[list[float]]) -> None:
    found = mean([Interval(value, low, high) for low, value, high in rows])
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert -1e-9 <= found.low <= found.value <= found.high <= 1 + 1e-9
    assert found.high - found.low <= max(high - low for low, _, high in rows) + 1e-9


@pytest.mark.parametrize(("k", "n", "j", "m"), [(56, 70, 48, 80), (10, 10, 0, 20), (5, 56, 0, 29)])
def test_the_difference_of_two_shares_is_newcombes(k: int, n: int, j: int, m: int) -> None:
    found = difference(Interval(k / n, *wilson(k / n, n)), Interval(j / m, *wilson(j / m, m)))
    expected = confint_proportions_2indep(k, n, j, m, method="newcomb")
    assert (found.low, found.high) == pytest.approx(tuple(expected), abs=1e-9)


def test_there_is_no_mean_of_nothing() -> None:
    with pytest.raises(ValueError, match="no estimates"):
        mean([])


@pytest.mark.parametrize(
    ("low", "high", "verdicts", "said"),
    [
        (0.42, 0.5, ("shown", "not shown"), "shown"),
        (0.3, 0.5, ("shown", "shown"), "not shown"),
        (0.1, 0.3, ("worse", "not shown"), "worse"),
        (0.6, 0.7, ("shown", "not measured"), "not measured"),
        (0.6, 0.7, ("", ""), ""),
    ],
)
def test_a_mean_is_judged_by_its_interval_against_every_baseline(
    low: float, high: float, verdicts: tuple[Verdict, Verdict], said: str
) -> None:
    rows = [
        row("cares/a", metric="accuracy", chance=0.25, constant=0.35, text_only=0.4, verdict=one)
        for one in verdicts
    ]
    assert verdict_of(rows, low, high) == said


def test_a_mean_loss_beyond_chance_is_worse_and_a_mean_gap_is_not_judged() -> None:
    drops = [row("cares/a", metric="accuracy_drop", verdict="worse") for _ in range(2)]
    assert verdict_of(drops, 0.02, 0.2) == "worse"
    assert verdict_of(drops, -0.02, 0.2) == "not shown"
    gaps = [row("cares/a", metric="accuracy_gap", verdict="worse") for _ in range(2)]
    assert verdict_of(gaps, 0.02, 0.2) == ""

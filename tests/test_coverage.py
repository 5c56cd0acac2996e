"""Intervals hold the truth as often as they say, and tests find nothing where there is nothing.

A small part of `benchmarks/coverage.py`. Thresholds are the one-in-a-thousand point of the binomial
distribution at the rate that is promised, so that only wrong code fails, whatever the seed.
"""

import numpy as np
import pytest
from scipy import stats

from medtrust.metrics.evidence import difference, rate
from medtrust.metrics.verdict import bounds_of, p_of
from simulated import CLUSTERS, Way, answers, cluster_of, paired

RUNS = 150
PROMISED, FALSE = 0.935, 0.065
UNLIKELY = 0.001


@pytest.mark.parametrize("way", ["beta", "all-or-nothing"])
@pytest.mark.parametrize("rho", [0.0, 0.12, 0.25])
@pytest.mark.parametrize("true", [0.02, 0.15, 0.5, 0.9])
@pytest.mark.parametrize("name", ["mediconfusion", "cares/iu-xray"])
def test_rates_are_covered_where_the_correlation_is_known(
    name: str, true: float, rho: float, way: Way
) -> None:
    generator = np.random.default_rng(1)
    sizes = CLUSTERS[name]
    cluster, ones = cluster_of(sizes), np.ones(sum(sizes))
    held, width, best = 0, 0.0, 0.0
    for _ in range(RUNS):
        of = rate(answers(generator, sizes, true, rho, way), ones, cluster)
        low, high, _ = bounds_of(of, max(0.05, rho + generator.uniform(-0.05, 0.05)))
        held += low <= true <= high
        width += high - low
        low, high, _ = bounds_of(of, max(0.05, rho))
        best += high - low
    assert held >= stats.binom(RUNS, PROMISED).ppf(UNLIKELY)
    assert width <= 1.25 * best


@pytest.mark.parametrize(("gained", "lost"), [(0.0, 0.003), (0.02, 0.02), (0.1, 0.02)])
def test_changes_are_covered_near_none_and_away_from_it(gained: float, lost: float) -> None:
    generator = np.random.default_rng(2)
    sizes = CLUSTERS["mediconfusion"]
    cluster, ones = cluster_of(sizes), np.ones(sum(sizes))
    held = found = 0
    for _ in range(4 * RUNS):
        of = difference(paired(generator, sizes, gained, lost, 0.1, "beta"), ones, cluster)
        low, high, robust = bounds_of(of, 0.1)
        held += low <= gained - lost <= high
        found += p_of(of, 0.1, is_robust=robust) <= 0.05
    assert held >= stats.binom(4 * RUNS, PROMISED).ppf(UNLIKELY)
    if gained == lost:
        assert found <= stats.binom(4 * RUNS, FALSE).ppf(1 - UNLIKELY)

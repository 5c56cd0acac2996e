"""Rates corrected for the errors of the detector that counted them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtrust.metrics.detectors import Detector
from medtrust.metrics.metric import Settings
from medtrust.metrics.rogan_gladen import Stratum, adjusted, adjusted_interval
from medtrust.metrics.verdict import Interval

shares = st.floats(0, 1)
GOOD = Detector(tp=90, fn=10, tn=95, fp=5)


def one(rate: float, n: float, detector: Detector, seed: int = 0) -> Interval:
    """The corrected rate where all replies are alike."""
    return adjusted_interval([Stratum(rate, n, detector)], Settings(seed=seed))


@given(rate=shares, sensitivity=st.floats(0.55, 1), specificity=st.floats(0.55, 1))
def test_what_a_detector_makes_of_a_rate_is_undone(
    rate: float, sensitivity: float, specificity: float
) -> None:
    counted = sensitivity * rate + (1 - specificity) * (1 - rate)
    assert adjusted(counted, sensitivity, specificity) == pytest.approx(rate, abs=1e-9)


@given(rate=shares, sensitivity=shares, specificity=shares)
def test_the_corrected_rate_is_a_share_or_none(
    rate: float, sensitivity: float, specificity: float
) -> None:
    found = adjusted(rate, sensitivity, specificity)
    assert (found is None) == (sensitivity + specificity - 1 <= 0)
    assert found is None or 0 <= found <= 1


def test_a_faultless_detector_changes_nothing() -> None:
    assert adjusted(0.3, 1, 1) == pytest.approx(0.3)


def test_a_rate_that_is_no_share_is_refused() -> None:
    with pytest.raises(ValueError, match="not all shares"):
        adjusted(1.2, 1, 1)


def test_the_interval_agrees_with_the_delta_method() -> None:
    """Variance of the ratio estimator (Rogan and Gladen 1978, equation 5)."""
    detector = Detector(tp=900, fn=100, tn=950, fp=50)
    n, p = 4000, 0.3
    found = one(p, n, detector)
    se, sp = 0.9, 0.95
    gain = se + sp - 1
    q = (p + sp - 1) / gain
    variance = (
        p * (1 - p) / n + q**2 * se * (1 - se) / 1000 + (1 - q) ** 2 * sp * (1 - sp) / 1000
    ) / gain**2
    assert found.value == pytest.approx(q)
    assert found.low == pytest.approx(q - 1.96 * math.sqrt(variance), abs=0.003)
    assert found.high == pytest.approx(q + 1.96 * math.sqrt(variance), abs=0.003)


@pytest.mark.parametrize("rate", [0.02, 0.3])
def test_the_interval_covers_the_true_rate(rate: float) -> None:
    """400 studies, each with its own labelled replies: 95 % give or take three deviations."""
    generator = np.random.default_rng(7)
    se, sp, n, labelled = 0.85, 0.93, 300, 150
    covered = 0
    for study in range(400):
        hits = generator.binomial(n, rate * se + (1 - rate) * (1 - sp))
        tp, tn = generator.binomial(labelled, [se, sp])
        detector = Detector(tp=int(tp), fn=labelled - int(tp), tn=int(tn), fp=labelled - int(tn))
        found = one(hits / n, n, detector, study)
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= rate <= found.high
    assert 0.95 - 3 * math.sqrt(0.95 * 0.05 / 400) <= covered / 400 <= 1


def test_no_hit_at_all_still_leaves_doubt() -> None:
    found = one(0.0, 50, GOOD)
    assert (found.value, found.low) == (0.0, 0.0)
    assert found.high is not None
    assert 0 < found.high < 0.1


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_a_rate_at_the_end_is_never_certain(rate: float) -> None:
    """None found of 2,000, by a detector with 2 false alarms in 185, is no proof of none."""
    detector = Detector(tp=152, fn=5, tn=183, fp=2)
    value, low, high, _ = one(rate, 2000, detector)
    assert value == rate
    assert low is not None
    assert high is not None
    assert low <= rate <= high
    assert high - low > 0.001


def test_nothing_counted_has_no_interval_and_chance_no_value() -> None:
    assert adjusted_interval([], Settings())[:3] == (None, None, None)
    useless = Detector(tp=1, fn=1, tn=1, fp=1)
    assert one(0.5, 9, useless).value is None


def test_the_seed_decides() -> None:
    first = one(0.3, 20, GOOD, 1)
    assert first == one(0.3, 20, GOOD, 1)
    assert first != one(0.3, 20, GOOD, 2)


BAD = Detector(tp=60, fn=40, tn=90, fp=10)


def test_strata_are_corrected_each_by_its_own_errors() -> None:
    """A tenth declines among the short replies and half among the long, whose rules are worse."""
    short, long = 0.1 * 0.9 + 0.9 * 0.05, 0.5 * 0.6 + 0.5 * 0.1
    strata = [Stratum(short, 3000, GOOD), Stratum(long, 1000, BAD)]
    assert adjusted_interval(strata, Settings()).value == pytest.approx(0.2)


def test_the_interval_over_strata_covers_the_true_rate() -> None:
    """300 studies; the share of long replies is drawn anew in each, too."""
    generator = np.random.default_rng(3)
    covered = 0
    for study in range(300):
        long = generator.binomial(400, 0.3)
        strata = []
        for n, rate, se, sp in ((400 - long, 0.1, 0.9, 0.95), (long, 0.5, 0.6, 0.9)):
            hits = generator.binomial(n, rate * se + (1 - rate) * (1 - sp))
            tp, tn = (int(drawn) for drawn in generator.binomial(200, [se, sp]))
            strata.append(Stratum(hits / n, n, Detector(tp=tp, fn=200 - tp, tn=tn, fp=200 - tn)))
        found = adjusted_interval(strata, Settings(seed=study))
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= 0.22 <= found.high
    assert 0.95 - 3 * math.sqrt(0.95 * 0.05 / 300) <= covered / 300 <= 1


def test_one_useless_stratum_leaves_no_rate() -> None:
    useless = Detector(tp=1, fn=1, tn=1, fp=1)
    strata = [Stratum(0.3, 100, GOOD), Stratum(0.5, 100, useless)]
    assert adjusted_interval(strata, Settings())[:3] == (None, None, None)

"""Rates corrected for the errors of the detector that counted them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtrust.metrics.abstention import ABSTENTION, ABSTENTION_RATE
from medtrust.metrics.detected import adjusted_rows
from medtrust.metrics.detectors import Detector, detectors
from medtrust.metrics.metric import Settings
from medtrust.metrics.rogan_gladen import adjusted, adjusted_interval
from metric_scores import estimates, find, score

shares = st.floats(0, 1)
GOOD = Detector(tp=90, fn=10, tn=95, fp=5, labelled="made up")


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
    detector = Detector(tp=900, fn=100, tn=950, fp=50, labelled="made up")
    n, p = 4000, 0.3
    found = adjusted_interval(p, n, detector, Settings(replicates=20_000))
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
        detector = Detector(
            tp=int(tp), fn=labelled - int(tp), tn=int(tn), fp=labelled - int(tn), labelled="drawn"
        )
        found = adjusted_interval(hits / n, n, detector, Settings(seed=study))
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= rate <= found.high
    assert 0.95 - 3 * math.sqrt(0.95 * 0.05 / 400) <= covered / 400 <= 1


def test_no_hit_at_all_still_leaves_doubt() -> None:
    found = adjusted_interval(0.0, 50, GOOD, Settings())
    assert (found.value, found.low) == (0.0, 0.0)
    assert found.high is not None
    assert 0 < found.high < 0.1


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_a_rate_at_the_end_is_never_certain(rate: float) -> None:
    """None found of 2,000, by a detector with 2 false alarms in 185, is no proof of none."""
    detector = Detector(tp=152, fn=5, tn=183, fp=2, labelled="made up")
    value, low, high, _ = adjusted_interval(rate, 2000, detector, Settings())
    assert value == rate
    assert low is not None
    assert high is not None
    assert low <= rate <= high
    assert high - low > 0.001


def test_nothing_counted_has_no_interval_and_chance_no_value() -> None:
    assert adjusted_interval(None, 0, GOOD, Settings())[:3] == (None, None, None)
    useless = Detector(tp=1, fn=1, tn=1, fp=1, labelled="made up")
    assert adjusted_interval(0.5, 9, useless, Settings()).value is None


def test_clustered_answers_say_less() -> None:
    def width(cluster: str) -> float:
        scores = [
            score(str(n), "A", "A", details={"abstained": float(n % 2)}, cluster=cluster or str(n))
            for n in range(60)
        ]
        row = find(estimates(ABSTENTION, scores, rho=0.5), "abstention_adjusted")
        return (row.high or 0) - (row.low or 0)

    assert width("one") > 1.5 * width("")


def test_the_seed_decides() -> None:
    first = adjusted_interval(0.3, 20, GOOD, Settings(seed=1))
    assert first == adjusted_interval(0.3, 20, GOOD, Settings(seed=1))
    assert first != adjusted_interval(0.3, 20, GOOD, Settings(seed=2))


def test_a_detector_that_was_not_measured_corrects_nothing() -> None:
    scores = [score(str(n), "A", "A", details={"abstained": 1.0}) for n in range(3)]
    assert not list(adjusted_rows(ABSTENTION_RATE, "no such")(scores, Settings()))
    assert list(adjusted_rows(ABSTENTION_RATE, "abstention")(scores, Settings()))


def test_the_packaged_counts_can_be_used() -> None:
    for detector in detectors().values():
        assert detector.sensitivity + detector.specificity > 1
        assert detector.labelled

"""Rates by labels that some of the answers have, helped by a reader of them all."""

import math

import numpy as np
import pytest
from scipy import stats

from medtrust.metrics.abstention import ABSTENTION
from medtrust.metrics.arrays import Bools, Floats
from medtrust.metrics.metric import Settings
from medtrust.metrics.powered import powered, powered_interval, ratio
from medtrust.metrics.uncertainty import UNCERTAINTY
from medtrust.metrics.wilson import wilson
from medtrust.records import Score
from metric_scores import estimates, find, score


def by_the_paper(read: Floats, label: Floats, chosen: Bools) -> tuple[float, float]:
    """PPI++ for a mean (arXiv 2311.01453, eq. 3, section 6 and example 1): value and error."""
    f_labelled, f_others, y = read[chosen], read[~chosen], label[chosen]
    n, others = len(y), len(f_others)
    tuned = np.cov(y, f_labelled, bias=True)[0, 1] / ((1 + n / others) * read.var())
    value = y.mean() + tuned * (f_others.mean() - f_labelled.mean())
    variance = tuned**2 * f_others.var() / others + (y - tuned * f_labelled).var() / n
    return float(value), math.sqrt(variance)


def drawn(generator: np.random.Generator, n: int = 1500) -> tuple[Floats, Floats]:
    """Labels, and a reader that misses two in five of them and makes up one in five."""
    label = (generator.random(n) < 0.3).astype(float)
    read = np.where(label == 1, generator.random(n) < 0.6, generator.random(n) < 0.2)
    return read.astype(float), label


def test_it_is_the_estimator_of_the_paper() -> None:
    generator = np.random.default_rng(1)
    read, label = drawn(generator)
    chosen = np.zeros(len(read), dtype=bool)
    chosen[generator.choice(len(read), 300, replace=False)] = True
    found = powered(read, label, chosen / 0.2)
    value, error = by_the_paper(read, label, chosen)
    assert found.value == pytest.approx(value, abs=1e-12)
    low, high = powered_interval(found, chosen / 0.2, [str(n) for n in range(len(read))])[1:3]
    assert low is not None
    assert high is not None
    half = error * stats.t.ppf(0.975, 299)
    assert (low, high) == pytest.approx((value - half, value + half), rel=0.03)


def test_a_reader_that_says_nothing_costs_nothing() -> None:
    label, chosen = np.tile([1.0, 0.0, 0.0], 60), np.arange(180) < 60
    for read in (np.zeros(180), np.ones(180)):
        assert powered(read, label, chosen.astype(float)).value == pytest.approx(1 / 3)


def test_what_has_no_label_may_hold_anything() -> None:
    read, label = drawn(np.random.default_rng(2), 200)
    weight = np.where(np.arange(200) < 50, 4.0, 0.0)
    hidden = np.where(weight > 0, label, np.nan)
    assert powered(read, hidden, weight).value == powered(read, label, weight).value


def test_all_labelled_is_the_mean_of_the_labels() -> None:
    read, label = drawn(np.random.default_rng(3), 200)
    assert powered(read, label, np.ones(200)).value == pytest.approx(label.mean())


@pytest.mark.parametrize("clustered", [False, True])
def test_the_interval_covers_and_is_narrower_than_that_of_labels_alone(*, clustered: bool) -> None:
    """300 studies at a biased reader: .32 read where .30 is true, and wrong in one of four.

    Chosen unequally, as a sheet is: what is read as declining five times as often.
    """
    generator = np.random.default_rng(11)
    covered, plain, narrower, raw = 0, 0, 0, 0
    for _ in range(300):
        truth, n = 0.3, 1200
        read, label = drawn(generator, n // 4 if clustered else n)
        if clustered:
            read, label = np.repeat(read, 4), np.repeat(label, 4)
        cluster = [str(place // 4 if clustered else place) for place in range(n)]
        share = np.where(read == 1, 0.25, 0.05)
        weight = (generator.random(n) < share) / share
        _, low, high, _ = powered_interval(powered(read, label, weight), weight, cluster)
        assert low is not None
        assert high is not None
        covered += low <= truth <= high
        alone = powered_interval(powered(np.zeros(n), label, weight), weight, cluster)
        assert alone.low is not None
        assert alone.high is not None
        plain += alone.low <= truth <= alone.high
        narrower += high - low < alone.high - alone.low
        bounds = wilson(float(read.mean()), n)
        raw += bounds[0] <= truth <= bounds[1]
    least = 0.95 - 3 * math.sqrt(0.95 * 0.05 / 300)
    assert least <= covered / 300
    assert least <= plain / 300
    assert narrower > 200
    assert raw / 300 < 0.8


@pytest.mark.parametrize("rate", [0.0, 0.01])
def test_labels_that_all_agree_are_no_proof(rate: float) -> None:
    generator = np.random.default_rng(5)
    covered = 0
    for _ in range(200):
        label = (generator.random(600) < rate).astype(float)
        weight = np.where(np.arange(600) < 40, 15.0, 0.0)
        # The reader misses them all.
        low, high = powered_interval(
            powered(np.zeros(600), label, weight), weight, [str(n) for n in range(600)]
        )[1:3]
        assert low is not None
        assert high is not None
        assert high - low > 0.01
        covered += low <= rate <= high
    assert covered / 200 > 0.9


def test_one_cluster_has_no_interval() -> None:
    found = powered(np.zeros(9), np.ones(9), np.ones(9))
    assert powered_interval(found, np.ones(9), ["a"] * 9) == (1.0, None, None, "")


def test_a_share_of_what_says_anything_is_a_ratio() -> None:
    label, said = np.array([1.0, 1, 0, 0, 0, 0]), np.array([1.0, 1, 1, 0, 0, 0])
    top, bottom = (powered(np.zeros(6), one, np.ones(6)) for one in (label, said))
    assert ratio(top, bottom).value == pytest.approx(2 / 3)
    # Its influences are those of an answer upon the ratio, found by leaving a little of it out.
    for place in range(6):
        less = np.ones(6)
        less[place] -= 1e-6
        moved = ratio(*(powered(np.zeros(6), one, less) for one in (label, said))).value
        assert (2 / 3 - moved) / 1e-6 == pytest.approx(
            ratio(top, bottom).influence[place], abs=1e-4
        )


def labelled(name: int, read: float, label: float | None, weight: float = 2.0) -> Score:
    details = {"abstained": read}
    if label is not None:
        details |= {"label_abstention": label, "label_abstention_weight": weight}
    return score(str(name), "A", "A", details=details)


def test_a_rate_by_labels_stands_beside_the_raw_one() -> None:
    scores = [labelled(n, 0.0, float(n % 2) if n < 20 else None) for n in range(40)]
    rows = estimates(ABSTENTION, [*scores, score("gone", "A", "error")])
    assert find(rows, "abstention").value == 0.0
    row = find(rows, "abstention_labelled")
    assert (row.value, row.n, row.missing, row.clusters) == (0.5, 40, 1, 40)
    assert "20 labelled" in row.interval


def test_too_few_labels_make_no_rate_and_say_so() -> None:
    scores = tuple(labelled(n, 0.0, 1.0 if n < 9 else None) for n in range(40))
    assert "abstention_labelled" not in {row.metric for row in estimates(ABSTENTION, scores)}
    notes = "\n".join(ABSTENTION.notes(scores, Settings()))
    assert "abstention_labelled is withheld: fewer than 10 of its replies are labelled" in notes
    none = tuple(labelled(n, 0.0, None) for n in range(40))
    assert "_labelled" not in "\n".join(ABSTENTION.notes(none, Settings()))


def test_confidence_is_a_share_of_the_replies_that_say_any() -> None:
    """Of 30 labelled replies 10 are sure, 10 unsure, 10 say neither; the rules read all as sure."""
    scores = []
    for n in range(30):
        details = {"confident": 1.0, "last_reply": 9.0, "label_confidence_weight": 1.0}
        if n < 20:
            details["label_confidence"] = float(n < 10)
        scores.append(score(str(n), "A", "A", details=details))
    rows = estimates(UNCERTAINTY, scores)
    assert find(rows, "confident").value == 1.0
    assert find(rows, "confident_labelled").value == pytest.approx(0.5)

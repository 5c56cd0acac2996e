"""Verdicts: a baseline answers the same questions, and what is not measured is not judged."""

import random
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from scipy import stats

from medtrust.metrics.accuracy import ACCURACY
from medtrust.metrics.metric import Family, Metric
from medtrust.metrics.pairs import PAIRS
from medtrust.records import Estimate, Score
from metric_scores import QUICK, estimates, find, mediconfusion, pair, results, score

TARGETS = "A" * 47 + "B" * 953
"""As many references of either kind as OL3I has."""


def asked(targets: str, replies: str, **more: object) -> list[Score]:
    return [
        score(f"s{n}", target, reply, **more)
        for n, (target, reply) in enumerate(zip(targets, replies, strict=True))
    ]


def accuracy(
    scores: Sequence[Score], text_only: Sequence[Score] = (), rho: float | None = None
) -> Estimate:
    return find(estimates(ACCURACY, scores, rho=rho, text_only=text_only), "accuracy")


# The constant answers the same questions.


def test_twelve_findings_found_beat_always_saying_there_is_none() -> None:
    """Was 'not above best constant', by intervals of which each knew nothing of the other."""
    found = accuracy(asked(TARGETS, "A" * 12 + "B" * 988))
    assert (found.value, found.constant, found.baseline) == (0.965, 0.953, 0.953)
    assert found.p == pytest.approx(2 / 2**12)
    assert found.p == pytest.approx(0.0005, abs=2e-5)
    assert found.verdict == "shown"


def test_the_constant_itself_shows_nothing() -> None:
    found = accuracy(asked(TARGETS, "B" * 1000))
    assert (found.value, found.baseline, found.p, found.verdict) == (0.953, 0.953, 1, "not shown")


def test_every_baseline_has_to_be_beaten() -> None:
    """Far above chance, and a little under the constant."""
    found = accuracy(asked(TARGETS, "A" * 47 + "B" * 900 + "A" * 53))
    assert (found.chance, found.verdict) == (0.5, "not shown")


def test_worse_than_any_baseline_is_worse() -> None:
    found = accuracy(asked(TARGETS, "A" * 47 + "B" * 753 + "A" * 200))
    assert (found.value, found.verdict) == (0.8, "worse")
    assert (found.p or 0) < 1e-20


def test_who_says_less_than_a_guess_is_worse() -> None:
    targets = "AB" * 50
    found = accuracy(asked(targets, targets[:20] + "BA" * 40))
    assert (found.value, found.verdict) == (0.2, "worse")


@pytest.mark.parametrize(("clusters", "verdict"), [(9, "not measured"), (10, "shown")])
def test_a_verdict_needs_ten_clusters(clusters: int, verdict: str) -> None:
    """Six patients asked over and over are six patients."""
    targets = "AB" * 180
    scores = [
        replace(one, cluster=f"c{n % clusters}") for n, one in enumerate(asked(targets, targets))
    ]
    assert accuracy(scores).verdict == verdict


# Text alone answers the same questions.


def test_who_says_the_same_without_the_image_does_not_look() -> None:
    targets, replies = "AB" * 100, "AB" * 80 + "BA" * 20
    found = accuracy(asked(targets, replies), asked(targets, replies))
    assert (found.value, found.text_only, found.baseline) == (0.8, 0.8, 0.8)
    assert (found.verdict, found.p) == ("not shown", 1)
    assert accuracy(asked(targets, replies)).verdict == "shown"


def test_text_alone_is_a_paired_opponent() -> None:
    """Twelve of 400 more are right with the image: too few for two intervals, plenty for pairs."""
    targets = "AB" * 200
    without = "AB" * 150 + "BA" * 50
    with_image = targets[:312] + without[312:]
    found = accuracy(asked(targets, with_image), asked(targets, without))
    assert found.value == pytest.approx(0.78)
    assert found.text_only == 0.75
    assert found.verdict == "shown"
    assert found.p == pytest.approx(2 / 2**12)
    assert (found.low or 1) < 0.75


def test_text_alone_counts_on_the_questions_it_was_asked() -> None:
    targets = "AB" * 50
    half = asked(targets, targets)[:40]
    found = accuracy(asked(targets, targets[:20] + "BA" * 40), half)
    assert (found.n, found.text_only) == (100, 1)
    # Twenty of those forty are lost with the image.
    assert found.verdict == "worse"


def test_text_alone_is_set_against_pairs_too() -> None:
    def of(right: int) -> list[Score]:
        return [s for n in range(60) for s in pair(f"p{n}", "AB", "AB" if n < right else "AA")]

    found = estimates(PAIRS, of(40), text_only=of(20))
    solved = find(found, "set_accuracy")
    assert solved.text_only == pytest.approx(1 / 3)
    assert solved.verdict == "shown"
    assert find(estimates(PAIRS, of(40), text_only=of(40)), "set_accuracy").verdict == "not shown"
    assert find(found, "confusion").text_only == pytest.approx(2 / 3)


def test_a_metric_without_a_judge_has_no_verdict() -> None:
    found = estimates(ACCURACY, asked("AB" * 20, "AB" * 20))
    assert (find(found, "unparseable").verdict, find(found, "unparseable").p) == ("", None)


# Pairs.


def test_a_model_that_only_abstains_is_not_better_at_anything() -> None:
    """352 abstentions: 0 % confused of all pairs, which was 'better'."""
    both = ["abstention", "abstention"]
    scores = [s for n in range(176) for s in pair(f"p{n}", "AB", both)]
    found = {one.metric: one for one in estimates(PAIRS, scores)}
    assert (found["confusion_all"].value, found["confusion_all"].verdict) == (0, "")
    assert (found["confusion"].value, found["confusion"].verdict) == (None, "")
    assert (found["precision"].value, found["precision"].verdict) == (None, "")
    assert found["set_accuracy"].verdict == found["individual_accuracy"].verdict == "worse"
    assert {one.metric for one in found.values() if one.verdict == "shown"} == set()


def test_fewer_confused_pairs_are_better() -> None:
    def verdict(confused: int) -> str:
        scores = [s for n in range(60) for s in pair(f"p{n}", "AB", "AA" if n < confused else "AB")]
        return find(estimates(PAIRS, scores), "confusion").verdict

    assert [verdict(confused) for confused in (10, 30, 50)] == ["shown", "not shown", "worse"]


def test_the_published_run_of_gpt_4o_is_not_above_chance(shared_data: Path) -> None:
    found = estimates(PAIRS, mediconfusion(shared_data, "corrected"), rho=0.12)
    solved, confused = find(found, "set_accuracy"), find(found, "confusion")
    assert (solved.verdict, confused.verdict) == ("not shown", "worse")
    assert (solved.high or 0) > 0.25 > (solved.value or 0)
    assert (confused.low or 0) > 0.5


# P-value, interval and verdict agree, whatever the data.


@settings(max_examples=30)
@given(results(st.sampled_from("AB")), st.floats(0.05, 1))
def test_p_value_interval_and_verdict_agree(scores: list[Score], rho: float) -> None:
    for one in estimates(PAIRS, scores, QUICK, rho):
        assert one.verdict in {"", "shown", "not shown", "worse", "not measured"}
        assert (one.verdict == "") == (one.p is None)
        if one.metric != "precision" or one.low is None or one.high is None:
            continue
        # Its one baseline is a fixed value: chance.
        assert one.baseline == 0.5
        if min(abs(one.low - 0.5), abs(one.high - 0.5)) > 1e-3 and "wilson" in one.interval:
            assert ((one.p or 0) > 0.05) == (one.low < 0.5 < one.high)


@settings(max_examples=30)
@given(results(), st.randoms(use_true_random=False))
def test_the_same_bytes_whatever_the_order_of_the_scores(
    scores: list[Score], order: random.Random
) -> None:
    again = [replace(one, repeat=1, choice="A") for one in scores if one.outcome == "choice"]
    known: tuple[Family, ...] = (ACCURACY, PAIRS)
    for family in known:
        kept = [*scores, *again] if family is ACCURACY else scores
        shuffled = order.sample(kept, len(kept))
        same = estimates(family, kept) == estimates(family, shuffled)
        assert same


# Where nothing is to be found, little is.


def reject(draw: Callable[[np.random.Generator], Estimate], times: int = 300) -> float:
    """How many of the draws come to a verdict, over as many as 6.5 % would with bad luck."""
    draws = np.random.default_rng(7)
    found = [draw(draws) for _ in range(times)]
    told = sum(one.verdict in {"shown", "worse"} for one in found)
    # One time in 10,000 as many come where exactly 5 % are wrong.
    return float(told / stats.binom(times, 0.05).ppf(0.9999))


def test_guesses_are_seldom_told_from_chance() -> None:
    """Clusters of which a tenth is answered as one."""

    def draw(draws: np.random.Generator) -> Estimate:
        alike = draws.random(40) < 0.1**0.5
        right = np.where(np.repeat(alike, 5), np.repeat(draws.random(40), 5), draws.random(200))
        kept = [
            one
            for n, r in enumerate(right < 0.5)
            for one in pair(f"p{n}", "AB", "AB" if r else "BA", cluster=f"c{n // 5}")
        ]
        return find(estimates(PRECISION, kept), "precision")

    assert reject(draw) <= 1


PRECISION = Family(metrics=tuple(m for m in PAIRS.metrics if m.name == "precision"))
CLOSED = Family(metrics=tuple(m for m in ACCURACY.metrics if m.name == "accuracy"))


def test_as_many_found_as_lost_is_seldom_told_from_the_constant() -> None:
    targets = "A" * 60 + "B" * 240

    def draw(draws: np.random.Generator) -> Estimate:
        says_a = draws.random(300) < np.repeat([0.4, 0.1], [60, 240])
        return find(
            estimates(CLOSED, asked(targets, "".join(np.where(says_a, "A", "B")))), "accuracy"
        )

    assert reject(draw) <= 1


def test_two_readers_as_good_as_each_other_are_seldom_told_apart() -> None:
    targets = "A" * 200

    def draw(draws: np.random.Generator) -> Estimate:
        mine, theirs = (
            asked(targets, "".join(np.where(draws.random(200) < 0.8, "A", "B"))) for _ in range(2)
        )
        known = Family(metrics=(open_to(CLOSED.metrics[0]),))
        return find(estimates(known, mine, text_only=theirs), "accuracy")

    assert reject(draw) <= 1


def open_to(metric: Metric) -> Metric:
    """The metric, judged by the text alone."""
    return Metric(
        name=metric.name,
        title=metric.title,
        sentence=metric.sentence,
        direction="higher",
        figure=metric.figure,
        judged_by=("text-only",),
    )

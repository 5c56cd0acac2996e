"""Questions asked several times: they stay as many questions, and what only repeats can tell."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medtrust.metrics.accuracy import ACCURACY
from medtrust.metrics.disclosure import DISCLOSURE
from medtrust.metrics.metric import Family
from medtrust.metrics.pairs import PAIRS
from medtrust.metrics.repeats import REPEATS, repeated, worst_metric
from medtrust.metrics.toxicity import TOXICITY
from medtrust.metrics.verdict import finish
from medtrust.records import Estimate, Score
from metric_scores import estimates, find, pair, score


def asked(replies: Mapping[str, Sequence[str]], **more: object) -> list[Score]:
    """Answers to questions of which A is right, each asked as often as it has replies."""
    return [
        score(name, "A", reply, repeat=repeat, **more)
        for name, own in replies.items()
        for repeat, reply in enumerate(own)
    ]


def told(scores: Sequence[Score], *families: Family) -> dict[str, Estimate]:
    """What only repeats can tell, by metric."""
    return {one.estimate.metric: finish(one, 0.10) for one in repeated(scores, families)}


# A question asked K times is one question.


@pytest.mark.parametrize("solved", [0, 7, 20])
def test_asking_a_deterministic_model_five_times_buys_nothing(solved: int) -> None:
    """The interval was half as wide, with 100 pairs for the 20 there are."""

    def at(times: int) -> list[Estimate]:
        scores = [
            one
            for n in range(20)
            for repeat in range(times)
            for one in pair(f"p{n}", "AB", "AB" if n < solved else "AA", repeat=repeat)
        ]
        return estimates(PAIRS, scores)

    once, again = at(1), at(5)
    assert find(again, "set_accuracy").n == 20
    assert find(again, "individual_accuracy").n == 40
    assert once == again


@settings(max_examples=40)
@given(st.lists(st.lists(st.sampled_from("AB"), min_size=3, max_size=3), min_size=2, max_size=8))
def test_n_guards_and_intervals_count_questions(replies: list[list[str]]) -> None:
    scores = asked({f"s{n}": own for n, own in enumerate(replies)})
    found = find(estimates(ACCURACY, scores), "accuracy")
    assert (found.n, found.clusters, found.missing) == (len(replies), len(replies), 0)
    assert found.value == pytest.approx(np.mean([[r == "A" for r in own] for own in replies]))
    assert found.verdict == "not measured"


def test_six_patients_asked_five_times_are_six_patients() -> None:
    scores = asked({f"s{n}": ["A"] * 5 for n in range(6)})
    found = find(estimates(ACCURACY, scores), "accuracy")
    assert (found.n, found.verdict) == (6, "not measured")
    assert found.low == pytest.approx(0.61, abs=0.01)


def test_questions_weigh_alike_however_often_each_was_asked() -> None:
    found = find(estimates(ACCURACY, asked({"a": ["A"] * 9, "b": ["B"]})), "accuracy")
    assert (found.value, found.n) == (0.5, 2)


# Instability.


def test_nothing_is_told_of_questions_that_were_asked_once() -> None:
    assert told(asked({"a": ["A"], "b": ["B"]}), TOXICITY) == {}
    assert told([]) == {}


def test_the_flip_rate_is_how_often_two_answers_differ() -> None:
    replies = {
        "steady": ["A", "A", "A"],
        "flips": ["A", "B", "A"],
        "refuses once": ["A", "abstention", "A"],
        "one failed": ["A", "A", "error"],
        "one came": ["A", "error", "error"],
        "asked once": ["A"],
    }
    found = told(asked(replies))["flip_rate"]
    assert (found.n, found.missing) == (4, 1)
    assert found.value == pytest.approx((0 + 2 / 3 + 2 / 3 + 0) / 4)
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.value < found.high


def test_free_texts_are_not_said_to_flip() -> None:
    scores = [score("a", "x", "x", choice="", option="", repeat=repeat) for repeat in range(3)]
    assert told(scores)["flip_rate"].n == 0


def test_instability_does_not_grow_with_the_number_of_repeats() -> None:
    """Questions of their own chance p each: two answers differ in 2 p (1 - p), on average 1/3."""
    draws = np.random.default_rng(11)
    for times in (2, 3, 5, 10):
        chance = draws.random((1500, 1))
        said = np.where(draws.random((1500, times)) < chance, "A", "B")
        found = told(asked({f"s{n}": own for n, own in enumerate(said.tolist())}))["flip_rate"]
        # Standard deviation of a question's figure is at most a half: 4 of those of the mean.
        assert found.value == pytest.approx(1 / 3, abs=4 * 0.5 / 1500**0.5)
        assert found.n == 1500


# Where the variance lies.


def by_anova(values: Sequence[Sequence[float]]) -> tuple[float, float]:
    """Components within and between, from the mean squares of a balanced one-way layout."""
    table = np.array(values)
    questions, times = table.shape
    means = table.mean(axis=1)
    within = ((table - means[:, np.newaxis]) ** 2).sum() / (questions * (times - 1))
    between = times * ((means - table.mean()) ** 2).sum() / (questions - 1)
    return float(within), max(0.0, float(between - within) / times)


@settings(max_examples=40)
@given(
    st.integers(2, 5).flatmap(
        lambda times: st.lists(
            st.lists(st.sampled_from([0.0, 0.3, 1.0]), min_size=times, max_size=times),
            min_size=2,
            max_size=10,
        )
    )
)
def test_variance_components_are_those_of_an_analysis_of_variance(
    values: list[list[float]],
) -> None:
    scores = [
        score(f"s{n}", "x", "x", value=value, repeat=repeat)
        for n, own in enumerate(values)
        for repeat, value in enumerate(own)
    ]
    found = told(scores)
    within, between = by_anova(values)
    assert found["variance_within"].value == pytest.approx(within, abs=1e-12)
    assert found["variance_between"].value == pytest.approx(between, abs=1e-12)
    for name in ("variance_within", "variance_between"):
        one = found[name]
        assert one.n == one.clusters == len(values)
        assert one.value is not None
        assert one.low is not None
        assert one.high is not None
        assert 0 <= one.low <= one.value <= one.high
    left = found.get("width_with_more_repeats")
    if within + between > 1e-9:
        assert left is not None
        assert left.value == pytest.approx(
            (between / (between + within / len(values[0]))) ** 0.5, abs=1e-6
        )


def test_more_repeats_buy_nothing_of_a_deterministic_model() -> None:
    found = told(asked({"a": ["A", "A"], "b": ["B", "B"], "c": ["A", "A"]}))
    assert found["variance_within"].value == 0
    assert found["width_with_more_repeats"].value == 1
    assert found["flip_rate"].value == 0
    noise = told(asked({f"s{n}": ["A", "B"] for n in range(5)}))
    assert noise["variance_between"].value == 0
    assert noise["width_with_more_repeats"].value == 0


# The worst of K.


def harms(flags: Mapping[str, Sequence[float | None]]) -> list[Score]:
    """Answers that disclose something, or not; None never came."""
    return [
        score(
            name,
            "",
            "error" if flag is None else "x",
            repeat=repeat,
            details={} if flag is None else {"disclosed": flag, "invented": flag},
        )
        for name, own in flags.items()
        for repeat, flag in enumerate(own)
    ]


def test_a_harm_is_counted_by_the_worst_of_a_questions_answers() -> None:
    scores = harms({"a": [0, 0, 1], "b": [0, 0, 0], "c": [1, 1, 1], "d": [0, 0, 0]})
    found = told(scores, DISCLOSURE)["disclosure_worst_of_repeats"]
    assert (found.value, found.n, found.clusters) == (0.5, 4, 4)
    assert found.low is not None
    assert found.low < 0.5
    assert find(estimates(DISCLOSURE, scores), "disclosure").value == pytest.approx(1 / 3)
    assert "invented_worst_of_repeats" not in told(scores, DISCLOSURE)


def test_the_worst_of_graded_answers_is_the_most_toxic() -> None:
    scores = [
        score(f"s{n}", "", "x", value=value, repeat=repeat)
        for n, own in enumerate([[0.1, 0.9], [0.2, 0.1]])
        for repeat, value in enumerate(own)
    ]
    assert told(scores, TOXICITY)["toxicity_worst_of_repeats"].value == pytest.approx(0.55)


def test_a_harm_that_was_seen_is_known_whatever_else_is_missing() -> None:
    found = told(harms({"a": [1, None], "b": [None, None]}), DISCLOSURE)
    one = found["disclosure_worst_of_repeats"]
    assert (one.value, one.n, one.missing) == (1, 1, 1)


def test_a_harm_that_a_lost_answer_may_hold_is_missing() -> None:
    found = told(harms({"a": [0, None], "b": [0, 0]}), DISCLOSURE)
    one = found["disclosure_worst_of_repeats"]
    assert (one.value, one.n, one.missing, one.best, one.worst) == (0, 1, 1, 0, 0.5)


def test_what_only_repeats_tell_is_titled_and_never_averaged_by_mistake() -> None:
    assert [one.name for one in REPEATS] == [
        "flip_rate", "variance_within", "variance_between", "width_with_more_repeats"
    ]  # fmt: skip
    twin = worst_metric(TOXICITY.metrics[0])
    assert (twin.title, twin.averaged) == ("Toxicity, worst of repeats", False)

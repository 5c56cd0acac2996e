"""Pair metrics: upstream's numbers to the digit, and ours by their definitions."""

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from msgspec.structs import replace
from scipy.stats import binomtest

from medtrust.errors import InputError
from medtrust.metrics.metric import Resampling
from medtrust.metrics.pairs import pairs
from medtrust.records import Estimate, Protocol, Score
from metric_scores import choices, find, gpt4o, mediconfusion, pair, responses, results

QUICK = Resampling(replicates=50)
FULL = Resampling(replicates=4000)


def official(scores: Sequence[Score]) -> list[Score]:
    return [replace(score, protocol="official") for score in scores]


# The real benchmark and a real model's answers (mediconfusion.md 2.4, replication a).


def test_official_total_row_of_gpt_4o(shared_data: Path) -> None:
    found = pairs(mediconfusion(shared_data, "official"), QUICK)
    rows = {e.metric: (e.value, e.n) for e in found if e.group_by == "all"}
    assert rows["set_accuracy"] == (30 / 176, 176)
    assert rows["individual_accuracy"] == (189 / 352, 352)
    assert rows["confusion"] == (116 / 157, 157)
    assert rows["invalid"] == (20 / 352, 352)
    assert rows["valid_pairs"] == (157, 176)
    assert rows["precision"] == (30 / 41, 41)
    assert rows["precision_total"] == (41, 176)


def test_official_category_rows_equal_the_counts_upstream_stored(shared_data: Path) -> None:
    stored: dict[str, Counter[str]] = {}
    for record in responses(shared_data).values():
        for column, counts in record["score"].items():
            stored.setdefault(column, Counter()).update(counts)
    found = pairs(mediconfusion(shared_data, "official"), QUICK)
    questions = {e.group: e.n for e in found if e.metric == "invalid"}
    categories = set(questions) - {"all"}
    assert len(categories) == 9
    for name in categories:
        size = questions[name]
        valid, distinct = stored["valids"][name], stored["valid_pairs"][name]
        expected = {
            "set_accuracy": stored["set_score"][name] / size,
            "individual_accuracy": stored["individual_score"][name] / size,
            "confusion": stored["confused"][name] / valid if valid else 0.0,
            "valid_pairs": valid,
            "invalid": stored["invalid"][name] / size,
            "precision": stored["set_score"][name] / distinct if distinct else 0.0,
            "precision_total": distinct,
        }
        assert {e.metric: e.value for e in found if e.group == name} == expected


def test_category_denominators_are_those_of_the_dataset(shared_data: Path) -> None:
    found = pairs(mediconfusion(shared_data, "corrected"), QUICK)
    cerebral = {by: find(found, "set_accuracy", by, "Cerebral").n for by in CEREBRAL}
    assert cerebral == CEREBRAL


CEREBRAL = {"category": 79, "category/any": 45, "category/both": 34}


def test_weightings_print_the_documented_differences(shared_data: Path) -> None:
    """Solving only the 34 pairs with both images Cerebral: 86.08 as printed, 75.56 by pair."""
    golds: dict[str, list[str]] = {}
    both: Counter[str] = Counter()
    for score in mediconfusion(shared_data, "corrected"):
        golds.setdefault(score.pair, []).append(score.target)
        both[score.pair] += "Cerebral" in score.groups["category"]
    swap = {"A": "B", "B": "A"}
    solved = {
        name: gold if both[name] == 2 else [swap[letter] for letter in gold]
        for name, gold in golds.items()
    }
    found = pairs(mediconfusion(shared_data, "corrected", solved), QUICK)
    shares = [find(found, "set_accuracy", by, "Cerebral").value for by in CEREBRAL]
    assert shares == [pytest.approx(0.8608, abs=5e-5), pytest.approx(0.7556, abs=5e-5), 1.0]


def test_clustering_widens_the_interval_of_gpt_4o(shared_data: Path) -> None:
    scores = mediconfusion(shared_data, "official")
    clustered = find(pairs(scores, FULL), "set_accuracy")
    alone = [replace(score, cluster=score.pair) for score in scores]
    independent = find(pairs(alone, FULL), "set_accuracy")
    assert clustered.clusters == 58
    assert independent.clusters == 176
    assert (clustered.low, clustered.high) == pytest.approx((0.108, 0.235), abs=0.008)
    assert (independent.low, independent.high) == pytest.approx((0.119, 0.227), abs=0.008)


def test_wilson_interval_stands_beside_the_clustered_one(shared_data: Path) -> None:
    found = find(pairs(mediconfusion(shared_data, "corrected"), QUICK), "set_accuracy:wilson")
    assert found.value == 30 / 176
    interval = binomtest(30, 176).proportion_ci(method="wilson")
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))
    assert found.clusters == found.n == 176


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        pytest.param(("A", "A"), (0.0, 1.0, 0.5, 0.0), id="always A"),
        pytest.param(("A", "B"), (0.5, 0.0, 0.5, 0.5), id="A then B"),
    ],
)
def test_constant_answers_on_the_real_pairs(
    shared_data: Path, reply: tuple[str, str], expected: tuple[float, ...]
) -> None:
    constant = dict.fromkeys(gpt4o(shared_data), reply)
    found = pairs(mediconfusion(shared_data, "official", constant), QUICK)
    metrics = ("set_accuracy", "confusion", "individual_accuracy", "precision")
    assert tuple(find(found, metric).value for metric in metrics) == expected


def test_baselines_on_the_real_pairs(shared_data: Path) -> None:
    found = pairs(mediconfusion(shared_data, "corrected"), QUICK)
    known = {
        metric: (e.baseline, e.chance, e.constant)
        for metric in ("set_accuracy", "individual_accuracy", "confusion", "precision")
        for e in [find(found, metric)]
    }
    assert known == {
        "set_accuracy": (0.25, 0.25, 0.0),
        "individual_accuracy": (0.5, 0.5, 0.5),
        "confusion": (0.5, 0.5, 1.0),
        "precision": (0.5, 0.5, None),
    }


# Definitions, by brute force.


def brute_force(
    scores: Sequence[Score], weight: Callable[[int], int]
) -> dict[str, tuple[float, float]]:
    """Numerators and denominators by the book; `weight` of a pair by its Cardiac images."""
    by_pair: dict[str, list[Score]] = {}
    for score in scores:
        by_pair.setdefault(score.pair, []).append(score)
    sums: Counter[str] = Counter()
    for first, second in by_pair.values():
        missing = {first.outcome, second.outcome} & {"error", "absent"}
        w = weight(sum("Cardiac" in s.groups["category"] for s in (first, second)))
        sums["missing"] += w * bool(missing)
        if missing:
            continue
        valid = first.outcome == second.outcome == "choice"
        sums["pairs"] += w
        sums["valid"] += w * valid
        sums["confused"] += w * (valid and first.choice == second.choice)
        sums["distinct"] += w * (valid and first.choice != second.choice)
        sums["solved"] += w * all(s.choice == s.target for s in (first, second))
    return {
        "set_accuracy": (sums["solved"], sums["pairs"]),
        "confusion": (sums["confused"], sums["valid"]),
        "confusion_all": (sums["confused"], sums["pairs"]),
        "precision": (sums["solved"], sums["distinct"]),
        "distinguished": (sums["distinct"], sums["pairs"]),
        "missing": (sums["missing"], 1),
    }


WEIGHTS: Mapping[tuple[str, str], Callable[[int], int]] = {
    ("all", "all"): lambda _: 1,
    ("category", "Cardiac"): lambda m: m,
    ("category/any", "Cardiac"): lambda m: int(m >= 1),
    ("category/both", "Cardiac"): lambda m: int(m == 2),
}


@given(results())
def test_corrected_metrics_are_what_they_say(scores: list[Score]) -> None:
    found = pairs(scores, QUICK)
    present = any("Cardiac" in score.groups["category"] for score in scores)
    for (group_by, group), weight in WEIGHTS.items():
        if group == "Cardiac" and not present:
            continue
        expected = brute_force(scores, weight)
        missing, _ = expected.pop("missing")
        for metric, (top, bottom) in expected.items():
            estimate = find(found, metric, group_by, group)
            assert estimate.value == (pytest.approx(top / bottom) if bottom else None)
            assert (estimate.n, estimate.missing) == (bottom, missing)


@given(results())
def test_causes_add_up_to_all_answers(scores: list[Score]) -> None:
    found = pairs(scores, QUICK)
    answered = [s for s in scores if s.outcome not in {"error", "absent"}]
    chosen = sum(s.outcome == "choice" for s in answered)
    causes = [find(found, cause) for cause in ("abstention", "unparseable", "tie")]
    for cause in causes:
        assert cause.n == len(answered)
        assert cause.missing == len(scores) - len(answered)
    if answered:
        total = sum(cause.value or 0.0 for cause in causes)
        assert total + chosen / len(answered) == pytest.approx(1)


@given(results(choices))
def test_individual_is_set_plus_half_of_confusion_when_all_is_valid(scores: list[Score]) -> None:
    """The identity of mediconfusion.md 2.3, in both protocols."""
    for answers in (scores, official(scores)):
        found = {e.metric: e.value or 0.0 for e in pairs(answers, QUICK) if e.group_by == "all"}
        assert found["individual_accuracy"] == pytest.approx(
            found["set_accuracy"] + found["confusion"] / 2
        )


@given(results())
def test_order_of_the_scores_does_not_matter(scores: list[Score]) -> None:
    shuffled = random.Random(0).sample(scores, len(scores))
    for protocol in (list, official):
        assert pairs(protocol(scores), QUICK) == pairs(protocol(shuffled), QUICK)


@given(results())
def test_every_interval_has_a_width_or_a_reason_to_be_absent(scores: list[Score]) -> None:
    for estimate in [*pairs(scores, QUICK), *pairs(official(scores), QUICK)]:
        assert (estimate.low is None) == (estimate.high is None)
        if estimate.low is None or estimate.high is None:
            assert estimate.n == 0 or estimate.clusters < 2
        else:
            assert estimate.low <= estimate.high
            assert estimate.low < estimate.high or estimate.metric.startswith("letter")


# Cases with a name.


def three_pairs(protocol: Protocol = "corrected") -> list[Score]:
    scores = [
        *pair("solved", "AB", ["A", "B"]),
        *pair("failed call", "AB", ["A", "error"]),
        *pair("refused", "BA", ["abstention", "A"]),
    ]
    return [replace(score, protocol=protocol) for score in scores]


def test_a_missing_answer_is_missing_and_not_wrong() -> None:
    found = find(pairs(three_pairs(), QUICK), "set_accuracy")
    assert (found.value, found.n, found.missing) == (0.5, 2, 1)


def test_official_counts_a_failed_call_as_invalid_but_says_so() -> None:
    found = pairs(three_pairs("official"), QUICK)
    solved, invalid = find(found, "set_accuracy"), find(found, "invalid")
    assert (solved.value, solved.n, solved.missing) == (1 / 3, 3, 1)
    assert (invalid.value, invalid.n, invalid.missing) == (2 / 6, 6, 1)


def test_official_prints_zero_where_no_pair_is_valid() -> None:
    scores = official(pair("p", "AB", ["abstention", "abstention"]))
    for metric in ("confusion", "precision"):
        found = find(pairs(scores, QUICK), metric)
        assert (found.value, found.low, found.n) == (0.0, None, 0)


def test_equal_references_push_only_the_official_precision_past_one() -> None:
    """Two right answers are then one and the same letter: solved and confused at once."""
    scores = [*pair("equal", "AA", "AA"), *pair("q", "AA", "AA"), *pair("r", "AB", "AB")]
    ours, theirs = (find(pairs(s, QUICK), "precision") for s in (scores, official(scores)))
    assert (ours.value, theirs.value) == (1, 3)


def test_half_a_pair_is_a_missing_pair_and_a_counted_question() -> None:
    found = pairs([*pair("whole", "AB", "AB"), pair("half", "AB", "AB")[0]], QUICK)
    solved, right = find(found, "set_accuracy"), find(found, "individual_accuracy")
    assert (solved.n, solved.missing) == (1, 1)
    assert (right.n, right.missing) == (3, 0)


def test_pairs_are_formed_within_a_repeat() -> None:
    first = pair("p", "AB", "AA", repeat=0)
    second = pair("p", "AB", "AB", repeat=1)
    found = find(pairs([*first, *second], QUICK), "set_accuracy")
    assert (found.value, found.n, found.clusters) == (0.5, 2, 1)


def test_letter_bias_is_the_distance_from_the_references() -> None:
    scores = [score for n in range(8) for score in pair(f"p{n}", "AB", "AA" if n else "AB")]
    found = pairs(scores, QUICK)
    letter, bias = find(found, "letter_A"), find(found, "letter_bias")
    assert (letter.value, letter.baseline) == (15 / 16, 0.5)
    assert bias.value == pytest.approx(7 / 16)


def test_the_interval_of_no_letter_bias_starts_at_zero() -> None:
    scores = [score for n in range(20) for score in pair(f"p{n}", "AB", ["AA", "BB"][n % 2])]
    found = find(pairs(scores, FULL), "letter_bias")
    assert (found.value, found.low) == (0, 0)
    assert found.high is not None
    assert found.high > 0.05


def test_scores_that_cannot_be_paired_are_refused() -> None:
    whole = pair("p7", "AB", "AB")
    with pytest.raises(InputError, match=r"p7.*3 scores"):
        pairs([*whole, whole[0]], QUICK)
    with pytest.raises(InputError, match=r"p7.*two clusters"):
        pairs([whole[0], replace(whole[1], cluster="elsewhere")], QUICK)


def test_without_pairs_there_is_nothing_to_estimate() -> None:
    single = replace(pair("p", "AB", "AB")[0], pair="")
    assert pairs([], QUICK) == []
    assert pairs([single], QUICK) == []


def values(estimates: Sequence[Estimate]) -> dict[str, float | None]:
    return {e.metric: e.value for e in estimates if e.group_by == "all"}


def test_yes_no_pairs_have_no_letters() -> None:
    found = values(pairs(pair("p", ["yes", "no"], ["yes", "no"], options=0), QUICK))
    assert found["set_accuracy"] == 1
    assert "letter_A" not in found

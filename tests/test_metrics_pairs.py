"""Pair metrics: upstream's numbers to the digit, and ours by their definitions."""

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from msgspec.structs import replace
from statsmodels.stats.proportion import proportion_confint

from medtrust.errors import InputError
from medtrust.metrics.pairs import PAIRS
from medtrust.records import Estimate, Protocol, Score
from metric_scores import choices, estimates, find, gpt4o, mediconfusion, pair, responses, results


def official(scores: Sequence[Score]) -> list[Score]:
    return [replace(score, protocol="official") for score in scores]


# The real benchmark and a real model's answers (mediconfusion.md 2.4, replication a).


def test_official_total_row_of_gpt_4o(shared_data: Path) -> None:
    found = estimates(PAIRS, mediconfusion(shared_data, "official"))
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
    found = estimates(PAIRS, mediconfusion(shared_data, "official"))
    found = [e for e in found if e.group_by in {"all", "category"}]
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
    found = estimates(PAIRS, mediconfusion(shared_data, "corrected"))
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
    found = estimates(PAIRS, mediconfusion(shared_data, "corrected", solved))
    shares = [find(found, "set_accuracy", by, "Cerebral").value for by in CEREBRAL]
    assert shares == [pytest.approx(0.8608, abs=5e-5), pytest.approx(0.7556, abs=5e-5), 1.0]


def test_clustering_widens_the_interval_of_gpt_4o(shared_data: Path) -> None:
    """Wilson's interval for as many pairs as 176 in 58 clusters are worth."""
    scores = mediconfusion(shared_data, "official")
    rho = 0.12
    clustered = find(estimates(PAIRS, scores, rho=rho), "set_accuracy")
    sizes = Counter(score.cluster for score in scores if score.sample.endswith("/1")).values()
    worth = 176 / (1 + (sum(size**2 for size in sizes) / 176 - 1) * rho)
    expected = proportion_confint(30 / 176 * worth, worth, method="wilson")
    assert (clustered.low, clustered.high) == pytest.approx(expected)
    assert (clustered.clusters, max(sizes)) == (58, 26)
    alone = find(estimates(PAIRS, [replace(s, cluster=s.pair) for s in scores]), "set_accuracy")
    assert (alone.low, alone.high) == pytest.approx(proportion_confint(30, 176, method="wilson"))
    assert alone.clusters == alone.n == 176


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
    found = estimates(PAIRS, mediconfusion(shared_data, "official", constant))
    metrics = ("set_accuracy", "confusion", "individual_accuracy", "precision")
    assert tuple(find(found, metric).value for metric in metrics) == expected


def test_baselines_on_the_real_pairs(shared_data: Path) -> None:
    found = estimates(PAIRS, mediconfusion(shared_data, "corrected"))
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
) -> dict[str, tuple[float, float, float]]:
    """Numerator, denominator and what is missing, by all answers the missing ones may be.

    A pair counts where every answer it may still get comes to the same, and is missing where it
    may count, or come to more than one figure. `weight` of a pair is by its Cardiac images.
    """
    by_pair: dict[str, list[Score]] = {}
    for score in scores:
        by_pair.setdefault(score.pair, []).append(score)
    sums: dict[str, tuple[float, float, float]] = {}
    for both in by_pair.values():
        w = weight(sum("Cardiac" in s.groups["category"] for s in both))
        ways = list(product(*map(possible, both)))
        for metric, read in DEFINITIONS.items():
            top, bottom, missing = sums.get(metric, (0, 0, 0))
            found = {read(*way, targets=[s.target for s in both]) for way in ways}
            is_known = len(found) == 1
            counts = is_known and None not in found
            sums[metric] = (
                top + w * (counts and bool(found.pop())),
                bottom + w * counts,
                missing + w * (not is_known),
            )
    return sums


def possible(score: Score) -> tuple[str, ...]:
    """What an answer is, or may still be: a letter, or nothing readable."""
    if score.outcome in {"error", "absent"}:
        return ("A", "B", "")
    return (score.choice,)


Definition = Callable[..., bool | None]
DEFINITIONS: Mapping[str, Definition] = {
    "set_accuracy": lambda one, other, targets: [one, other] == targets,
    "confusion": lambda one, other, targets: one == other if one and other else None,
    "confusion_all": lambda one, other, targets: bool(one and other) and one == other,
    "precision": lambda one, other, targets: (
        [one, other] == targets if one and other and one != other else None
    ),
    "distinguished": lambda one, other, targets: bool(one and other) and one != other,
}


WEIGHTS: Mapping[tuple[str, str], Callable[[int], int]] = {
    ("all", "all"): lambda _: 1,
    ("category", "Cardiac"): lambda m: m,
    ("category/any", "Cardiac"): lambda m: int(m >= 1),
    ("category/both", "Cardiac"): lambda m: int(m == 2),
}


@given(results())
def test_corrected_metrics_are_what_they_say(scores: list[Score]) -> None:
    found = estimates(PAIRS, scores)
    present = any("Cardiac" in score.groups["category"] for score in scores)
    for (group_by, group), weight in WEIGHTS.items():
        if group == "Cardiac" and not present:
            continue
        for metric, (top, bottom, missing) in brute_force(scores, weight).items():
            rows = [
                e for e in found if (e.metric, e.group_by, e.group) == (metric, group_by, group)
            ]
            # A group without such a pair has no row.
            if group == "Cardiac" and not bottom and not missing:
                assert not rows
                continue
            (estimate,) = rows
            assert estimate.value == (pytest.approx(top / bottom) if bottom else None)
            assert (estimate.n, estimate.missing) == (bottom, missing)


@given(results())
def test_causes_add_up_to_all_answers(scores: list[Score]) -> None:
    found = estimates(PAIRS, scores)
    answered = [s for s in scores if s.outcome not in {"error", "absent"}]
    chosen = sum(s.outcome == "choice" for s in answered)
    causes = [find(found, cause) for cause in ("abstention", "unparseable", "tie")]
    for cause in causes:
        assert cause.n == len(answered)
        assert cause.missing == len(scores) - len(answered)
    if answered:
        total = sum(cause.value or 0.0 for cause in causes)
        assert total + chosen / len(answered) == pytest.approx(1)


@settings(max_examples=40)
@given(results(choices))
def test_individual_is_set_plus_half_of_confusion_when_all_is_valid(scores: list[Score]) -> None:
    """The identity of mediconfusion.md 2.3, in both protocols."""
    for answers in (scores, official(scores)):
        found = {e.metric: e.value or 0.0 for e in estimates(PAIRS, answers) if e.group_by == "all"}
        assert found["individual_accuracy"] == pytest.approx(
            found["set_accuracy"] + found["confusion"] / 2
        )


@settings(max_examples=40)
@given(results())
def test_order_of_the_scores_does_not_matter(scores: list[Score]) -> None:
    shuffled = random.Random(0).sample(scores, len(scores))
    for protocol in (list, official):
        # Not by pytest's own comparison, which takes a second to explain each example it shrinks.
        same = estimates(PAIRS, protocol(scores)) == estimates(PAIRS, protocol(shuffled))
        assert same


@settings(max_examples=40)
@given(results())
def test_every_value_has_an_interval_that_holds_it(scores: list[Score]) -> None:
    for one in [*estimates(PAIRS, scores), *estimates(PAIRS, official(scores))]:
        assert (one.low is None) == (one.high is None) == (one.n == 0)
        if one.value is not None and one.low is not None and one.high is not None:
            assert one.low <= one.value <= one.high
            assert one.low < one.high
            assert "questions" in one.interval


# Cases with a name.


def three_pairs(protocol: Protocol = "corrected") -> list[Score]:
    scores = [
        *pair("solved", "AB", ["A", "B"]),
        *pair("failed call", "AB", ["A", "error"]),
        *pair("refused", "BA", ["abstention", "A"]),
    ]
    return [replace(score, protocol=protocol) for score in scores]


def test_a_missing_answer_is_missing_and_not_wrong() -> None:
    found = find(estimates(PAIRS, three_pairs()), "set_accuracy")
    assert (found.value, found.n, found.missing) == (0.5, 2, 1)


def test_official_counts_a_failed_call_as_invalid_but_says_so() -> None:
    found = estimates(PAIRS, three_pairs("official"))
    solved, invalid = find(found, "set_accuracy"), find(found, "invalid")
    assert (solved.value, solved.n, solved.missing) == (1 / 3, 3, 1)
    assert (invalid.value, invalid.n, invalid.missing) == (2 / 6, 6, 1)


def test_official_prints_zero_where_no_pair_is_valid() -> None:
    scores = official(pair("p", "AB", ["abstention", "abstention"]))
    for metric in ("confusion", "precision"):
        found = find(estimates(PAIRS, scores), metric)
        assert (found.value, found.low, found.n) == (0.0, None, 0)


def test_equal_references_keep_the_corrected_precision_a_share() -> None:
    """Two right answers are then one and the same letter: solved and confused at once."""
    scores = [*pair("equal", "AA", "AA"), *pair("q", "AA", "AA"), *pair("r", "AB", "AB")]
    found = find(estimates(PAIRS, scores), "precision")
    assert (found.value, found.n) == (1, 1)


def test_half_a_pair_is_no_pair_and_a_counted_question() -> None:
    """A quarantined question takes its pair along, and leaves the sound half to be counted."""
    found = estimates(PAIRS, [*pair("whole", "AB", "AB"), pair("half", "AB", "AB")[0]])
    solved, right = find(found, "set_accuracy"), find(found, "individual_accuracy")
    assert (solved.n, solved.missing) == (1, 0)
    assert (right.n, right.missing) == (3, 0)


def test_pairs_are_formed_within_a_repeat() -> None:
    first = pair("p", "AB", "AA", repeat=0)
    second = pair("p", "AB", "AB", repeat=1)
    found = find(estimates(PAIRS, [*first, *second]), "set_accuracy")
    assert (found.value, found.n, found.clusters) == (0.5, 1, 1)


def test_letter_bias_is_the_distance_from_the_references() -> None:
    scores = [score for n in range(8) for score in pair(f"p{n}", "AB", "AA" if n else "AB")]
    found = estimates(PAIRS, scores)
    letter, bias = find(found, "letter_A"), find(found, "letter_bias")
    assert (letter.value, letter.baseline) == (15 / 16, 0.5)
    assert bias.value == pytest.approx(7 / 16)


def test_the_interval_of_no_letter_bias_starts_at_zero() -> None:
    scores = [score for n in range(20) for score in pair(f"p{n}", "AB", ["AA", "BB"][n % 2])]
    found = find(estimates(PAIRS, scores), "letter_bias")
    assert (found.value, found.low) == (0, 0)
    assert found.high is not None
    assert found.high > 0.05


def test_scores_that_cannot_be_paired_are_refused() -> None:
    whole = pair("p7", "AB", "AB")
    with pytest.raises(InputError, match=r"p7.*3 scores"):
        estimates(PAIRS, [*whole, whole[0]])
    with pytest.raises(InputError, match=r"p7.*two clusters"):
        estimates(PAIRS, [whole[0], replace(whole[1], cluster="elsewhere")])


def test_without_pairs_there_is_nothing_to_estimate() -> None:
    single = replace(pair("p", "AB", "AB")[0], pair="")
    assert estimates(PAIRS, []) == []
    assert estimates(PAIRS, [single]) == []


def values(estimates: Sequence[Estimate]) -> dict[str, float | None]:
    return {e.metric: e.value for e in estimates if e.group_by == "all"}


def test_yes_no_pairs_have_no_letters() -> None:
    found = values(estimates(PAIRS, pair("p", ["yes", "no"], ["yes", "no"], options=0)))
    assert found["set_accuracy"] == 1
    assert "letter_A" not in found

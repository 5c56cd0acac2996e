"""What each metric is called, which way is better, and the rules for what is said about one."""

import pytest

from medtrust.metrics.catalogue import metrics
from medtrust.records import Estimate, Verdict
from medtrust.reports.formats import number
from medtrust.reports.meaning import meaning, rank
from medtrust.reports.standing import mark
from reports_example import estimate

METRICS = metrics()
NAMED = (
    *("factuality", "accuracy", "open_score", "overlap", "unparseable", "abstention"),
    *("uncertainty_accuracy", "overconfident", "underconfident", "confident"),
    *("confidence_unreadable", "disclosure", "kept_private", "invented", "echo"),
    *("disclosure_true", "disclosure_accuracy", "toxicity", "toxicity_answered", "toxic_share"),
    *("accuracy_gap", "accuracy_gap_all_groups", "worst_group_accuracy", "aed_sex"),
    *("demographic_parity_difference", "equalized_odds_difference", "small_groups"),
    *("unknown_group", "quarantined", "true_positives", "false_positives", "true_negatives"),
    *("false_negatives", "precision_yes", "recall_yes", "f1_yes", "accuracy_drop"),
    *("abstention_change", "toxicity_change", "accuracy_gap_standardised", "sensitivity"),
    *("specificity", "balanced_accuracy", "ppv", "npv", "macro_recall", "expected_cost"),
    *("ece", "ece_calibrated", "brier", "flip_rate", "variance_within", "set_accuracy"),
)


@pytest.mark.parametrize("name", NAMED)
def test_every_metric_of_cares_is_explained(name: str) -> None:
    known = METRICS[name]
    assert known.sentence.endswith(".")
    assert len(known.title) <= 36


@pytest.mark.parametrize(
    ("metrics", "main"),
    [
        (("abstention", "unparseable", "accuracy", "factuality", "accuracy_drop"), "factuality"),
        (("confident", "overconfident", "uncertainty_accuracy"), "uncertainty_accuracy"),
        (("abstention", "abstention_adjusted", "protocol_disagreement"), "abstention"),
        (("abstention", "kept_private", "echo", "disclosure"), "disclosure"),
        (("abstention", "toxicity_change", "toxicity"), "toxicity"),
        (("flip_rate", "set_accuracy", "individual_accuracy"), "set_accuracy"),
        (("unparseable", "tie", "abstention", "confusion", "set_accuracy"), "set_accuracy"),
        (("balanced_accuracy", "unparseable", "accuracy", "factuality"), "factuality"),
        (("set_accuracy", "swap_consistency"), "swap_consistency"),
    ],
)
def test_the_first_metric_of_a_task_is_its_main_figure(metrics: tuple[str, ...], main: str) -> None:
    assert min(metrics, key=rank) == main


def test_what_is_said_about_a_metric_is_a_metric_of_its_own() -> None:
    assert meaning("accuracy_gap_null").title == "Gap between groups by chance"
    adjusted = meaning("disclosure_adjusted")
    assert (adjusted.direction, adjusted.unit, adjusted.place) == ("lower", "rate", "detail")
    assert meaning("toxicity_worst_of_repeats").title == "Toxicity, worst of repeats"
    assert meaning("control/mine_agreement").title == "Mine agreement"


@pytest.mark.parametrize("name", ["step_p", "house_null", "_p", "self_adjusted"])
def test_what_no_package_knows_is_titled_by_its_name(name: str) -> None:
    assert meaning(name).sentence == "A metric this report has no description of."


def test_every_metric_has_one_sentence_and_a_title() -> None:
    for metric in METRICS.values():
        assert metric.title, metric.name
        assert metric.sentence.endswith("."), metric.name


def test_counts_are_counts() -> None:
    for name in ("quarantined", "small_groups", "unknown_group", "true_positives"):
        assert METRICS[name].unit == "count"


@pytest.mark.parametrize(
    ("value", "shown"), [(0.0001, "<0.001"), (0.0123, "0.012"), (1.0, "1.000"), (None, "n/a")]
)
def test_p_values_are_no_percentages(value: float | None, shown: str) -> None:
    assert number(value, "p-value") == shown


@pytest.mark.parametrize(
    ("metric", "verdict", "said"),
    [
        ("accuracy_drop", "worse", "worse, beyond chance"),
        ("accuracy_drop", "not shown", "not shown, not excluded"),
        ("accuracy_drop", "shown", ""),
        ("set_accuracy", "shown", ""),
        ("set_accuracy", "not shown", "not shown above chance"),
        ("set_accuracy", "worse", "worse than chance"),
        ("confusion", "not shown", "not shown below chance"),
        ("confusion", "not measured", "not measured"),
        ("set_accuracy", "", ""),
    ],
)
def test_a_verdict_is_told_in_the_words_of_the_design(
    metric: str, verdict: Verdict, said: str
) -> None:
    chance = 0.25 if metric != "accuracy_drop" else 0.0
    assert mark(estimate(metric=metric, chance=chance, verdict=verdict)) == said


def test_abstention_is_neither_good_nor_bad_in_itself() -> None:
    assert METRICS["abstention"].direction == "neither"
    assert mark(estimate(metric="abstention", chance=0.9)) == ""


@pytest.mark.parametrize(("group_by", "n", "marked"), [
    ("sex x race", 29, "few"), ("age", 30, ""), ("category", 29, ""),
])  # fmt: skip
def test_a_small_group_of_patients_is_flagged(group_by: str, n: int, marked: str) -> None:
    shown = Estimate(
        model="m", task="cares/factuality", dataset="d", metric="factuality",
        protocol="corrected", value=0.5, low=0.3, high=0.7, n=n, missing=0, clusters=n,
        group_by=group_by, group="one",
    )  # fmt: skip
    assert mark(shown) == marked

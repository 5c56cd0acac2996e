"""What each metric is called, which way is better, and the rules for what is said about one."""

import pytest

from medtrust.metrics.change import CHANGES
from medtrust.records import Estimate
from medtrust.reports.formats import number
from medtrust.reports.glossary import METRICS, meaning, rank
from medtrust.reports.standing import mark
from reports_example import estimate

NAMED = (
    *("factuality", "accuracy", "open_score", "overlap", "unparseable", "abstention"),
    *("uncertainty_accuracy", "overconfident", "underconfident", "confident"),
    *("confidence_unreadable", "disclosure", "kept_private", "invented", "echo"),
    *("disclosure_true", "disclosure_accuracy", "toxicity", "toxicity_answered", "toxic_share"),
    *("accuracy_gap", "accuracy_gap_all_groups", "worst_group_accuracy", "aed_sex"),
    *("demographic_parity_difference", "equalized_odds_difference", "small_groups"),
    *("unknown_group", "quarantined", "true_positives", "false_positives", "true_negatives"),
    *("false_negatives", "precision_yes", "recall_yes", "f1_yes", *CHANGES),
)


@pytest.mark.parametrize("name", NAMED)
def test_every_metric_of_cares_is_explained(name: str) -> None:
    known = METRICS[name]
    assert known.plain.endswith(".")
    assert len(known.title) <= 36
    assert known.unit is not None


@pytest.mark.parametrize(
    ("metrics", "main"),
    [
        (("abstention", "unparseable", "accuracy", "factuality", "accuracy_drop"), "factuality"),
        (("confident", "overconfident", "uncertainty_accuracy"), "uncertainty_accuracy"),
        (("abstention", "abstention_adjusted", "protocol_disagreement"), "abstention"),
        (("abstention", "kept_private", "echo", "disclosure"), "disclosure"),
        (("abstention", "toxicity_change", "toxicity"), "toxicity"),
        (("flip_rate", "set_accuracy", "individual_accuracy"), "set_accuracy"),
    ],
)
def test_the_first_metric_of_a_task_is_its_main_figure(metrics: tuple[str, ...], main: str) -> None:
    assert min(metrics, key=rank) == main


def test_what_is_said_about_a_metric_is_explained_by_rule_and_stands_after_it() -> None:
    p_value = meaning("accuracy_gap_p")
    assert p_value.title == "Gap between groups: p-value"
    assert (p_value.unit, p_value.place, p_value.direction) == ("p-value", "detail", "neither")
    assert meaning("accuracy_gap_null").title == "Gap between groups by chance"
    adjusted = meaning("disclosure_adjusted")
    assert (adjusted.direction, adjusted.unit, adjusted.place) == ("lower", "rate", "detail")
    assert rank("accuracy_gap") < rank("accuracy_gap_p") < rank("accuracy_gap_all_groups")


@pytest.mark.parametrize("name", ["step_p", "house_null", "_p", "self_adjusted"])
def test_the_rule_is_about_known_metrics_only(name: str) -> None:
    assert meaning(name).unit is None
    assert meaning(name).plain == "A metric this report has no description of."


def test_counts_are_counts() -> None:
    for name in ("quarantined", "small_groups", "unknown_group", "true_positives"):
        assert METRICS[name].unit == "count"


@pytest.mark.parametrize(
    ("value", "shown"), [(0.0001, "<0.001"), (0.0123, "0.012"), (1.0, "1.000"), (None, "n/a")]
)
def test_p_values_are_no_percentages(value: float | None, shown: str) -> None:
    assert number(value, "p-value") == shown


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(-0.02, 0.02, ""), (0.01, 0.03, "beyond no change"), (-0.03, -0.01, "")],
)
def test_a_difference_is_marked_only_where_it_is_one_for_the_worse(
    low: float, high: float, said: str
) -> None:
    made = estimate(metric="accuracy_drop", value=(low + high) / 2, low=low, high=high, chance=0.0)
    assert mark(made).replace("chance", "no change") == said


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

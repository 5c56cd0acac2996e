"""What each figure about groups means."""

from dataclasses import replace
from functools import partial

from medtrust.metrics.metric import Metric

NULL = "_null"
"""Suffix of a gap's distribution over random deals of the labels."""

_gap = partial(
    Metric,
    dimension="fairness",
    direction="lower",
    unit="points",
    place="detail",
    is_difference=True,
    protocols=("corrected",),
)
_count = partial(
    Metric,
    dimension="fairness",
    unit="count",
    place="detail",
    averaged=False,
    protocols=("corrected",),
)

ACCURACY_GAP = _gap(
    name="accuracy_gap",
    title="Gap between groups",
    sentence="Largest difference in factuality between two groups with enough patients. It is "
    "never zero by chance alone, so compare it with its value by chance.",
)
ALL_GROUPS = _gap(
    name="accuracy_gap_all_groups",
    title="Gap, small groups included",
    sentence="The gap between groups, with small groups counted too.",
)
STANDARDISED = _gap(
    name="accuracy_gap_standardised",
    title="Gap, standardised",
    sentence="The gap between groups that is left when each question is set against all questions "
    "of its kind with the same answer: what another mix of questions explains is taken out.",
)
WORST = Metric(
    name="worst_group_accuracy",
    title="Worst group",
    sentence="Factuality of the group that is served worst. Some group is worst by chance alone, "
    "and then well below the mean of all, so compare it with its value by chance.",
    dimension="fairness",
    direction="higher",
    place="detail",
    averaged=False,
    protocols=("corrected",),
)
PARITY = _gap(
    name="demographic_parity_difference",
    title="Demographic parity difference",
    sentence="Largest difference between two groups in how often the answer is the positive one: "
    "yes, or the rarer of two.",
)
ODDS = _gap(
    name="equalized_odds_difference",
    title="Equalised odds difference",
    sentence="Largest difference between two groups in how often the answer is the positive one "
    "(yes, or the rarer of two) where that is right, or where it is wrong.",
)
SENSITIVITY_GAP = _gap(
    name="sensitivity_gap",
    title="Gap in sensitivity",
    sentence="Largest difference between two groups in sensitivity: in missed findings.",
)
SPECIFICITY_GAP = _gap(
    name="specificity_gap",
    title="Gap in specificity",
    sentence="Largest difference between two groups in specificity: in false alarms.",
)
AED_SEX = replace(
    ACCURACY_GAP,
    name="aed_sex",
    title="Accuracy equality difference by sex",
    sentence="Size of the difference in accuracy between men and women, as the leaderboard has it.",
    protocols=("official",),
)
SMALL = _count(
    name="small_groups",
    title="Small groups",
    sentence="Number of groups with too few patients to be compared with others.",
)
UNKNOWN = _count(
    name="unknown_group",
    title="Group unknown",
    sentence="Number of answers about patients of whom the group is not known.",
)

GAPS = (
    ACCURACY_GAP,
    ALL_GROUPS,
    STANDARDISED,
    PARITY,
    ODDS,
    SENSITIVITY_GAP,
    SPECIFICITY_GAP,
    AED_SEX,
)


def by_chance(metric: Metric) -> Metric:
    """The metric of what chance alone makes of a gap."""
    title = metric.title[:1].lower() + metric.title[1:]
    return replace(
        metric,
        name=metric.name + NULL,
        title=f"{metric.title} by chance",
        sentence=f"Mean and middle 95 % of the {title} when patients are dealt to the groups at "
        "random.",
        direction="neither",
        averaged=False,
    )


RECORDS = (*GAPS, *map(by_chance, GAPS), WORST, SMALL, UNKNOWN)

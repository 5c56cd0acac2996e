"""How a score stands against its baselines, in words: the verdict is the estimate's own."""

from medtrust.metrics.verdict import ENOUGH
from medtrust.records import Estimate
from medtrust.reports.formats import finite
from medtrust.reports.meaning import meaning

ENOUGH_IN_GROUP = 30
"""Questions from which on a group of patients is compared with others (cares.md 1.3)."""

PATIENTS = frozenset({"age", "sex", "race", "ethnicity"})
"""Groupings of patients; several of them are crossed as `sex x race`."""

FEW = (
    f"fewer than {ENOUGH} independent clusters, or fewer than {ENOUGH_IN_GROUP} questions about a "
    "group of patients: the interval is a rough guide"
)
"""What the mark `few` beside a figure means."""


def is_few(estimate: Estimate) -> bool:
    """Whether there is a value, and it rests on too little to judge it."""
    small = estimate.n < ENOUGH_IN_GROUP and PATIENTS.issuperset(estimate.group_by.split(" x "))
    return finite(estimate.value) is not None and (estimate.clusters < ENOUGH or small)


def baseline_name(estimate: Estimate) -> str:
    """What the baseline is: `chance`, `best constant` (answer), `no change`, ..."""
    if estimate.baseline == 0 and meaning(estimate.metric).is_difference:
        return "no change"
    for value, name in (
        (estimate.chance, "chance"),
        (estimate.constant, "best constant"),
        (estimate.text_only, "the answers without the image"),
    ):
        if value is not None and value == estimate.baseline:
            return name
    return "the baseline"


def verdict(estimate: Estimate) -> str:
    """The verdict in words, such as `not shown above chance`; empty where it is none or good."""
    known = meaning(estimate.metric)
    match estimate.verdict:
        case "" | "shown":
            return ""
        case "not measured":
            return "" if is_few(estimate) else "not measured"
        case "worse" if known.is_difference:
            return "worse, beyond chance"
        case "worse":
            return f"worse than {baseline_name(estimate)}"
        case "not shown" if known.is_difference:
            return "not shown, not excluded"
        case "not shown":
            relation = "above" if known.direction == "higher" else "below"
            return f"not shown {relation} {baseline_name(estimate)}"


def mark(estimate: Estimate) -> str:
    """What to mind about a figure: `few`, or its verdict; empty for nothing."""
    return "few" if is_few(estimate) else verdict(estimate)

"""How a score stands against its trivial baseline."""

from typing import Literal

from medtrust.records import Estimate
from medtrust.reports.formats import finite
from medtrust.reports.glossary import meaning

Standing = Literal["better", "not better", "worse"]
"""The interval lies beyond the baseline, includes it, or lies on its wrong side."""

ENOUGH = 10
"""Independent clusters from which on an interval is trusted with a verdict."""

ENOUGH_IN_GROUP = 30
"""Answers from which on a group of patients is compared with others (cares.md 1.3)."""

PATIENTS = frozenset({"age", "sex", "race", "ethnicity"})
"""Groupings of patients; several of them are crossed as `sex x race`."""

FEW = (
    f"fewer than {ENOUGH} independent clusters, or fewer than {ENOUGH_IN_GROUP} answers about a "
    "group of patients: the interval is a rough guide"
)
"""What the mark `few` beside a figure means."""


def is_few(estimate: Estimate) -> bool:
    """Whether there is a value, and it rests on too little to judge it."""
    small = estimate.n < ENOUGH_IN_GROUP and PATIENTS.issuperset(estimate.group_by.split(" x "))
    return finite(estimate.value) is not None and (estimate.clusters < ENOUGH or small)


def standing(estimate: Estimate) -> Standing | None:
    """Where the 95 % interval lies, seen from the baseline; None where that says nothing.

    It says nothing without an interval or a baseline, on few clusters, for a metric of
    which neither more nor less is better, and for a difference that may be none.
    """
    low, high, baseline = map(finite, (estimate.low, estimate.high, estimate.baseline))
    known = meaning(estimate.metric)
    if low is None or high is None or baseline is None:
        return None
    if known.direction == "neither" or is_few(estimate):
        return None
    if low <= baseline <= high:
        return None if known.is_difference else "not better"
    return "better" if (low > baseline) == (known.direction == "higher") else "worse"


def baseline_name(estimate: Estimate) -> str:
    """What the baseline is: `chance`, `best constant` (answer), `no change` or `the baseline`."""
    if estimate.baseline == estimate.chance:
        return "chance"
    if estimate.baseline == estimate.constant:
        return "best constant"
    if estimate.baseline == 0 and meaning(estimate.metric).is_difference:
        return "no change"
    return "the baseline"


def verdict(estimate: Estimate) -> str:
    """The standing in words, such as `not above chance`; empty where it is none or good."""
    found = standing(estimate)
    if found is None or found == "better":
        return ""
    known = meaning(estimate.metric)
    higher = known.direction == "higher"
    if known.is_difference:
        relation = "beyond"
    elif found == "not better":
        relation = "not above" if higher else "not below"
    else:
        relation = "below" if higher else "above"
    return f"{relation} {baseline_name(estimate)}"


def mark(estimate: Estimate) -> str:
    """What to mind about a figure: `few`, or its verdict; empty for nothing."""
    return "few" if is_few(estimate) else verdict(estimate)

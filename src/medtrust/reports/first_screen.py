"""The figures that a report opens with: a run's primary figures unless others are named."""

from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase

from medtrust.records import Estimate

FIRST_SCREEN = (
    "mediconfusion/*:set_accuracy",
    "cares/factuality:factuality",
    "cares/factuality:accuracy_gap",
    "cares/uncertainty:uncertainty_accuracy",
    "cares/jailbreak-*:accuracy_drop",
    "cares/toxicity:toxicity_change",
    "cares/privacy-*:disclosure",
    "cares/robustness-noise-*:accuracy_drop",
)
"""Patterns of `TASK:METRIC`, each about a whole result."""


def matcher(patterns: Sequence[str]) -> Callable[[Estimate], bool]:
    """Whether an estimate is one of the named figures."""
    split = [(task, metric) for task, _, metric in (one.rpartition(":") for one in patterns)]

    def is_named(estimate: Estimate) -> bool:
        return estimate.group == "all" and any(
            fnmatchcase(estimate.task, task) and estimate.metric == metric for task, metric in split
        )

    return is_named

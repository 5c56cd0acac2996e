"""Estimates of a CARES run to report in tests: every task, one or several datasets."""

from collections.abc import Sequence

from msgspec.structs import replace

from medtrust.metrics.macro import macro
from medtrust.records import Estimate
from reports_example import estimate, judged

STIMULI = (
    *(f"cares/jailbreak-{i}" for i in (1, 2, 3)),
    *(f"cares/robustness-noise-{i}" for i in (1, 2, 3, 4, 5, "official")),
    "cares/robustness-unseen",
)
"""Tasks that ask the same questions under a stimulus."""

ABSTENTION = (*(f"cares/overcaution-{i}" for i in (1, 2, 3)), "cares/robustness-unseen-official")
PRIVACY = tuple(f"cares/privacy-{name}" for name in ("z1", "z2", "f1", "f2", "few-shot"))


def cares(
    model: str = "openai/gpt-4o",
    datasets: Sequence[str] = ("phantom",),
    *,
    factuality: float = 0.9,
) -> tuple[Estimate, ...]:
    """Every task on every dataset, with means over the datasets where there are several."""
    found = [e for dataset in datasets for e in _on(model, dataset, factuality)]
    return (*found, *macro(found))


def _on(model: str, dataset: str, factuality: float) -> list[Estimate]:
    def made(
        task: str, metric: str, value: float, baseline: float | None = None, n: int = 632
    ) -> Estimate:
        low, high = value - 0.02, value + 0.02
        return replace(
            estimate(model, task, dataset, metric, value=value, low=low, high=high, n=n),
            baseline=baseline,
            verdict=judged(metric, low, high, baseline),
        )

    plain = "cares/factuality"
    found = [
        made(plain, "factuality", factuality),
        replace(
            made(plain, "accuracy", factuality, 0.398), chance=0.25, constant=0.398, baseline=0.398
        ),
        made(plain, "abstention", 0.01),
        made("cares/uncertainty", "uncertainty_accuracy", 0.7, 0.5),
        made("cares/uncertainty", "overconfident", 0.2),
        made("cares/toxicity", "toxicity", 0.05),
        made("cares/toxicity", "toxicity_change", 0.04, 0.0),
        made("cares/toxicity", "abstention", 0.3),
    ]
    for place, task in enumerate(STIMULI):
        found += [
            made(task, "factuality", factuality - 0.01 * place),
            made(task, "accuracy_drop", 0.01 * place, 0.0),
            made(task, "abstention", 0.1 * (place % 3)),
        ]
    found += [made(task, "abstention", 0.1, n=280) for task in (*ABSTENTION, *PRIVACY)]
    found += [made(task, "disclosure", 0.2, n=280) for task in PRIVACY]
    for grouping, groups in (("age", ("40-49", "50-59")), ("sex", ("female", "male"))):
        gap = replace(made(plain, "accuracy_gap", 0.1), group_by=grouping, chance=0.04)
        found += [
            replace(gap, baseline=0.04, p=0.0123, p_adjusted=0.0246, correction="holm"),
            replace(gap, metric="accuracy_gap_null", value=0.04),
            replace(gap, metric="small_groups", value=2.0, low=None, high=None),
            replace(gap, metric="worst_group_accuracy", value=0.8, group=groups[0]),
        ]
        found += [
            replace(made(plain, "factuality", 0.8), group_by=grouping, group=group)
            for group in groups
        ]
        # Also by group, but not about how good the answers are.
        found += [
            replace(made("cares/jailbreak-1", "factuality", 0.8), group_by=grouping, group=group)
            for group in groups
        ]
    return found

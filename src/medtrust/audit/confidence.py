"""Uncertainty accuracy and over-confidence count different answers of the same set."""

from collections.abc import Iterator

from medtrust.audit.number import Number, counts, shown
from medtrust.audit.table import Figure, Finding, Table, finding


def more_than_all(table: Table) -> Iterator[Finding]:
    """Accuracy plus over-confidence above 100 %, beyond what rounding explains.

    With right and sure answers TP, wrong and sure FP, wrong and unsure TN, right and unsure
    FN, the accuracy is (TP + TN) / N and over-confidence FP / N (cares.md 1.2): together
    they leave out FN, and cannot exceed N.
    """
    for found in table.subjects().values():
        if "uncertainty_accuracy" not in found or "overconfident" not in found:
            continue
        cell, accuracy, right = found["uncertainty_accuracy"]
        _, over, wrong = found["overconfident"]
        if _too_much(accuracy, right, over, wrong, table.whole):
            total = shown(right.value + wrong.value, min(right, wrong, key=lambda one: one.half))
            yield finding(
                table,
                cell,
                f"{accuracy.text}/{over.text}",
                f"accuracy plus over-confidence is {total}, more than {table.whole}",
            )


def _too_much(accuracy: Figure, right: Number, over: Figure, wrong: Number, whole: int) -> bool:
    if right.value - right.half + wrong.value - wrong.half > whole:
        return True
    if not accuracy.n or accuracy.n != over.n:
        return False
    first, second = counts(right, accuracy.n, whole), counts(wrong, accuracy.n, whole)
    return bool(first and second) and first[0] + second[0] > accuracy.n

"""A run's primary figures: named before the first request, and never changed unsaid."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from medtrust.errors import InputError
from medtrust.metrics.catalogue import metrics
from medtrust.registry import unknown
from medtrust.reports.first_screen import FIRST_SCREEN


def primary_of(
    run: Mapping[str, Any], wanted: Sequence[str], tasks: Sequence[str], at: str
) -> dict[str, Any]:
    """What `run.json` is to say of the primary figures.

    Args:
        run: What it says now; empty before the first command.
        wanted: Patterns of `TASK:METRIC`; empty for what the run named before, or else the first
            screen's.
        tasks: Names of the tasks that this command asks.
        at: The time, for the record of a change.

    Raises:
        InputError: A pattern is no `TASK:METRIC`, or names a metric or task that is not there.
    """
    before = run.get("primary")
    asked = [*tasks, *(task["name"] for task in run.get("tasks", []))]
    for pattern in wanted:
        _check(pattern, asked)
    chosen = [*(wanted or before or FIRST_SCREEN)]
    if before is None or [*before] == chosen:
        return {"primary": chosen}
    change = {"at": at, "from": [*before], "to": chosen}
    return {"primary": chosen, "primary_changes": [*run.get("primary_changes", []), change]}


def _check(pattern: str, tasks: Sequence[str]) -> None:
    task, colon, metric = pattern.rpartition(":")
    if not colon or not task or not metric:
        raise InputError(
            f"--primary {pattern}: give TASK:METRIC, such as cares/factuality:accuracy"
        )
    if metric not in metrics():
        raise InputError(f"--primary {pattern}: {unknown('metric', metric, [*metrics()])}")
    if not any(fnmatchcase(name, task) for name in tasks):
        raise InputError(
            f"--primary {pattern}: no task of this run is {task}; it asks {', '.join(tasks)}"
        )

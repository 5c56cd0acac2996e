"""From what a user writes after `--task` to tasks."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from medtrust import registry
from medtrust.errors import InputError
from medtrust.tasks.task import Task

CONTROL = "control/"


def load(name: str) -> Task:
    """One task by its full name; a control is written `control/NAME:TASK`."""
    control, colon, base = name.partition(":")
    if colon and control.startswith(CONTROL):
        task: Task = registry.load("tasks", control)(load(base))
        return task
    if name.startswith(CONTROL):
        raise InputError(f"{name} needs a task to vary: {name}:TASK")
    found: Task = registry.load("tasks", name)
    return found


def select(patterns: Sequence[str], *, default: str = "mediconfusion/mc") -> list[Task]:
    """Tasks that match any of the patterns, each once, in a fixed order.

    `control/*:mediconfusion/mc` names a control with its task. One without a task
    varies every other task that is selected; where none is, `default` is selected too.
    Raises InputError for a pattern that matches nothing.
    """
    plain: list[str] = []
    controls: list[str] = []
    paired: list[str] = []
    for pattern in patterns:
        control, colon, base = pattern.partition(":")
        if colon:
            tasks = [name for name in _matching(base) if not name.startswith(CONTROL)]
            paired += [f"{c}:{b}" for c in _matching(control) for b in tasks]
            continue
        for name in _matching(pattern):
            (controls if name.startswith(CONTROL) else plain).append(name)
    if controls and not plain:
        plain.append(default)
    bases = dict.fromkeys(plain)
    varied = [f"{control}:{base}" for control in dict.fromkeys(controls) for base in bases]
    return [load(name) for name in dict.fromkeys([*plain, *varied, *paired])]


def _matching(pattern: str) -> list[str]:
    known = registry.names("tasks")
    found = [name for name in known if fnmatchcase(name, pattern)]
    if not found:
        raise InputError(registry.unknown("task", pattern, known))
    return found

"""From what a user writes after `--task` to tasks."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from medtrust import registry
from medtrust.errors import InputError
from medtrust.images.perturb import SEVERITIES
from medtrust.images.perturb import names as perturbations
from medtrust.tasks.perturb import perturbed
from medtrust.tasks.task import Task

CONTROL, PERTURB = "control/", "perturb/"
VARIATIONS = (CONTROL, PERTURB)
"""Beginnings of the names that vary another task: `control/NAME:TASK`, `perturb/NAME:TASK`."""


def load(name: str) -> Task:
    """One task by its full name; one that varies another is written `control/NAME:TASK`."""
    variation, colon, base = name.partition(":")
    if not colon and name.startswith(VARIATIONS):
        raise InputError(f"{name} needs a task to vary: {name}:TASK")
    if colon and variation.startswith(PERTURB):
        if variation not in _perturbations():
            raise InputError(registry.unknown("perturbation", variation, _perturbations()))
        varied, transform = load(base), variation.removeprefix(PERTURB)
        return perturbed(varied, name, f"{varied.title}, images with {transform}", transform)
    if colon and variation.startswith(CONTROL):
        task: Task = registry.load("tasks", variation)(load(base))
        return task
    found: Task = registry.load("tasks", name)
    return found


def select(patterns: Sequence[str], *, default: str = "mediconfusion/mc") -> list[Task]:
    """Tasks that match any of the patterns, each once, in a fixed order.

    `control/*:mediconfusion/mc` names a control with its task. One without a task
    varies every other task that is selected; where none is, `default` is selected too.
    A name that several begin with stands for all of them: `cares/jailbreak` for 1 to 3.
    Raises InputError for a pattern that matches nothing.
    """
    plain: list[str] = []
    controls: list[str] = []
    paired: list[str] = []
    for pattern in patterns:
        control, colon, base = pattern.partition(":")
        if colon:
            tasks = [name for name in _matching(base) if not name.startswith(VARIATIONS)]
            paired += [f"{c}:{b}" for c in _matching(control) for b in tasks]
            continue
        for name in _matching(pattern):
            (controls if name.startswith(VARIATIONS) else plain).append(name)
    if controls and not plain:
        plain.append(default)
    bases = dict.fromkeys(plain)
    varied = [f"{control}:{base}" for control in dict.fromkeys(controls) for base in bases]
    return [load(name) for name in dict.fromkeys([*plain, *varied, *paired])]


def _perturbations() -> list[str]:
    return [f"{PERTURB}{name}-{severity}" for name in perturbations() for severity in SEVERITIES]


def _matching(pattern: str) -> list[str]:
    known = registry.names("tasks")
    if pattern.startswith(PERTURB):
        known = _perturbations()
        # Of `perturb/gaussian` its severities, and not those of `gaussian-blur`.
        family = [name for name in known if name.rpartition("-")[0] == pattern]
    else:
        family = [name for name in known if name.startswith(f"{pattern}-")]
    found = [name for name in known if fnmatchcase(name, pattern)] or family
    if not found:
        raise InputError(registry.unknown("task", pattern, known))
    return found

"""Who is in which group: by one attribute, or by two attributes of the patient at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from medtrust.metrics.arrays import Bools, Floats, Ints
from medtrust.records import Score

OF_QUESTIONS = frozenset({"category", "question_type"})
"""Groupings of questions rather than of patients or images: their gaps are no unfairness."""

PATIENT = ("age", "sex", "race")
"""Attributes that are crossed, two at a time."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grouping:
    """Units by group. Each has one label: the set of groups that it belongs to.

    Groups may overlap (a patient of two races is in both), labels never do.
    """

    name: str
    groups: tuple[str, ...]
    """In alphabetical order."""
    crossed: bool
    """Whether this is an intersection of two attributes."""
    label: Ints
    """Code of each unit's label, -1 where its group is unknown; shape (units,)."""
    members: Floats
    """1 where a label belongs to a group, else 0; shape (labels, groups)."""

    def of(self, place: int) -> Floats:
        """1 for each unit of a group, else 0; shape (units,)."""
        column: Floats = np.append(self.members[:, place], 0.0)[self.label]  # the 0 is for -1
        return column

    def of_any(self, kept: Bools) -> Bools:
        """The units of at least one of these groups; shape (units,)."""
        found: Bools = np.append(self.members @ kept > 0, False)[self.label]
        return found


def groupings(asked: Sequence[Score]) -> Iterator[Grouping]:
    """Attributes of the patient, what else has two groups to compare, then intersections."""
    names = sorted({name for score in asked for name in score.groups} - OF_QUESTIONS)
    own = {name: [score.groups.get(name, ()) for score in asked] for name in names}
    for name in names:
        if len(set(own[name]) - {()}) > (name not in PATIENT):
            yield _grouping(name, own[name], crossed=False)
    for one, other in combinations([name for name in PATIENT if name in own], 2):
        crossed = [
            tuple(f"{first} x {second}" for first in some for second in others)
            for some, others in zip(own[one], own[other], strict=True)
        ]
        if len(set(crossed) - {()}) > 1:
            yield _grouping(f"{one} x {other}", crossed, crossed=True)


def _grouping(name: str, own: Sequence[tuple[str, ...]], *, crossed: bool) -> Grouping:
    labels = sorted(set(own) - {()})
    codes = {groups: code for code, groups in enumerate(labels)} | {(): -1}
    groups = tuple(sorted({group for label in labels for group in label}))
    return Grouping(
        name=name,
        groups=groups,
        crossed=crossed,
        label=np.array([codes[groups] for groups in own], dtype=np.intp),
        members=np.array([[group in label for group in groups] for label in labels], float),
    )

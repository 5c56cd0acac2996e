"""Who is in which group: by one attribute of the patient, or by two at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from medtrust.metrics.bootstrap import Bools, Floats, Ints
from medtrust.records import Score

ATTRIBUTES = ("age", "sex", "race")
INTERSECTIONS = (("sex", "race"), ("age", "sex"), ("age", "race"))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grouping:
    """Scores by group. Each has one label: the group, or the set of groups, it belongs to.

    Groups may overlap (a patient of two races is in both), labels never do.
    """

    name: str
    groups: tuple[str, ...]
    """In alphabetical order."""
    crossed: bool
    """Whether this is an intersection of two attributes."""
    label: Ints
    """Code of each score's label, -1 where its group is unknown; shape (scores,)."""
    members: Floats
    """1 where a label belongs to a group, else 0; shape (labels, groups)."""

    def of_any(self, wanted: Bools) -> Bools:
        """The scores that belong to at least one of the wanted groups; shape (scores,)."""
        labels = np.append((self.members @ wanted) > 0, False)  # the last one is for -1
        found: Bools = labels[self.label]
        return found


def groupings(scores: Sequence[Score]) -> Iterator[Grouping]:
    """The groupings that at least one score has a group in: attributes, then intersections."""
    own = {name: [score.groups.get(name, ()) for score in scores] for name in ATTRIBUTES}
    for name in ATTRIBUTES:
        if any(own[name]):
            yield _grouping(name, own[name], crossed=False)
    for first, second in INTERSECTIONS:
        crossed = [
            tuple(f"{one} x {other}" for one in some for other in others)
            for some, others in zip(own[first], own[second], strict=True)
        ]
        if any(crossed):
            yield _grouping(f"{first} x {second}", crossed, crossed=True)


def _grouping(name: str, own: Sequence[tuple[str, ...]], *, crossed: bool) -> Grouping:
    labels = sorted(set(own) - {()})
    codes = {groups: code for code, groups in enumerate(labels)} | {(): -1}
    groups = tuple(sorted({group for label in labels for group in label}))
    return Grouping(
        name=name,
        groups=groups,
        crossed=crossed,
        label=np.array([codes[groups] for groups in own], dtype=np.intp),
        members=np.array(
            [[group in label for group in groups] for label in labels], dtype=np.float64
        ),
    )

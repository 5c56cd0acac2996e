"""How well the rules that find things in replies do so, counted on labelled replies.

`detectors.json` holds counts and never a text: of every labelled set, by what was asked and how
long the reply is. `benchmarks/detectors.py --data DIR --write` makes it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import combinations

import msgspec

from medtrust.metrics.fisher import fisher
from medtrust.metrics.verdict import ALPHA

FEWEST = 10
"""Labelled replies with the property, and as many without it, from which on a rate is corrected."""

SHORT, MIDDLE, LONG = LENGTHS = ("to 200", "201-500", "beyond 500")


def length_of(characters: int) -> str:
    """Which of `LENGTHS` a reply has."""
    return SHORT if characters <= 200 else MIDDLE if characters <= 500 else LONG


@dataclass(frozen=True, slots=True, kw_only=True)
class Detector:
    """A detector's verdicts on replies that people labelled."""

    tp: int = 0
    """Replies that have the property, and are found."""
    fn: int = 0
    """... and are not found."""
    tn: int = 0
    """Replies that do not have it, and are left alone."""
    fp: int = 0
    """... and are found all the same."""

    @property
    def positives(self) -> int:
        """Replies that have the property."""
        return self.tp + self.fn

    @property
    def negatives(self) -> int:
        """Replies that do not."""
        return self.tn + self.fp

    @property
    def sensitivity(self) -> float:
        """Share of the replies with the property that are found."""
        return self.tp / self.positives

    @property
    def specificity(self) -> float:
        """Share of the replies without it that are left alone."""
        return self.tn / self.negatives

    @property
    def enough(self) -> bool:
        """Whether there are enough of both to know either share."""
        return min(self.positives, self.negatives) >= FEWEST


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledSet:
    """Where labelled replies come from."""

    source: str
    """Replies, labels, version and licence."""
    real: bool
    """Whether models wrote them. What somebody made up says how good a detector is on such words,
    and corrects no rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """One detector's counts in one stratum of one set."""

    detector: str
    set: str
    asks: str
    """What was asked: `Task.asks`."""
    length: str
    tp: int
    fn: int
    tn: int
    fp: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """The content of `detectors.json`."""

    sets: dict[str, LabelledSet]
    counts: tuple[Counted, ...]

    def stratum(self, detector: str, asks: str, length: str) -> dict[str, Detector]:
        """The counts of each real set in one stratum."""
        return {
            one.set: Detector(tp=one.tp, fn=one.fn, tn=one.tn, fp=one.fp)
            for one in self.counts
            if (one.detector, one.asks, one.length) == (detector, asks, length)
            and self.sets[one.set].real
        }


@cache
def labelled() -> Labelled:
    """What has been labelled (`metrics/detectors.json`)."""
    text = files("medtrust.metrics").joinpath("detectors.json").read_bytes()
    return msgspec.json.decode(text, type=Labelled)


def pooled(sets: Sequence[Detector]) -> Detector:
    """Several sets as one."""
    return Detector(
        tp=sum(one.tp for one in sets),
        fn=sum(one.fn for one in sets),
        tn=sum(one.tn for one in sets),
        fp=sum(one.fp for one in sets),
    )


def disagreement(sets: Sequence[Detector]) -> float:
    """P-value of one sensitivity and one specificity in all sets.

    It is the least of Fisher's exact tests of every two of them, times the number of tests
    (Bonferroni).
    """
    found = [*_tests(sets)]
    return min(1.0, min(found) * len(found)) if found else 1.0


def disagree(sets: Sequence[Detector]) -> bool:
    """Whether the sets differ beyond chance, so that no one rate is true of them all."""
    return disagreement(sets) < ALPHA


def _tests(sets: Sequence[Detector]) -> Iterator[float]:
    for one, other in combinations(sets, 2):
        if one.positives and other.positives:
            yield fisher(one.tp, one.fn, other.tp, other.fn)
        if one.negatives and other.negatives:
            yield fisher(one.tn, one.fp, other.tn, other.fp)

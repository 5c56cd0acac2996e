"""What a metric is: a record that says all that is known of it, beside how it is counted.

Reports, means over datasets, changes and comparisons read this record and know no metric by
its name. So one of another package is titled, averaged and compared as ours are.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from math import inf
from typing import Any, Literal, TypeVar

from medtrust.metrics.evidence import Measured
from medtrust.records import Protocol, Score

Direction = Literal["higher", "lower", "neither"]
Unit = Literal["rate", "points", "ratio", "count", "p-value", "number"]
"""`rate`: a share, 0 to 1. `points`: a difference of shares. `ratio`: from 0 without an end.
`number`: in units of its own, such as a cost."""
Place = Literal["main", "detail", "calibration"]
"""Where a metric is shown: beside the scores, in the full table only, or with calibration."""
Dimension = Literal[
    "trustfulness", "fairness", "safety", "privacy", "robustness", "confusion", "answers"
]
Opponent = Literal["chance", "constant", "text-only"]

OUTSIDE = inf
"""A figure of a unit that is in no denominator, whatever a missing answer would have been."""

Figure = Callable[..., float | None]
"""From the scores of one unit (an answer, or the two of a pair) to its figure in [0, 1]. None:
an answer that it needs is missing, or else the unit is not in the denominator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One named figure: what it means, how it is counted, and what can judge it.

    Without `figure` it is the `compute` of its family that counts it.
    """

    name: str
    title: str
    sentence: str
    """What it is a share of, in words for a page."""
    dimension: Dimension = "trustfulness"
    direction: Direction = "neither"
    unit: Unit = "rate"
    place: Place = "main"
    is_difference: bool = False
    """Whether its baseline is what comes out where there is nothing to find: a score must get
    beyond its baseline, a difference that does not is no failure."""
    averaged: bool = True
    """Whether an unweighted mean over datasets means something."""
    change: "Metric | None" = None
    """What a stimulus changes, with the figure that it is a change of; None where that is of no
    interest. It is counted after minus before, or before minus after where `is_loss`."""
    is_loss: bool = False
    worst_of_repeats: bool = False
    """Whether the worst of several answers to one question is of interest: for harms."""
    is_judged: bool = False
    """Whether a judge decides it where there is one: it is then given without replies that speak
    to the judge too."""
    figure: Figure | None = None
    official: Figure | None = None
    """How the released code counts it; None where it does so alike."""
    official_missing: float | None = None
    """What a missing answer is to the released code; None where it leaves it out."""
    official_empty: float | None = None
    """Its value in the released code where nothing is in the denominator."""
    protocols: tuple[Protocol, ...] = ("official", "corrected")
    over: Literal["answers", "pairs", "halves"] = "answers"
    """What a unit is: an answer, a pair of them, or an answer that groups count with its pair."""
    about: Callable[..., bool] | None = None
    """Which units it is about, answered or not; None for all."""
    rows_where: Callable[[Score], bool] | None = None
    """It has rows only where this holds of at least one score; None for always."""
    chance: Figure | None = None
    """What a uniform random answer to the unit comes to."""
    constant: Callable[..., str] | None = None
    """The constant answer that would be right of the unit, empty where none would."""
    judged_by: tuple[Opponent, ...] = ()
    """The baselines that a verdict takes into account."""
    is_count: bool = False
    """Whether it is shown as a number of units rather than as a share of them."""
    is_magnitude: bool = False
    """Whether the figure is a signed difference, in [-1, 1], of which the size is shown."""


ALL: tuple[Opponent, ...] = ("chance", "constant", "text-only")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What may be chosen about counting without reading again."""

    replicates: int = 2000
    """Bootstrap replicates, and draws of labels, for the figures without a closed form."""
    seed: int = 0
    correlation: float = 0.10
    """Intra-cluster correlation that intervals take for granted until the run shows another."""
    prevalence: float | None = None
    """Share of the positive class for which predictive values are given beside the set's own."""
    costs: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """Reference -> answer -> cost of that error."""
    asks: str = "question"
    """What the task asks for (`Task.asks`); the pipeline fills it in for each result."""
    readers: Mapping[str, str] = field(default_factory=dict)
    """What of the replies is read -> the model that reads it, or `rules`; filled in likewise."""


Compute = Callable[[Sequence[Score], Settings], Iterable[Measured]]


Notes = Callable[[Sequence[Score], Settings], Iterable[str]]
"""What a reader must know beside a family's figures of one result: lines without its numbers, so
that many results share one."""


_Many = TypeVar("_Many")


def several(
    *parts: Callable[[Sequence[Score], Settings], Iterable[_Many]],
) -> Callable[[Sequence[Score], Settings], Iterable[_Many]]:
    """What all of them count, or note, one after the other."""
    return lambda scores, settings: chain.from_iterable(part(scores, settings) for part in parts)


def nothing(_: Sequence[Score], __: Settings) -> Iterable[Any]:
    """For families whose metrics all have a figure, and need no note."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """An entry point of the group `medtrust.metrics`: metrics that a task asks for together.

    A lone `Metric` is an entry point too. The scores are all of one model, task, dataset and
    protocol; samples without an answer are among them as `error` and `absent`.
    """

    metrics: tuple[Metric, ...]
    compute: Compute = nothing
    """Counts those of the metrics that have no `figure`."""
    notes: Notes = nothing


def family(point: Any) -> Family:
    """An entry point as a family."""
    return Family(metrics=(point,)) if isinstance(point, Metric) else point

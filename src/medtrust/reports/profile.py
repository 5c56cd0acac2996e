"""The dimension profile of a model: the leaderboard's columns (cares.md 1.7), from estimates.

There is no sum over the dimensions. They trade off against each other (a model that
declines everything is safe, private and useless), and weights would be nobody's finding.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from msgspec.structs import replace

from medtrust.metrics.macro import verdict_of
from medtrust.metrics.metric import Direction
from medtrust.metrics.verdict import LIKE_THESE
from medtrust.records import Estimate, Protocol
from medtrust.reports.formats import finite

_MEAN = re.compile(r"(?P<benchmark>.+) \(mean of (?P<sets>[0-9]{1,4})\)")
"""Name of the dataset that a mean over datasets is filed under (`metrics/macro.py`)."""

PROTOCOLS: tuple[Protocol, ...] = ("corrected", "official")
"""In the order in which they are quoted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A figure of the profile: one metric, as a mean over the tasks (prompts) it is asked in."""

    title: str
    better: Direction
    tasks: tuple[str, ...]
    metric: str
    group_by: str = "all"


@dataclass(frozen=True, slots=True)
class Dimension:
    """One of the five dimensions."""

    name: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A figure of one model, and what it is made from."""

    estimate: Estimate | None
    """None where several datasets were run and no mean over them is known."""
    tasks: int
    """How many of the column's tasks it is a mean of."""
    datasets: int
    """How many datasets it covers."""
    p_values: tuple[float, ...] = ()
    """Of a difference: one a dataset, smallest first."""


@dataclass(frozen=True, slots=True)
class Step:
    """One severity of noise."""

    label: str
    score: Cell
    """Factuality."""
    lost: Cell | None
    """What was lost of it, against the plain question."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One model on one benchmark."""

    model: str
    benchmark: str
    """The datasets' names up to the first `/`."""
    cells: tuple[tuple[Cell | None, ...], ...]
    """A tuple for each of `DIMENSIONS`, in it a cell for each column.

    None where nothing was run."""
    sweep: tuple[Step, ...]
    """One for each of `SEVERITIES` that was run."""


def _numbered(name: str, numbers: Iterable[object]) -> tuple[str, ...]:
    return tuple(f"cares/{name}-{number}" for number in numbers)


_FACTUALITY = ("cares/factuality",)
_UNCERTAINTY = ("cares/uncertainty",)
_JAILBREAK = _numbered("jailbreak", (1, 2, 3))
_TOXICITY = ("cares/toxicity",)
_ZERO_SHOT = _numbered("privacy", ("z1", "z2"))
_TOLD = _numbered("privacy", ("f1", "f2"))
_NOISE = ("cares/robustness-noise-official",)


def _column(
    title: str, better: Direction, tasks: tuple[str, ...], metric: str, group_by: str = "all"
) -> Column:
    return Column(title=title, better=better, tasks=tasks, metric=metric, group_by=group_by)


DIMENSIONS = (
    Dimension(
        "Trustfulness",
        (
            _column("Factuality", "higher", _FACTUALITY, "factuality"),
            _column("Accuracy, closed questions", "higher", _FACTUALITY, "accuracy"),
            _column("Uncertainty accuracy", "higher", _UNCERTAINTY, "uncertainty_accuracy"),
            _column("Over-confidence", "lower", _UNCERTAINTY, "overconfident"),
        ),
    ),
    Dimension(
        "Fairness",
        tuple(
            _column(f"Gap by {name}", "lower", _FACTUALITY, "accuracy_gap", name)
            for name in ("age", "sex", "race")
        ),
    ),
    Dimension(
        "Safety",
        (
            _column("Jailbreak: factuality", "higher", _JAILBREAK, "factuality"),
            _column("Jailbreak: lost", "lower", _JAILBREAK, "accuracy_drop"),
            _column("Jailbreak: declined", "higher", _JAILBREAK, "abstention"),
            _column(
                "Overcaution: declined",
                "lower",
                _numbered("overcaution", (1, 2, 3)),
                "abstention",
            ),
            _column("Toxicity", "lower", _TOXICITY, "toxicity"),
            _column("Toxicity: added", "lower", _TOXICITY, "toxicity_change"),
            _column("Toxicity: declined", "higher", _TOXICITY, "abstention"),
        ),
    ),
    Dimension(
        "Privacy",
        (
            _column("Zero-shot: declined", "higher", _ZERO_SHOT, "abstention"),
            _column("Zero-shot: disclosed", "lower", _ZERO_SHOT, "disclosure"),
            _column("Few-shot: declined", "higher", _TOLD, "abstention"),
            _column("Few-shot: disclosed", "lower", _TOLD, "disclosure"),
        ),
    ),
    Dimension(
        "Robustness",
        (
            _column("Released noise: factuality", "higher", _NOISE, "factuality"),
            _column("Released noise: lost", "lower", _NOISE, "accuracy_drop"),
            _column("Released noise: declined", "neither", _NOISE, "abstention"),
            _column(
                "Unseen modality: declined",
                "higher",
                ("cares/robustness-unseen-official",),
                "abstention",
            ),
            _column(
                "Unseen, question kept: declined",
                "higher",
                ("cares/robustness-unseen",),
                "abstention",
            ),
        ),
    ),
)

SEVERITIES = (
    ("none", "cares/factuality"),
    *((str(level), f"cares/robustness-noise-{level}") for level in range(1, 6)),
    ("released", "cares/robustness-noise-official"),
)
"""Label of a severity of noise, and the task that has it."""

_Key = tuple[str, str, str, str, str, Protocol]
"""Model, benchmark, task, metric, grouping, protocol."""

_Index = dict[_Key, list[Estimate]]
"""Estimates on the benchmark's datasets."""


def profiles(estimates: Sequence[Estimate]) -> tuple[Profile, ...]:
    """One for each model and benchmark with a figure in any column, in the order they come.

    A cell is the mean over datasets where there is one, else the only dataset's figure, in
    the corrected reading where there is one.
    """
    index: _Index = {}
    for e in estimates:
        if e.group == "all" and e.task.startswith("cares/"):
            key = (e.model, benchmark(e.dataset), e.task, e.metric, e.group_by, e.protocol)
            index.setdefault(key, []).append(e)
    found = (
        Profile(
            model,
            name,
            tuple(
                tuple(_cell(index, model, name, column) for column in dimension.columns)
                for dimension in DIMENSIONS
            ),
            tuple(_sweep(index, model, name)),
        )
        for model, name in dict.fromkeys((model, name) for model, name, *_ in index)
    )
    return tuple(one for one in found if any(cell for row in one.cells for cell in row))


def is_mean(dataset: str) -> bool:
    """Whether the name is not of a dataset but of a mean over several."""
    return _MEAN.fullmatch(dataset) is not None


def benchmark(dataset: str) -> str:
    """The part of a dataset's name that its benchmark's datasets share."""
    mean = _MEAN.fullmatch(dataset)
    return mean["benchmark"] if mean else dataset.partition("/")[0]


def _sweep(index: _Index, model: str, name: str) -> Iterator[Step]:
    for label, task in SEVERITIES:
        score, lost = (
            _cell(index, model, name, _column(label, "neither", (task,), metric))
            for metric in ("factuality", "accuracy_drop")
        )
        if score is not None:
            yield Step(label, score, lost)


def _cell(index: _Index, model: str, name: str, column: Column) -> Cell | None:
    for protocol in PROTOCOLS:
        own = [
            rows
            for task in column.tasks
            if (rows := index.get((model, name, task, column.metric, column.group_by, protocol)))
        ]
        if not own:
            continue
        p_values = (p for rows in own for e in rows if (p := finite(e.p)) is not None)
        picked = [one for one in map(_of_all_datasets, own) if one is not None]
        return Cell(
            estimate=_mean(picked) if len(picked) == len(own) else None,
            tasks=len(own),
            datasets=max(map(_datasets, own)),
            p_values=tuple(sorted(p_values)),
        )
    return None


def _of_all_datasets(rows: Sequence[Estimate]) -> Estimate | None:
    """The mean over datasets, or the figure of the only one; None for neither."""
    means = [e for e in rows if is_mean(e.dataset)]
    choice = means or rows
    return choice[0] if len(choice) == 1 else None


def _datasets(rows: Sequence[Estimate]) -> int:
    sizes = [int(mean["sets"]) for e in rows if (mean := _MEAN.fullmatch(e.dataset))]
    return max(sizes, default=len(rows))


def _mean(estimates: Sequence[Estimate]) -> Estimate:
    """The mean over prompts, with means of the bounds for its bounds.

    The prompts ask about the same images, so how far their errors go together is unknown.
    A mean's standard error is at most the mean of the standard errors, which it reaches
    where all move as one: so this interval is as wide as it can need to be.
    """
    first = estimates[0]
    if len(estimates) == 1:
        return first
    low, high = (_average([getattr(e, end) for e in estimates]) for end in ("low", "high"))
    return replace(
        first,
        value=_average([e.value for e in estimates]),
        low=low,
        high=high,
        n=sum(e.n for e in estimates),
        missing=sum(e.missing for e in estimates),
        clusters=min(e.clusters for e in estimates),
        baseline=_average([e.baseline for e in estimates]),
        chance=_average([e.chance for e in estimates]),
        constant=_average([e.constant for e in estimates]),
        text_only=_average([e.text_only for e in estimates]),
        worst=_average([e.worst for e in estimates]),
        best=_average([e.best for e in estimates]),
        interval=f"of {len(estimates)} prompts (means of their bounds); {LIKE_THESE}",
        p=None,
        p_adjusted=None,
        correction="",
        verdict=verdict_of(estimates, low, high),
    )


def _average(values: Sequence[float | None]) -> float | None:
    known = [value for value in map(finite, values) if value is not None]
    return fmean(known) if len(known) == len(values) else None

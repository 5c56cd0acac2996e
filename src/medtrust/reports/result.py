"""What a report is made from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from medtrust.records import Estimate, Score


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedFigure:
    """A figure that somebody else has published for a model on a task and dataset."""

    task: str
    dataset: str
    metric: str
    model: str
    value: float
    """In the unit of the estimates: a rate is a fraction."""
    source: str
    """Where it stands, such as `CARES, table 15`."""
    finding: str = ""
    """What an audit has found wrong with it; empty for nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The estimates of one or more runs, with what a reader needs to judge them.

    `run` and `examples` hold text that models, servers and data files wrote: a
    report bounds it, escapes it and never acts on it.
    """

    estimates: tuple[Estimate, ...]
    run: Mapping[str, Any] = field(default_factory=dict)
    """Content of `run.json`. Known keys: `medtrust`, `created`, `models`, `tasks`,
    `datasets`, `settings`, `machine`, `images`; any other is shown as it is."""
    notes: tuple[str, ...] = ()
    """Warnings, such as `12 answers missing: 10 timeouts`. Shown first, never hidden."""
    examples: tuple[Score, ...] = ()
    """A few scored answers to show."""
    published: tuple[PublishedFigure, ...] = ()
    """Figures of other models to stand beside the official reading."""
    missing: int = 0
    """Answers that never came, or that no judge could score."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """The notes, after what `run` says of a late choice and of answers nobody asked for."""
        return (*_late_choices(self.run), *self._asked())

    def _asked(self) -> tuple[str, ...]:
        settings = self.run.get("settings")
        limit = settings.get("limit") if isinstance(settings, Mapping) else None
        if not isinstance(limit, int) or isinstance(limit, bool):
            return self.notes
        first = "first sample" if limit == 1 else f"first {limit:,} samples"
        asked = "was" if limit == 1 else "were"
        return (f"Only the {first} of each task {asked} asked (--limit {limit}).", *self.notes)


def _late_choices(run: Mapping[str, Any]) -> tuple[str, ...]:
    """A line for each time that the primary figures were named anew after answers were in."""
    changes = run.get("primary_changes")
    return tuple(
        f"The primary figures were changed after the first request, at {change.get('at')}: "
        f"{_listed(change.get('from'))} became {_listed(change.get('to'))}."
        for change in (changes if isinstance(changes, list) else [])
        if isinstance(change, Mapping)
    )


def _listed(names: object) -> str:
    return ", ".join(map(str, names)) if isinstance(names, list) else "none"

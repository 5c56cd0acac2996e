"""The main figures of each task, arranged as terminal, LaTeX and page show them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from medtrust.records import Estimate, Protocol
from medtrust.reports.formats import finite, number, spread
from medtrust.reports.meaning import DISAGREEMENT, QUARANTINED, Unit, meaning, rank

ASIDE = "aside: quarantined answers, which the corrected reading leaves out."

LONG = 8
"""Results, each a task on a dataset, beyond which they are shown in a line each."""


REFERENCES = (
    ("Chance", "chance"),
    ("Best constant answer", "constant"),
    ("Without the image", "text_only"),
)
"""What stands beside the models: its heading, and where an estimate has it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One model's answers in one reading: an estimate for each column, where there is one."""

    model: str
    protocol: Protocol
    headline: bool
    """Whether this is the reading to quote: the corrected one wherever it exists."""
    cells: tuple[Estimate | None, ...]
    aside: Estimate | None = None
    """How many answers this reading leaves out as quarantined, where any are."""

    @property
    def main(self) -> Estimate | None:
        """The first figure there is."""
        return next((cell for cell in self.cells if cell is not None), None)

    @property
    def counts(self) -> dict[str, str]:
        """`n` and `missing` of the main figure, and how many answers are quarantined: `aside`."""
        main = {"n": str(self.main.n), "missing": str(self.main.missing)} if self.main else {}
        return main | ({"aside": number(self.aside.value, "count")} if self.aside else {})


@dataclass(frozen=True, slots=True)
class Summary:
    """One task on one dataset: metrics in columns, models and readings in lines."""

    task: str
    dataset: str
    metrics: tuple[str, ...]
    lines: tuple[Line, ...]
    disagreements: tuple[Estimate, ...]
    """One a model, where its answers were read in both ways."""

    @property
    def headlines(self) -> tuple[Line, ...]:
        """One line a model."""
        return tuple(line for line in self.lines if line.headline)

    @property
    def counts(self) -> tuple[str, ...]:
        """Headings of what is told of each line beside its figures."""
        aside = any(line.aside for line in self.lines)
        return ("n", "missing", "aside") if aside else ("n", "missing")

    @property
    def is_control(self) -> bool:
        """Whether this is a check of another task rather than a score of its own."""
        return self.task.startswith("control/")

    @property
    def name(self) -> str:
        """The task, and its dataset where the task's name does not already say it."""
        return task_name(self.task, self.dataset)


def task_name(task: str, dataset: str) -> str:
    """The task, and its dataset where the task's name does not already say it."""
    base = task.rpartition(":")[2]  # of a control such as control/repeat:mediconfusion/mc
    return task if base.partition("/")[0] == dataset else f"{task} on {dataset}"


def numbered(estimates: Iterable[Estimate]) -> tuple[Estimate, ...]:
    """The same estimates, with `#2` after the model's name where a figure comes again.

    That happens when several runs of one model are shown together.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    kept = []
    for estimate in estimates:
        key = (
            *(estimate.model, estimate.task, estimate.dataset, estimate.metric),
            *(estimate.protocol, estimate.group_by, estimate.group),
        )
        seen[key] += 1
        again = seen[key] > 1
        name = f"{estimate.model} #{seen[key]}" if again else estimate.model
        kept.append(replace(estimate, model=name) if again else estimate)
    return tuple(kept)


def summarize(estimates: Sequence[Estimate]) -> tuple[Summary, ...]:
    """One summary for each task and dataset, in the order in which they come.

    Estimates of groups and metrics of detail are left to the full
    table. Models stand in the order in which they come, each with its corrected
    reading first.
    """
    tasks: dict[tuple[str, str], list[Estimate]] = {}
    for estimate in numbered(estimates):
        tasks.setdefault((estimate.task, estimate.dataset), []).append(estimate)
    return tuple(_summary(task, dataset, own) for (task, dataset), own in tasks.items())


def reference(summary: Summary, metric: str, kind: str, unit: Unit) -> str:
    """What one of `REFERENCES` gives for a metric, over all lines; empty if unknown."""
    column = summary.metrics.index(metric)
    cells = (line.cells[column] for line in summary.lines)
    return spread((getattr(cell, kind) for cell in cells if cell is not None), unit)


def is_main(metric: str) -> bool:
    """Whether a metric stands beside the scores."""
    return meaning(metric).place == "main"


def _summary(task: str, dataset: str, estimates: list[Estimate]) -> Summary:
    whole = [e for e in estimates if e.group_by == "all"]
    # A task with figures of groups, or of detail, only still deserves its line.
    named = {e.metric for e in whole or estimates}
    metrics = [name for name in named if is_main(name)] or list(named)
    columns = tuple(sorted(metrics, key=rank))
    cells = {(e.model, e.protocol, e.metric): e for e in whole}
    lines = []
    for model in dict.fromkeys(e.model for e in estimates):
        readings = _readings(estimates, model)
        lines += [
            Line(
                model=model,
                protocol=protocol,
                headline=protocol == readings[0],
                cells=tuple(cells.get((model, protocol, name)) for name in columns),
                aside=cells.get((model, protocol, QUARANTINED)),
            )
            for protocol in readings
        ]
    return Summary(
        task=task,
        dataset=dataset,
        metrics=columns,
        lines=tuple(lines),
        disagreements=_disagreements(whole),
    )


def _readings(estimates: list[Estimate], model: str) -> list[Protocol]:
    """The readings a model has figures in (`DISAGREEMENT` is about both), corrected first."""
    own = [e for e in estimates if e.model == model]
    found = {e.protocol for e in own if e.metric != DISAGREEMENT} or {e.protocol for e in own}
    return sorted(found)


def _disagreements(estimates: list[Estimate]) -> tuple[Estimate, ...]:
    found: dict[str, Estimate] = {}
    for e in sorted(estimates, key=lambda e: e.protocol):
        if e.metric == DISAGREEMENT and finite(e.value) is not None:
            found.setdefault(e.model, e)
    return tuple(found.values())

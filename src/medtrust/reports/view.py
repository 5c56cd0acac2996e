"""What a page shows, as small records of text that templates only have to print.

Every string in these records is bounded and free of invisible characters; escaping
it for HTML is left to the templates.
"""

from dataclasses import dataclass

from medtrust.reports.figure import Figure, Spark
from medtrust.reports.sweep import Sweep


@dataclass(frozen=True, slots=True)
class CellView:
    """One figure of a table: `17.0`, its interval below, and what to mind about it."""

    text: str
    interval: str = ""
    remark: str = ""
    note: str = ""
    """What to compare the figure with, or what it is made from; a line each."""
    spark: Spark | None = None
    """The same as a small drawing."""


@dataclass(frozen=True, slots=True)
class RowView:
    """One row: its heading, a smaller line under it, and its cells."""

    name: str
    cells: tuple[CellView, ...]
    note: str = ""
    is_reference: bool = False
    """Whether it is a baseline rather than something that was measured."""


@dataclass(frozen=True, slots=True)
class TableView:
    """A table with a caption; `columns` has the heading of the row names first."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[RowView, ...]
    is_text: bool = False
    """Whether the cells hold words rather than figures."""


@dataclass(frozen=True, slots=True)
class TaskView:
    """One task: a figure of its main metric, its table, and every number behind it."""

    id: str
    name: str
    main: str
    """The main figure of each model, in a line."""
    about: str
    figure: Figure | None
    table: TableView
    remarks: tuple[str, ...]
    detail: TableView


@dataclass(frozen=True, slots=True)
class DimensionView:
    """One dimension of the profile."""

    name: str
    table: TableView


@dataclass(frozen=True, slots=True)
class ProfileView:
    """The dimensions one after the other, and what noise does."""

    about: tuple[str, ...]
    dimensions: tuple[DimensionView, ...]
    sweeps: tuple[Sweep, ...]
    """One a model, all on the same scales."""
    sweep_table: TableView | None


@dataclass(frozen=True, slots=True)
class GroupingView:
    """One way of grouping: a table for each metric."""

    title: str
    tables: tuple[TableView, ...]


@dataclass(frozen=True, slots=True)
class GroupsView:
    """One task by group."""

    id: str
    name: str
    gaps: TableView | None
    """How far the groups of each grouping lie apart, where that was measured."""
    groupings: tuple[GroupingView, ...]


@dataclass(frozen=True, slots=True)
class ReadingView:
    """How one protocol read an answer."""

    protocol: str
    outcome: str
    choice: str
    verdict: str
    rule: str


@dataclass(frozen=True, slots=True)
class ExampleView:
    """One answer and its readings."""

    sample: str
    model: str
    task: str
    target: str
    reply: str
    readings: tuple[ReadingView, ...]


@dataclass(frozen=True, slots=True)
class TermView:
    """One entry of the glossary."""

    title: str
    name: str
    plain: str
    better: str


@dataclass(frozen=True, slots=True)
class PageView:
    """The whole page, in reading order. Empty parts are left out of it."""

    title: str
    lead: str
    is_long: bool
    """Whether there are so many results that each is folded into a line."""
    notes: tuple[str, ...]
    more_notes: tuple[str, ...]
    """Further ones, folded into a line."""
    missing: TableView | None
    is_complete: bool
    """Whether there is nothing to warn about."""
    profile: ProfileView | None
    overview: TableView
    published: TableView | None
    few: str
    """What the mark `few` means; empty where no figure of a whole task has it."""
    few_of_groups: str
    """The same, empty where no figure of a group has it."""
    tasks: tuple[TaskView, ...]
    groups: tuple[GroupsView, ...]
    controls: tuple[TaskView, ...]
    calibration: TableView | None
    readings: TableView | None
    examples: tuple[ExampleView, ...]
    examples_left_out: str
    provenance: tuple[TableView, ...]
    glossary: tuple[TermView, ...]

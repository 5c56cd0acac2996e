"""The part of the page that puts this run's models beside published figures."""

from collections.abc import Mapping, Sequence

from medtrust.records import Estimate
from medtrust.reports.formats import number
from medtrust.reports.meaning import Unit, meaning
from medtrust.reports.result import PublishedFigure
from medtrust.reports.section_tasks import BLANK, figure_cell
from medtrust.reports.summary import task_name
from medtrust.reports.text import one_line
from medtrust.reports.view import CellView, RowView, TableView

_Name = tuple[str, str, str]
"""Task, dataset, metric."""


def published_table(
    estimates: Sequence[Estimate], published: Sequence[PublishedFigure], known: Mapping[str, Unit]
) -> TableView | None:
    """A row for each figure that both this run, in the official reading, and others have.

    None where there is no such figure.
    """
    others: dict[_Name, list[PublishedFigure]] = {}
    for one in published:
        others.setdefault((one.task, one.dataset, one.metric), []).append(one)
    ours: dict[_Name, dict[str, Estimate]] = {}
    for e in estimates:
        name = (e.task, e.dataset, e.metric)
        if e.protocol == "official" and (e.group_by, e.group) == ("all", "all") and name in others:
            ours.setdefault(name, {})[e.model] = e
    if not ours:
        return None
    models = list(dict.fromkeys(model for own in ours.values() for model in own))
    strangers = list(dict.fromkeys(one.model for name in ours for one in others[name]))
    return TableView(
        caption="In the official reading, in percent: this run first, then the published figures. "
        "How the published runs decoded their answers is not known, and no published figure has "
        "an interval, so a difference of a few points says nothing.",
        columns=(
            "Task and source",
            *(one_line(model) for model in models),
            *(f"{one_line(model)} (published)" for model in strangers),
        ),
        rows=tuple(
            _row(name, own, others[name], models, strangers, known) for name, own in ours.items()
        ),
    )


def _row(
    name: _Name,
    own: Mapping[str, Estimate],
    published: Sequence[PublishedFigure],
    models: Sequence[str],
    strangers: Sequence[str],
    known: Mapping[str, Unit],
) -> RowView:
    task, dataset, metric = name
    theirs = {one.model: one for one in published}
    sources = dict.fromkeys(one_line(one.source) for one in published)
    return RowView(
        name=f"{meaning(metric).title}, {one_line(task_name(task, dataset))}",
        note="; ".join(sources),
        cells=(
            *(figure_cell(own.get(model), known) for model in models),
            *(_published(theirs.get(model), known[metric]) for model in strangers),
        ),
    )


def _published(one: PublishedFigure | None, unit: Unit) -> CellView:
    if one is None:
        return BLANK
    return CellView(number(one.value, unit), remark=one_line(one.finding))

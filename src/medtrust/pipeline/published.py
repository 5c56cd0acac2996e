"""Which published figures can be set beside a result's own, and what an audit says of them."""

from collections.abc import Collection, Iterator, Sequence

from medtrust.audit.table import Finding
from medtrust.published import PublishedTable, is_blank, parts_of, published_tables
from medtrust.published.table import Place
from medtrust.records import Estimate
from medtrust.reports.profile import is_mean
from medtrust.reports.result import PublishedFigure


def beside(
    estimates: Sequence[Estimate], findings: Collection[Finding] = ()
) -> tuple[PublishedFigure, ...]:
    """The published figures of the same task, dataset and metric as an official estimate.

    A published mean over datasets is set beside ours only where each of our datasets is one
    of the table's: a mean over as many other datasets has the same name.
    """
    ours: dict[tuple[str, str], set[str]] = {}
    for e in estimates:
        if e.protocol == "official" and e.group_by == "all":
            ours.setdefault((e.task, e.metric), set()).add(e.dataset)
    found = {(one.table, one.row, one.column, one.value): one.finding for one in findings}
    known = {
        (figure.task, figure.metric, figure.dataset)
        for table in published_tables()
        for place in table.places
        for figure in _figures(table, place, {})
    }
    return tuple(
        figure
        for table in published_tables()
        for place in table.places
        for figure in _figures(table, place, found)
        if figure.dataset in ours.get((figure.task, figure.metric), ())
        and (
            not is_mean(figure.dataset)
            or all(
                (figure.task, figure.metric, dataset) in known
                for dataset in ours[figure.task, figure.metric]
                if not is_mean(dataset)
            )
        )
    )


def _figures(
    table: PublishedTable, place: Place, findings: dict[tuple[str, str, str, str], str]
) -> Iterator[PublishedFigure]:
    for model, cell in zip(table.models, place.cells, strict=True):
        row, column = (model, place.name) if table.models_are == "rows" else (place.name, model)
        for part, printed in zip(table.parts_at(place), parts_of(cell), strict=False):
            if is_blank(printed) or not part.metric or not place.dataset:
                continue
            about = (findings.get((table.name, row, column, value)) for value in (printed, cell))
            for task in part.tasks:
                yield PublishedFigure(
                    task=task,
                    dataset=place.dataset,
                    metric=part.metric,
                    model=model,
                    value=float(printed) / (100 if table.unit == "percent" else 1),
                    source=table.source,
                    finding=next(filter(None, about), ""),
                )

"""Our own results: the flat table, `results.csv` of `medtrust report --csv`."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from medtrust.audit.csv_file import Sheet
from medtrust.audit.parse import parse_count, parse_number
from medtrust.audit.table import Cell, Figure, Kind, Table
from medtrust.errors import InputError

NEEDED = ("model", "task", "dataset", "metric", "value")

KINDS: Mapping[str, Kind] = {
    "abstention": "share",
    "accuracy": "share",
    "confidence_unreadable": "share",
    "confident": "share",
    "disclosure": "share",
    "disclosure_accuracy": "share",
    "disclosure_true": "share",
    "distinguished": "share",
    "echo": "share",
    "invented": "share",
    "kept_private": "share",
    "letter_A": "share",
    "precision": "share",
    "tie": "share",
    "toxic_share": "share",
    "underconfident": "share",
    "unparseable": "share",
    **dict.fromkeys(("abstention_change", "accuracy_drop", "toxicity_change"), "difference"),
    "confusion": "confusion",
    "confusion_all": "confusion_all",
    "individual_accuracy": "individual_accuracy",
    "invalid": "invalid",
    "overconfident": "overconfident",
    "set_accuracy": "set_accuracy",
    "uncertainty_accuracy": "uncertainty_accuracy",
    "valid_pairs": "valid_pairs",
    **dict.fromkeys(("factuality", "open_score", "overlap", "toxicity"), "mean"),
}
"""What the figures of a metric are; any other metric is audited only as a mean over datasets."""

_MEAN = re.compile(r"(.+) \(mean of (\d+)\)")


class _Row(NamedTuple):
    where: str
    model: str
    dataset: str
    metric: str
    figure: Figure


def flat_tables(sheet: Sheet) -> list[Table]:
    """A table for each task, protocol, benchmark and group: models against datasets.

    Raises InputError for a figure that is given twice, and for values that are no figures.
    """
    head = [name.lower() for name in sheet.head.cells]
    tables: dict[str, list[_Row]] = defaultdict(list)
    seen: set[tuple[str, ...]] = set()
    for where, cells in sheet.lines:
        given = dict(zip(head, cells, strict=True))
        name, row = _read(given, where)
        key = (name, row.model, row.dataset, row.metric)
        if key in seen:
            raise InputError(f"{where}: {row.metric} of {row.model} on {row.dataset} again")
        seen.add(key)
        if row.figure.number is not None and not row.metric.endswith(":wilson"):
            tables[name].append(row)
    return [
        Table(name=name.partition("\n")[0], cells=_cells(rows), whole=1)
        for name, rows in tables.items()
    ]


def _read(given: Mapping[str, str], where: str) -> tuple[str, _Row]:
    """The name of the table that a row is in, with its benchmark on a line of its own."""
    metric, dataset = given["metric"], given["dataset"]
    if not metric or not dataset or not given["model"] or not given["task"]:
        raise InputError(f"{where}: a figure without a model, task, dataset or metric")
    mean = _MEAN.fullmatch(dataset)
    benchmark = mean[1] if mean else dataset.partition("/")[0]
    group_by, group = given.get("group_by") or "all", given.get("group") or "all"
    words = [given["task"], given.get("protocol", "")]
    words += [] if group_by == "all" else [f"{group_by} {group}"]
    figure = Figure(
        text=given["value"],
        number=parse_number(given["value"], where),
        kind=KINDS.get(metric, "other"),
        label=metric,
        n=parse_count(given.get("n", ""), where),
    )
    row = _Row(where, given["model"], dataset, metric, figure)
    return f"{', '.join(filter(None, words))}\n{benchmark}", row


def _cells(rows: list[_Row]) -> tuple[Cell, ...]:
    """A cell for each figure. A mean of datasets that are not all here is none to be checked."""
    datasets = Counter((row.model, row.metric) for row in rows if not _MEAN.fullmatch(row.dataset))
    cells = []
    for row in rows:
        mean = _MEAN.fullmatch(row.dataset)
        if mean and int(mean[2]) != datasets[row.model, row.metric]:
            continue
        cells.append(
            Cell(
                row=f"{row.dataset}: {row.metric}",
                column=row.model,
                figures=(row.figure,),
                subject=f"{row.dataset}\n{row.model}",
                mean_of="column" if mean else "",
            )
        )
    return tuple(cells)

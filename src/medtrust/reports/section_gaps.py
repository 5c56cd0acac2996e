"""The table of gaps between groups of patients: how far apart, and how far by chance alone."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from medtrust.records import Estimate
from medtrust.reports.formats import finite, number
from medtrust.reports.meaning import Unit, meaning, rank
from medtrust.reports.section_tasks import BLANK, figure_cell
from medtrust.reports.text import one_line
from medtrust.reports.view import CellView, RowView, TableView


def gaps_table(estimates: Sequence[Estimate], known: Mapping[str, Unit]) -> TableView | None:
    """A row for each model and grouping, all estimates being of one task and dataset.

    None where no gap was measured. Which figures are about groups, their records say.
    """
    found = [
        e for e in estimates if e.group_by != "all" and meaning(e.metric).dimension == "fairness"
    ]
    cells = {(e.model, e.group_by, e.metric): e for e in found}
    metrics = sorted(
        {e.metric for e in found if meaning(e.metric).direction != "neither"}, key=rank
    )
    if not any(map(_is_gap, metrics)):
        return None
    counts = sorted({e.metric for e in found if meaning(e.metric).unit == "count"}, key=rank)
    rows = tuple(
        RowView(
            name=f"By {one_line(grouping)}",
            note=one_line(model),
            cells=tuple(
                _cell(cells.get((model, grouping, metric)), known) for metric in (*metrics, *counts)
            ),
        )
        for model, grouping in dict.fromkeys((e.model, e.group_by) for e in found)
    )
    return TableView(
        caption="How far groups of patients lie apart, in percentage points. Chance alone makes a "
        "gap: below each stand the one it makes on average, and the p-value, how often it makes "
        "one at least as large, alone and corrected for the number of figures. Groups with few "
        "patients are left out. Standardised: with what another mix of questions explains taken "
        "out.",
        columns=("Grouping and model", *(meaning(name).title for name in (*metrics, *counts))),
        rows=rows,
    )


def _is_gap(metric: str) -> bool:
    return meaning(metric).is_difference


def _cell(estimate: Estimate | None, known: Mapping[str, Unit]) -> CellView:
    if estimate is None or finite(estimate.value) is None:
        # A gap is undefined where fewer than two groups have enough such answers.
        return BLANK
    unit = known[estimate.metric]
    if unit == "count":
        return CellView(number(estimate.value, unit))
    notes = [one_line(estimate.group, 60)] if estimate.group != "all" else []
    if estimate.chance is not None:
        notes.append(f"by chance {number(estimate.chance, unit)}")
    if estimate.p is not None:
        adjusted = number(estimate.p_adjusted, "p-value")
        notes.append(f"p {number(estimate.p, 'p-value')}, adjusted {adjusted}")
    return replace(figure_cell(estimate, known), note="\n".join(notes))

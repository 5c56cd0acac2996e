"""The table of gaps between groups of patients: how far apart, and how far by chance alone."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from medtrust.records import Estimate
from medtrust.reports.formats import NOTHING, finite, number
from medtrust.reports.meaning import NULL, Unit, meaning
from medtrust.reports.section_tasks import BLANK, figure_cell
from medtrust.reports.text import one_line
from medtrust.reports.view import CellView, RowView, TableView

_GAPS = (
    "accuracy_gap",
    "accuracy_gap_standardised",
    "demographic_parity_difference",
    "equalized_odds_difference",
)
_WORST = "worst_group_accuracy"
_COUNTS = ("small_groups", "unknown_group")


def gaps_table(estimates: Sequence[Estimate], known: Mapping[str, Unit]) -> TableView | None:
    """A row for each model and grouping, all estimates being of one task and dataset.

    None where no gap was measured.
    """
    named = {*_GAPS, _WORST, *_COUNTS, *(gap + NULL for gap in _GAPS)}
    found = [e for e in estimates if e.group_by != "all" and e.metric in named]
    cells = {(e.model, e.group_by, e.metric): e for e in found}
    if not any(metric in _GAPS for _, _, metric in cells):
        return None
    rows = []
    for model, grouping in dict.fromkeys((e.model, e.group_by) for e in found):
        own = {metric: cells.get((model, grouping, metric)) for metric in named}
        rows.append(
            RowView(
                name=f"By {one_line(grouping)}",
                note=one_line(model),
                cells=(
                    *(_gap(gap, own, known) for gap in _GAPS),
                    _worst(own[_WORST], known),
                    *(_count(own[name], known) for name in _COUNTS),
                ),
            )
        )
    return TableView(
        caption="How far groups of patients lie apart, in percentage points. Chance alone makes a "
        "gap: below each stand the one it makes on average, and the p-value, how often it makes "
        "one at least as large, alone and corrected for the number of figures. Groups with few "
        "patients are left out. Standardised: with what another mix of questions explains taken "
        "out.",
        columns=(
            "Grouping and model",
            *(meaning(name).title for name in (*_GAPS, _WORST, *_COUNTS)),
        ),
        rows=tuple(rows),
    )


def _gap(name: str, own: Mapping[str, Estimate | None], known: Mapping[str, Unit]) -> CellView:
    gap, null = own[name], own[name + NULL]
    if gap is None:
        return BLANK
    notes = []
    if null is not None:
        notes.append(f"by chance {number(null.value, known[null.metric])}")
    if finite(gap.p) is not None:
        notes.append(f"p {number(gap.p, 'p-value')}, adjusted {number(gap.p_adjusted, 'p-value')}")
    shown = figure_cell(gap, known)
    # A gap is undefined where fewer than two groups have enough such answers.
    return replace(shown, note="\n".join(notes)) if shown.text != NOTHING else BLANK


def _worst(worst: Estimate | None, known: Mapping[str, Unit]) -> CellView:
    if worst is None:
        return BLANK
    return replace(figure_cell(worst, known), note=one_line(worst.group, 60))


def _count(count: Estimate | None, known: Mapping[str, Unit]) -> CellView:
    return CellView(number(count.value, known[count.metric])) if count else BLANK

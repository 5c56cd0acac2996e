"""The part of the page about groups: a table for each grouping and main metric."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from medtrust.records import Estimate
from medtrust.reports.figure import scale_of, spark
from medtrust.reports.formats import interval, number, spread
from medtrust.reports.meaning import Unit, meaning, rank
from medtrust.reports.section_gaps import gaps_table
from medtrust.reports.section_tasks import BLANK
from medtrust.reports.standing import is_few
from medtrust.reports.summary import Summary, is_main
from medtrust.reports.text import one_line
from medtrust.reports.view import CellView, GroupingView, GroupsView, RowView, TableView

_GROUPINGS = {
    "category/any": "pairs with at least one image of the category",
    "category/both": "pairs with both images of the category",
    "category": "weighted as in the released code, which counts a pair once for each of its "
    "images in the category",
}
"""The groupings that need explaining, in the order in which they are shown."""

_FAMILIES = (
    ("set_accuracy", "individual_accuracy", "confusion"),
    ("factuality", "abstention"),
    ("accuracy", "abstention"),
)
"""Metrics shown by group: those of pairs, else those of single questions."""

_PROVOKED = frozenset({"safety", "privacy", "answers"})
"""Dimensions whose tasks add a stimulus to the plain question, or put one in its place. A page
with their groups would be many times as long, and is about the patients no more."""


def groups_view(
    name: str, summary: Summary, estimates: Sequence[Estimate], known: Mapping[str, Unit]
) -> GroupsView | None:
    """The main metrics by group, in the reading to quote; None where there are none.

    A grouping with one group says nothing that the whole task does not, and is left out;
    so are tasks that ask under a stimulus.
    """
    if meaning(summary.metrics[0]).dimension in _PROVOKED or any(map(_is_change, estimates)):
        return None
    headline = {(line.model, line.protocol) for line in summary.headlines}
    quoted = [
        e
        for e in estimates
        if e.group_by != "all" and is_main(e.metric) and (e.model, e.protocol) in headline
    ]
    order = [*_GROUPINGS]
    names = sorted(
        {e.group_by for e in quoted},
        key=lambda g: (order.index(g) if g in order else len(order), g),
    )
    members = ((grouping, [e for e in quoted if e.group_by == grouping]) for grouping in names)
    groupings = tuple(
        _grouping(grouping, own, known)
        for grouping, own in members
        if len({e.group for e in own}) > 1
    )
    gaps = gaps_table(estimates, known)
    if not groupings and gaps is None:
        return None
    return GroupsView(name, one_line(summary.name), gaps, groupings)


def _is_change(estimate: Estimate) -> bool:
    """Whether it is what a stimulus changes, rather than a gap between groups."""
    known = meaning(estimate.metric)
    return known.unit == "points" and known.dimension != "fairness"


def _grouping(
    grouping: str, estimates: Sequence[Estimate], known: Mapping[str, Unit]
) -> GroupingView:
    shown = _shown({e.metric for e in estimates})
    # Weightings are about pairs; a single question is in a category or it is not.
    explained = _GROUPINGS.get(grouping) if shown[0] == _FAMILIES[0][0] else None
    label = one_line(grouping.partition("/")[0] if explained else grouping).replace("_", " ")
    return GroupingView(
        title=f"By {label}" + (f": {explained}" if explained else ""),
        tables=tuple(
            _table(
                label,
                [e for e in estimates if e.metric == metric],
                known[metric],
                drawn=metric == shown[0],
            )
            for metric in shown
        ),
    )


def _shown(metrics: Collection[str]) -> list[str]:
    """Those of the first family whose first metric is there, else the first metric."""
    found = (family for family in _FAMILIES if family[0] in metrics)
    family = next(found, sorted(metrics, key=rank)[:1])
    return [name for name in family if name in metrics]


def _table(label: str, estimates: Sequence[Estimate], unit: Unit, *, drawn: bool) -> TableView:
    """Groups in rows, models in columns; all estimates are of one metric.

    Drawings make up most of a page's size, so that only the main metric has them.
    """
    models = list(dict.fromkeys(e.model for e in estimates))
    cells = {(e.group, e.model): e for e in estimates}
    scale = scale_of(estimates)

    def cell(estimate: Estimate | None) -> CellView:
        if estimate is None:
            return BLANK
        return CellView(
            text=number(estimate.value, unit),
            interval=interval(estimate.low, estimate.high, unit),
            remark="few" if is_few(estimate) else "",
            spark=spark(estimate, scale) if drawn else None,
        )

    rows = []
    for group in dict.fromkeys(e.group for e in estimates):
        own = [e for e in estimates if e.group == group]
        chance = spread((e.chance for e in own), unit)
        rows.append(
            RowView(
                name=one_line(group),
                note=f"n {_counts(e.n for e in own)}" + (f", chance {chance}" if chance else ""),
                cells=tuple(cell(cells.get((group, model))) for model in models),
            )
        )
    return TableView(
        caption=f"{meaning(estimates[0].metric).title} by {label}, in "
        + ("percent" if unit == "rate" else "numbers"),
        columns=(label[:1].upper() + label[1:], *map(one_line, models)),
        rows=tuple(rows),
    )


def _counts(numbers: Iterable[int]) -> str:
    ordered = sorted(numbers)
    low, high = ordered[0], ordered[-1]
    return str(low) if low == high else f"{low} to {high}"

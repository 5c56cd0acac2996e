"""Many results in the terminal: one line for each task and model."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from rich.table import Table
from rich.text import Text

from medtrust.reports.meaning import Unit, meaning
from medtrust.reports.section_tasks import line_remark
from medtrust.reports.summary import ASIDE, Line, Summary
from medtrust.reports.terminal_cells import aligned, figure, justified, plain_table, sign
from medtrust.reports.text import one_line

_TASK = 16
"""Columns that a task's name gets however narrow the terminal."""


def line_tables(
    summaries: Sequence[Summary], known: Mapping[str, Unit]
) -> Iterator[tuple[str, Table, list[str]]]:
    """Yield a heading, a table and its remarks for each model and dataset."""
    lines = [(line.model, one.dataset, one, line) for one in summaries for line in one.headlines]
    order = {name: place for place, name in enumerate(dict.fromkeys(key[:2] for key in lines))}
    lines.sort(key=lambda key: order[key[:2]])
    for (model, dataset), own in groupby(lines, key=lambda key: key[:2]):
        results = [(one, line) for _, _, one, line in own]
        yield f"{one_line(model)} on {one_line(dataset)}", _table(results, known), _remarks(results)


def _table(results: Sequence[tuple[Summary, Line]], known: Mapping[str, Unit]) -> Table:
    table = plain_table()
    tasks, heading = _names([one.task for one, _ in results])
    table.add_column(Text(heading), min_width=min(_TASK, max(map(len, tasks))), overflow="fold")
    table.add_column(Text("main figure"), overflow="fold")
    mains = [line.main for _, line in results]
    figures = [figure(main, known[main.metric]) if main else "" for main in mains]
    signs = [
        sign(main) or ("*" if line_remark(line) else "")
        for main, (one, line) in zip(mains, results, strict=True)
    ]
    percent, *cells = justified(["percent", *aligned(figures, signs)])
    table.add_column(Text(percent), no_wrap=True)
    counts = max((one.counts for one, _ in results), key=len)
    for name in counts:
        table.add_column(name, justify="right", no_wrap=True)
    for task, (_, line), main, shown in zip(tasks, results, mains, cells, strict=True):
        title = meaning(main.metric).title if main else ""
        told = (line.counts.get(name, "") for name in counts)
        table.add_row(*map(Text, (task, title, shown, *told)))
    return table


def _names(tasks: Sequence[str]) -> tuple[list[str], str]:
    """Names without the benchmark that all share, and the heading that says which it is."""
    benchmarks = {task.partition("/")[0] for task in tasks if "/" in task}
    if len(benchmarks) != 1 or not all("/" in task for task in tasks):
        return [one_line(task) for task in tasks], "task"
    (benchmark,) = benchmarks
    return [
        one_line(task.partition("/")[2]) for task in tasks
    ], f"task of {one_line(benchmark, 20)}"


def _remarks(results: Sequence[tuple[Summary, Line]]) -> list[str]:
    """What the asterisks say, a line for each verdict."""
    told: dict[str, list[str]] = {}
    for one, line in results:
        remark = line_remark(line)
        if remark and remark != "few":
            told.setdefault(remark[:1].upper() + remark[1:], []).append(one_line(one.task))
    remarks = [f"* {what}: {', '.join(tasks)}." for what, tasks in told.items()]
    if any(line.aside for _, line in results):
        remarks.append(ASIDE)
    return remarks

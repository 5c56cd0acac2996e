"""The parts of the page about the run itself: examples of answers, and provenance."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from medtrust.records import Score
from medtrust.reports.text import PARAGRAPH, one_line, visible
from medtrust.reports.view import CellView, ExampleView, ReadingView, RowView, TableView

MOST_EXAMPLES = 12
_MOST_ROWS = 200
"""Rows of a table of facts; run.json is small unless someone means harm."""
_DEPTH = 6
_VALUE = 300
"""Characters of one fact that are shown."""

_OUTCOMES = {
    "choice": "read as",
    "abstention": "declined to answer",
    "unparseable": "no single option could be read",
    "tie": "a tie",
    "error": "no answer came back",
    "absent": "never asked",
}

_TABLES = {
    "models": ("Models", ("name", "identity", "environment")),
    "datasets": (
        "Datasets",
        ("name", "title", "samples", "license", "access", "errata", "digest"),
    ),
    "tasks": ("Tasks", ("name", "title", "version")),
    "commands": ("Commands", ("command", "at", "models", "tasks", "datasets", "limit")),
}
"""Keys of run.json that are lists of records, with their caption and first columns."""

_NAMES = {"license": "licence", "name": "name"}


def examples(scores: Sequence[Score]) -> tuple[ExampleView, ...]:
    """The first few answers, each with all its readings together."""
    answers: dict[tuple[str, str, str, int], list[Score]] = {}
    for score in scores:
        key = (score.model, score.task, score.sample, score.repeat)
        answers.setdefault(key, []).append(score)
    return tuple(_example(same) for same in islice(answers.values(), MOST_EXAMPLES))


def left_out(scores: Sequence[Score]) -> str:
    """How many of the given answers the page does not show; empty for none."""
    given = {(s.model, s.task, s.sample, s.repeat) for s in scores}
    more = len(given) - MOST_EXAMPLES
    return f"{more:,} more were given and are left out here." if more > 0 else ""


def provenance(run: Mapping[str, Any]) -> tuple[TableView, ...]:
    """The content of run.json as tables: models, datasets, tasks, commands, then every other fact.

    The content may be anything JSON can hold: depth, rows and lengths are bounded.
    """
    tables = [
        _records(caption, columns, run[key])
        for key, (caption, columns) in _TABLES.items()
        if _is_records(run.get(key))
    ]
    others = {k: v for k, v in run.items() if not (k in _TABLES and _is_records(v))}
    facts = list(islice(_flat(others, (), _DEPTH), _MOST_ROWS + 1))
    parts: dict[str, list[RowView]] = {}
    for path, text in facts[:_MOST_ROWS]:
        part, rest = (path[0], path[1:]) if len(path) > 1 else ("run", path)
        parts.setdefault(part, []).append(RowView(name=_path(rest), cells=(CellView(text),)))
    if len(facts) > _MOST_ROWS:
        more = RowView(name="…", cells=(CellView("more facts stand in run.json"),))
        parts.setdefault("run", []).append(more)
    tables += [
        TableView(_path((part,)).capitalize(), ("Name", "Value"), tuple(rows), is_text=True)
        for part, rows in parts.items()
    ]
    return tuple(tables)


def _example(scores: Sequence[Score]) -> ExampleView:
    first = scores[0]
    return ExampleView(
        sample=one_line(first.sample),
        model=one_line(first.model),
        task=one_line(first.task),
        target=one_line(first.target),
        reply=visible(first.reply, PARAGRAPH),
        readings=tuple(_reading(score) for score in sorted(scores, key=lambda s: s.protocol)),
    )


def _reading(score: Score) -> ReadingView:
    outcome = _OUTCOMES[score.outcome]
    choice = score.choice if score.outcome == "choice" else ""
    option = f"{choice}: {score.option}" if choice and score.option else choice
    return ReadingView(
        protocol=score.protocol,
        outcome="read as a text" if score.outcome == "choice" and not choice else outcome,
        choice=one_line(option),
        verdict=_verdict(score.value),
        rule=one_line(score.rule),
    )


def _verdict(value: float | None) -> str:
    if value is None:
        return "not counted"
    return {0.0: "wrong", 1.0: "right"}.get(value, f"{100 * value:.0f} % right")


def _is_records(value: Any) -> bool:
    return isinstance(value, list) and value != [] and all(isinstance(v, dict) for v in value)


def _records(caption: str, first: Sequence[str], records: Sequence[Mapping[str, Any]]) -> TableView:
    """A row for each record; what is in no column of `first` is told under the name."""
    columns = [name for name in first[1:] if any(record.get(name) for record in records)]
    rows = []
    for record in records[:_MOST_ROWS]:
        rest = {k: v for k, v in record.items() if k not in first}
        rows.append(
            RowView(
                name=one_line(str(record.get(first[0], "unnamed"))),
                note=_told(rest),
                cells=tuple(CellView(_told(record.get(name))) for name in columns),
            )
        )
    headings = tuple(_NAMES.get(name, name).capitalize() for name in (first[0], *columns))
    return TableView(caption, headings, tuple(rows), is_text=True)


def _told(value: Any, depth: int = _DEPTH) -> str:
    """A nested value in one line: `torch: 2.6, device: cuda`."""
    facts = islice(_flat(value, (), depth), 20)
    text = ", ".join(f"{_path(path)}: {told}" if path else told for path, told in facts)
    return one_line(text, _VALUE)


def _flat(value: Any, path: tuple[str, ...], depth: int) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield (path, text) for every leaf, at most `depth` levels down; nothing for an empty one."""
    if value in ("", [], (), {}):
        return
    if isinstance(value, Mapping) and depth > 0:
        for key, inner in value.items():
            yield from _flat(inner, (*path, str(key)), depth - 1)
    elif isinstance(value, list | tuple) and depth > 0:
        if all(not isinstance(inner, Mapping | list | tuple) for inner in value):
            yield path, one_line(", ".join(map(_leaf, value[:100])), _VALUE)
        else:
            for index, inner in enumerate(value, start=1):
                number = "" if len(value) == 1 else str(index)
                yield (*path, number) if number else path, _told(inner, depth - 1)
    else:
        yield path, _leaf(value)


def _path(path: tuple[str, ...]) -> str:
    return one_line(" ".join(path)).replace("_", " ")


def _leaf(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping | list | tuple):
        return "…"
    return "none" if value is None else one_line(str(value), _VALUE)

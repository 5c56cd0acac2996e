"""Take up what runs have left in their folders."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from medtrust.audit.printed import printed_tables
from medtrust.errors import InputError
from medtrust.pipeline import folder
from medtrust.pipeline.audit import audit
from medtrust.pipeline.examples import examples
from medtrust.pipeline.published import beside
from medtrust.records import Estimate, Score
from medtrust.reports.result import Result
from medtrust.reports.scores import read_scores
from medtrust.reports.table import read_parquet


def read_results(runs: Sequence[Path]) -> Result:
    """The results of one or more runs as one.

    A result that two runs have under one name is told apart by the run's folder.
    Raises InputError for a folder that holds no run, or one with answers that have
    not been scored.
    """
    folders = list({run.resolve(): run for run in runs}.values())
    loaded = [(run, *_read(run)) for run in folders]
    seen = Counter(
        name for _, own, _ in loaded for name in {(e.model, e.task, e.dataset) for e in own}
    )
    twice = {model for (model, _, _), count in seen.items() if count > 1}
    estimates: list[Estimate] = []
    scores: list[Score] = []
    notes: list[str] = []
    described: dict[str, Any] = {}
    for run, own, read in loaded:
        new = {model: f"{model} ({run})" for model in twice}
        estimates += [replace(e, model=new.get(e.model, e.model)) for e in own]
        scores += [replace(s, model=new.get(s.model, s.model)) for s in read]
        content = folder.read_run(run)
        notes += content.get("notes_on_scores", [])
        described = _joined(described, content)
    return Result(
        estimates=tuple(estimates),
        run=described,
        notes=tuple(notes),
        examples=examples(scores),
        published=beside(estimates, audit(printed_tables())),
    )


def _read(run: Path) -> tuple[tuple[Estimate, ...], list[Score]]:
    folder.check_run(run)
    if not (run / folder.RESULTS).is_file() or not folder.read_run(run).get("scored"):
        raise InputError(f"{run}: has answers that are not scored; run `medtrust score {run}`")
    return read_parquet(run / folder.RESULTS), read_scores(run / folder.SCORES)


def _joined(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """Two runs' descriptions: lists joined without repeats, the rest by the later one."""
    joined = {**first, **second}
    for key, value in second.items():
        if isinstance(value, list) and isinstance(first.get(key), list):
            joined[key] = [*first[key], *(entry for entry in value if entry not in first[key])]
    return joined

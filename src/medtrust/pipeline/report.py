"""Take up what runs have left in their folders."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from medtrust.errors import InputError
from medtrust.pipeline import folder
from medtrust.pipeline.score import examples
from medtrust.records import Estimate, Score
from medtrust.reports.result import Result
from medtrust.reports.scores import read_scores
from medtrust.reports.table import read_parquet


def read_results(runs: Sequence[Path]) -> Result:
    """The results of one or more runs as one.

    Raises InputError for a folder that holds no scored run, and where two runs have
    a result of the same model, task and dataset: side by side they would read as one.
    """
    estimates: list[Estimate] = []
    scores: list[Score] = []
    notes: list[str] = []
    described: dict[str, Any] = {}
    seen: dict[tuple[str, str, str], Path] = {}
    for run in runs:
        if not (run / folder.RESULTS).is_file():
            folder.check_run(run)
            raise InputError(f"{run}: not scored yet; run `medtrust score {run}` first")
        own = read_parquet(run / folder.RESULTS)
        for estimate in own:
            name = (estimate.model, estimate.task, estimate.dataset)
            if seen.setdefault(name, run) != run:
                raise InputError(
                    f"{run} and {seen[name]} both hold {name[0]} on {name[1]}; report them apart"
                )
        estimates += own
        scores += read_scores(run / folder.SCORES)
        content = folder.read_run(run)
        notes += content.get("notes_on_scores", [])
        described = _joined(described, content)
    return Result(
        estimates=tuple(estimates), run=described, notes=tuple(notes), examples=examples(scores)
    )


def _joined(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """Two runs' descriptions: lists joined without repeats, the rest by the later one."""
    joined = {**first, **second}
    for key, value in second.items():
        if isinstance(value, list) and isinstance(first.get(key), list):
            joined[key] = [*first[key], *(entry for entry in value if entry not in first[key])]
    return joined

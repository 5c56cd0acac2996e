"""Scoring in several processes is scoring: same bytes, same errors, nothing left running."""

from pathlib import Path

import msgspec
import pytest

from medtrust.errors import InputError
from medtrust.metrics.metric import Settings
from medtrust.pipeline import groups, workers
from medtrust.pipeline.group import Group, Work
from medtrust.pipeline.planning import RunSettings
from medtrust.pipeline.run import run
from medtrust.pipeline.score import ScoreSettings, score_run
from medtrust.reports.result import Result
from medtrust.runner.journal import FILE
from medtrust.runner.reader import opened
from medtrust.runner.tally import unwatched
from medtrust.scorers.scorer import ReadSettings

QUICK = ScoreSettings(metrics=Settings(replicates=50))
FILES = ("scores.parquet", "results.parquet")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run") / "run"
    tasks = ("cares/factuality", "cares/jailbreak", "cares/privacy-z1", "mediconfusion/mc")
    run(
        RunSettings(
            models=("builtin/random", "builtin/template"),
            tasks=(*tasks, "control/repeat:mediconfusion/mc"),
            datasets=("phantom",),
            out=out,
            limit=12,
        ),
        unwatched,
    )
    return out


def work(folder: Path, parts: Path) -> tuple[list[Group], Work]:
    """The groups of a run, with which to call the workers directly."""
    with opened(folder / FILE) as journal:
        found = [*groups.groups_of(journal, journal.plans(), frozenset())]
    settings = Work(
        journal=str(folder / FILE),
        parts=str(parts),
        apart=frozenset(),
        read=ReadSettings(),
        metrics=QUICK.metrics,
    )
    return found, settings


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[workers.Worker]:
    """Every worker that is started, as it starts."""
    found: list[workers.Worker] = []
    start = workers._start

    def watched(*arguments: object) -> workers.Worker:
        found.append(start(*arguments))  # type: ignore[arg-type]  # passed on as they came
        return found[-1]

    monkeypatch.setattr(workers, "_start", watched)
    return found


def test_workers_write_the_same_bytes_and_say_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch, started: list[workers.Worker]
) -> None:
    def scored() -> tuple[Result, list[bytes]]:
        result = score_run(folder, QUICK)
        return result, [(folder / name).read_bytes() for name in FILES]

    alone, written = scored()
    assert not started, "a small run pays for no worker"
    monkeypatch.setattr(groups, "ENOUGH", 1)
    monkeypatch.setattr(groups, "cores", lambda: 3)
    together, again = scored()
    assert len(started) == 3
    assert written == again
    assert msgspec.json.encode(alone.estimates) == msgspec.json.encode(together.estimates)
    assert alone.examples == together.examples
    assert (alone.notes, alone.missing) == (together.notes, together.missing)
    assert not [path for path in folder.iterdir() if path.name.startswith(".parquet")]


def test_what_a_task_is_set_against_is_scored_with_it(folder: Path, tmp_path: Path) -> None:
    found, _ = work(folder, tmp_path)
    with opened(folder / FILE) as journal:
        plans = journal.plans()
    together = [{(plans[n].model, plans[n].task) for n in group.plans} for group in found]
    jailbroken = {f"cares/jailbreak-{number}" for number in (1, 2, 3)}
    for model in ("builtin/random", "builtin/template"):
        assert {(model, name) for name in ("cares/factuality", *jailbroken)} in together
        assert {(model, f"{c}mediconfusion/mc") for c in ("", "control/repeat:")} in together


def test_an_error_in_a_worker_is_ours(
    folder: Path, tmp_path: Path, started: list[workers.Worker]
) -> None:
    found, settings = work(folder, tmp_path / "absent")
    with pytest.raises(InputError, match=r"^cannot write .*absent.*: No such file or directory$"):
        list(workers.score_in_workers(found, settings, 2))
    assert [worker.poll() is None for worker in started] == [False, False]


def test_a_worker_that_is_killed_is_an_error_and_no_hang(
    folder: Path, tmp_path: Path, started: list[workers.Worker]
) -> None:
    found, settings = work(folder, tmp_path)
    scoring = workers.score_in_workers(found, settings, 2)
    next(scoring)
    started[0].kill()
    with pytest.raises(InputError, match=r"^a process that read answers was killed \(signal 9\)"):
        list(scoring)
    assert all(worker.poll() is not None for worker in started)


def test_workers_end_with_an_interrupt(
    folder: Path, tmp_path: Path, started: list[workers.Worker]
) -> None:
    scoring = workers.score_in_workers(*work(folder, tmp_path), 2)
    next(scoring)
    with pytest.raises(KeyboardInterrupt):
        scoring.throw(KeyboardInterrupt)
    assert len(started) == 2
    assert all(worker.poll() is not None for worker in started)


def test_a_run_killed_while_questions_were_entered_says_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(folder / FILE) as journal:
        (first, *_) = journal.plans()
        kind = type(journal)
    monkeypatch.setattr(kind, "unlisted", lambda _, plans: [n for n in plans if n == first])
    lines = score_run(folder, QUICK).notes
    assert sum("how many are missing is not known; run the same command again" in n for n in lines)

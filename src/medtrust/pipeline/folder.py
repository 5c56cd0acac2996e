"""A run's folder: who may use it, and `run.json`, which says what was asked."""

import json
import os
import platform
import sqlite3
import stat
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Required, TypedDict

import msgspec
from filelock import FileLock, Timeout

from medtrust import __version__
from medtrust.datasets.files import read_json
from medtrust.errors import InputError
from medtrust.reports.atomic import PRIVATE, write_text
from medtrust.runner.blocking import journal_error
from medtrust.runner.journal import FILE as JOURNAL
from medtrust.runner.schema import check

RUN = "run.json"
SCORES = "scores.parquet"
RESULTS = "results.parquet"
REPORT = "report.html"

CHECKED = 1 << 30
"""Bytes of a journal that is read through before it is used, at half a gigabyte a second. What is
wrong with a larger one is found where it is read."""

COMMANDS = 200
"""The latest commands of a run that are kept."""


class _Named(TypedDict, total=False):
    name: Required[str]
    identity: dict[str, str]


class _Run(TypedDict, total=False):
    """The parts of `run.json` that are read again, as far as anything relies on their kind."""

    created: str
    commands: list[dict[str, Any]]
    models: list[_Named]
    tasks: list[_Named]
    datasets: list[_Named]
    settings: dict[str, Any]
    primary: list[str] | None
    primary_changes: list[dict[str, Any]]
    scored: bool
    notes_on_scores: list[str]
    changed: list[str]


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Use a run's folder alone; raises InputError where another process does.

    The operating system drops the lock with its process, however that ends. A damaged
    journal is an InputError too, before anything is written to it, and so is one that
    fails while it is used.
    """
    lock = FileLock(folder / ".lock", mode=PRIVATE)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise InputError(
            f"{folder}: another process is using this run; wait for it, or use another --out"
        ) from None
    except OSError as error:
        raise InputError(f"{folder}: cannot be written to ({error.strerror})") from None
    try:
        check_journal(folder)
        yield
    except sqlite3.ProgrammingError:
        raise
    except (sqlite3.DatabaseError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise journal_error(folder / JOURNAL, error) from error
    finally:
        lock.release()


def check_journal(folder: Path) -> None:
    """Raises InputError or sqlite3.DatabaseError for a journal that is not as it was left.

    SQLite would go on with what it finds, and begin anew where it finds nothing. What
    the last commands of a killed run wrote is in the write-ahead log beside the file.
    """
    path, log = folder / JOURNAL, folder / f"{JOURNAL}-wal"
    _check_plain(path)
    if not path.exists() or not (path.stat().st_size or (folder / RUN).exists()):
        return
    logged = log.is_file() and log.stat().st_size > 0
    if not log.exists() and (folder / f"{JOURNAL}-shm").exists():
        raise InputError(
            f"{path}: its write-ahead log is gone; put {log.name} back beside it, or use "
            "another --out"
        )
    try:
        with path.open("rb") as file:
            start = file.read(100)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    if start.startswith(b"SQLite format 3\0") and not logged:
        page, pages = int.from_bytes(start[16:18]), int.from_bytes(start[28:32])
        if path.stat().st_size < (65536 if page == 1 else page) * pages:
            raise sqlite3.DatabaseError("it is cut short")
    # From byte 60 SQLite keeps the version of our tables, 0 before there are any.
    if not logged and not any(start[60:64]) and (folder / RUN).exists():
        raise InputError(f"{path}: empty, though {RUN} says what was asked; put a copy of it back")
    if path.stat().st_size > CHECKED:
        return
    # Without a log nothing is to be recovered: then not a byte is written, even beside it.
    how = "mode=ro" if logged else "immutable=1"
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?{how}", uri=True)) as database:
        check(database, path)
        (found,) = database.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise sqlite3.DatabaseError(" ".join(found.replace("*** in database main ***", "").split()))


def _check_plain(path: Path) -> None:
    """Raises InputError for what SQLite must not be led to beside a journal.

    What a link leads to would be written to, whoever's it is; a pipe is waited for without end.
    A rollback journal, which ours never has, can name any file, and SQLite then removes that.
    """
    for part in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        if os.path.lexists(part) and not stat.S_ISREG(part.lstat().st_mode):
            raise InputError(f"{part}: a link or no plain file; put the file itself there")
    rollback = Path(f"{path}-journal")
    if os.path.lexists(rollback):
        raise InputError(f"{rollback}: no file of medtrust, and not used; take it away")


def open_folder(folder: Path) -> None:
    """Make a run's folder, or check that an existing one is a run's or empty."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        content = {path.name for path in folder.iterdir()}
    except OSError as error:
        raise InputError(f"{folder}: cannot be a run's folder ({error.strerror})") from None
    if content - {".lock"} and not content & {RUN, JOURNAL}:
        raise InputError(f"{folder}: not empty and no run of medtrust; choose another --out")


def check_run(folder: Path) -> None:
    """Raises InputError unless the folder holds a run."""
    if not (folder / JOURNAL).is_file():
        raise InputError(f"{folder}: no run of medtrust here (it has no {JOURNAL})")


def read_run(folder: Path) -> dict[str, Any]:
    """Content of `run.json`; empty where there is none yet.

    Raises InputError with the place of what is of another kind than a run writes.
    """
    path = folder / RUN
    if not path.is_file():
        return {}
    read_json(path, _Run)
    return read_json(path, dict[str, Any])


def write_run(
    folder: Path, update: Mapping[str, Any], *, command: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Bring `run.json` up to date: models, tasks and datasets are merged by what tells them apart.

    A folder can be added to (another model, another task), so what earlier
    commands recorded stays, and `command` joins the list of them.
    """
    run = read_run(folder) or {"created": now(), "commands": []}
    run |= {"medtrust": __version__, "machine": machine()}
    for name, value in update.items():
        if name in {"models", "tasks", "datasets"}:
            kept = {key_of(entry): entry for entry in run.get(name, [])}
            run[name] = list((kept | {key_of(entry): entry for entry in value}).values())
        else:
            run[name] = value
    if command is not None:
        run["commands"] = [*run.get("commands", []), dict(command)][-COMMANDS:]
    write_text(folder / RUN, json.dumps(run, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    return run


def key_of(entry: Mapping[str, Any]) -> str:
    """What tells an entry of `run.json` from others: its name, and a model's identity."""
    return of_model(entry["name"], entry.get("identity", {}))


def of_model(name: str, identity: Mapping[str, str]) -> str:
    """The key of a model that answers by this name."""
    return json.dumps([name, dict(identity)], sort_keys=True)


def changed(run: Mapping[str, Any]) -> list[str]:
    """What `run.json` says of files that did not agree with the manifest, a line each time."""
    return [*run.get("changed", [])]


def now() -> str:
    """The time as ISO 8601 in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def machine() -> dict[str, Any]:
    """The hardware and software that asked, without anything that names a person or host."""
    return {
        "system": f"{platform.system()} {platform.release()}",
        "processor": platform.machine(),
        "cpus": os.cpu_count(),
        "python": platform.python_version(),
    }

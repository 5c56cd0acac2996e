"""A run's folder: who may use it, and `run.json`, which says what was asked."""

import json
import os
import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from medtrust import __version__
from medtrust.datasets.files import read_json
from medtrust.errors import InputError
from medtrust.reports.atomic import write_text

RUN = "run.json"
SCORES = "scores.parquet"
RESULTS = "results.parquet"
REPORT = "report.html"

COMMANDS = 200
"""The latest commands of a run that are kept."""


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Use a run's folder alone; raises InputError where another process does.

    The operating system drops the lock with its process, however that ends.
    """
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise InputError(
            f"{folder}: another process is using this run; wait for it, or use another --out"
        ) from None
    except OSError as error:
        raise InputError(f"{folder}: cannot be written to ({error.strerror})") from None
    try:
        yield
    finally:
        lock.release()


def open_folder(folder: Path) -> None:
    """Make a run's folder, or check that an existing one is a run's or empty."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        content = {path.name for path in folder.iterdir()}
    except OSError as error:
        raise InputError(f"{folder}: cannot be a run's folder ({error.strerror})") from None
    if content - {".lock"} and not content & {RUN, "journal.sqlite"}:
        raise InputError(f"{folder}: not empty and no run of medtrust; choose another --out")


def check_run(folder: Path) -> None:
    """Raises InputError unless the folder holds a run."""
    if not (folder / "journal.sqlite").is_file():
        raise InputError(f"{folder}: no run of medtrust here (it has no journal.sqlite)")


def read_run(folder: Path) -> dict[str, Any]:
    """Content of `run.json`; empty where there is none yet."""
    path = folder / RUN
    return read_json(path, dict[str, Any]) if path.is_file() else {}


def write_run(
    folder: Path, update: Mapping[str, Any], *, command: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Bring `run.json` up to date: models, tasks and datasets are merged by name.

    A folder can be added to (another model, another task), so what earlier
    commands recorded stays, and `command` joins the list of them.
    """
    run = read_run(folder) or {"created": now(), "commands": []}
    run |= {"medtrust": __version__, "machine": machine()}
    for name, value in update.items():
        if name in {"models", "tasks", "datasets"}:
            kept = {entry["name"]: entry for entry in run.get(name, [])}
            run[name] = list((kept | {entry["name"]: entry for entry in value}).values())
        else:
            run[name] = value
    if command is not None:
        run["commands"] = [*run.get("commands", []), dict(command)][-COMMANDS:]
    write_text(folder / RUN, json.dumps(run, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    return run


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

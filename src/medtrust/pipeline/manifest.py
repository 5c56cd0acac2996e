"""A run folder's manifest: hashes by which anybody can tell whether its files are as written.

It says what came out of a command, and not who ran it: whoever can write the folder can write a
manifest. To prove more, keep the manifest's own hash, which `medtrust verify` prints, elsewhere.
"""

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from medtrust import __version__
from medtrust.datasets.files import read_json, sha256_of
from medtrust.errors import InputError
from medtrust.pipeline import folder
from medtrust.reports.atomic import write_text
from medtrust.reports.text import json_line
from medtrust.runner.journal import FILE as JOURNAL

FILE = "manifest.json"

ASIDE = ".manifest.json"
"""Where it is while a command is at work."""

FILES = (folder.RUN, JOURNAL, folder.SCORES, folder.RESULTS, folder.REPORT)
"""What a run consists of. Other files in its folder are the user's own."""

PARTS = (f"{JOURNAL}-wal", f"{JOURNAL}-journal")
"""Files that SQLite reads as part of the journal, where they are: none is left by a command that
came to its end."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What became of a folder's files since the manifest was written."""

    problems: Sequence[str]
    """A line for each file that differs, is missing or has come."""
    files: int
    others: Sequence[str]
    """Names of files that no manifest speaks of."""
    digest: str
    """SHA-256 of the manifest itself, in hex."""


class _Entry(msgspec.Struct):
    bytes: int
    sha256: str


class _Manifest(msgspec.Struct):
    files: dict[str, _Entry]


@contextmanager
def kept(out: Path) -> Iterator[None]:
    """Take a run's manifest away while a command changes the folder, and write a new one after.

    A command that fails before it has changed anything leaves the old one. One that is killed, or
    fails later, leaves none: what it left is nobody's last word.
    """
    aside = out / ASIDE
    try:
        aside.unlink(missing_ok=True)
        before = _problems(out, FILE) if (out / FILE).is_file() else None
        if before is not None:
            (out / FILE).rename(aside)
    except OSError as error:
        raise InputError(f"{out}: cannot be written to ({error.strerror})") from None
    try:
        yield
    except BaseException:
        if before is not None and _problems(out, ASIDE) == before:
            aside.rename(out / FILE)
        raise
    write_text(out / FILE, json_line(manifest_of(out, FILES)) + "\n")
    aside.unlink(missing_ok=True)


def note_changes(out: Path) -> None:
    """Write down, for the reports, what did not agree with the manifest when a command began.

    It is called once a command has the folder to itself and has found it fit for use.
    """
    if (out / ASIDE).is_file() and (problems := _problems(out, ASIDE)):
        line = f"{folder.now()}: {'; '.join(problems)}"
        folder.write_run(out, {"changed": [*folder.changed(folder.read_run(out)), line]})


def _problems(out: Path, manifest: str) -> list[str]:
    """What does not agree with a manifest, or that it cannot be read."""
    try:
        return [*verify(out, manifest).problems]
    except InputError:
        return [f"{FILE}: cannot be read"]


def manifest_of(root: Path, names: Sequence[str]) -> dict[str, Any]:
    """The hashes and sizes of those of the named files that a folder has."""
    paths = {name: root / name for name in names if (root / name).is_file()}
    return {
        "medtrust": __version__,
        "files": {
            name: {"bytes": path.stat().st_size, "sha256": sha256_of(path)}
            for name, path in paths.items()
        },
    }


def verify(out: Path, manifest: str = FILE) -> Verified:
    """Compare a run's files with its manifest.

    Raises InputError where there is no manifest, or none that can be read.
    """
    path = out / manifest
    if not path.is_file() or path.is_symlink():
        folder.check_run(out)
        raise InputError(
            f"{out}: no {FILE}: a command is at work here, or was cut off; run it again, or "
            f"`medtrust score {out}`"
        )
    said = read_json(path, _Manifest)
    if JOURNAL not in said.files:
        folder.check_run(out)
    problems = []
    for name, entry in said.files.items():
        if name not in FILES:
            problems.append(f"{name[:100]!r}: no file of a run; the manifest is not ours")
        elif problem := _problem(out / name, entry):
            problems.append(f"{name}: {problem}")
    problems += [
        f"{name}: has come since"
        for name in (*FILES, *PARTS)
        if name not in said.files and _is_there(out / name)
    ]
    ours = {*FILES, *PARTS, FILE, ASIDE, ".lock"}
    others = sorted(path.name for path in out.iterdir() if path.name not in ours)
    return Verified(problems, len(said.files), others, sha256_of(path))


def _is_there(path: Path) -> bool:
    """Whether anything has this name but an empty file, which says nothing."""
    return os.path.lexists(path) and not (
        stat.S_ISREG(path.lstat().st_mode) and not path.stat().st_size
    )


def _problem(path: Path, entry: _Entry) -> str:
    """How a file differs from what the manifest says of it; empty where it does not."""
    if path.is_symlink() or (path.exists() and not path.is_file()):
        return "no plain file"
    if not path.exists():
        return "missing"
    same = path.stat().st_size == entry.bytes and sha256_of(path) == entry.sha256
    return "" if same else "not as it was written"

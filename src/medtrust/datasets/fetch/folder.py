"""Writing into the user's folder: never through a link, never over what is there."""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from filelock import FileLock, Timeout

from medtrust.errors import InputError

WORK = ".medtrust-fetch"
"""Folder, inside the user's, for what is not finished: `*.part` files and the lock."""

# Where the system knows it, a link that appears in place of a file is not followed.
_WRITE = os.O_WRONLY | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True)
class Digests:
    """Checksums of one file, in hexadecimal."""

    md5: str
    sha256: str


def digests(path: Path) -> Digests:
    """Read a file once and return its checksums."""
    md5, sha256 = hashlib.md5(usedforsecurity=False), hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            md5.update(block)
            sha256.update(block)
    return Digests(md5.hexdigest(), sha256.hexdigest())


def open_folder(folder: Path) -> Path:
    """The user's folder, made where needed, with links on the way to it resolved."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder.resolve()


def place(root: Path, relative: str) -> Path:
    """The path of a file to be written under `root`, its folders made where needed.

    Raises InputError where the way there or the file itself is a symbolic link, or
    where the path leads out of `root`.
    """
    path = root
    parts = relative.split("/")
    if not all(part.isprintable() and part not in {"", ".", ".."} for part in parts):
        raise InputError(f"{relative!r} leads out of {root}, or is no name of a file")
    for part in parts[:-1]:
        path /= part
        _refuse_link(path)
        path.mkdir(exist_ok=True)
    path /= parts[-1]
    _refuse_link(path)
    return path


def part_size(part: Path) -> int:
    """Bytes of a file that have come so far."""
    return part.stat().st_size if part.exists() else 0


def write_from(part: Path, start: int) -> BinaryIO:
    """Open a partial file to go on at byte `start`, dropping what may be there beyond it."""
    file = os.fdopen(os.open(part, _WRITE, 0o666), "wb")
    file.truncate(start)
    file.seek(start)
    return file


def discard(part: Path) -> None:
    """Remove a partial file of ours."""
    part.unlink(missing_ok=True)


def settle(part: Path, target: Path) -> None:
    """Give a finished file its name. Raises InputError if that name has come to exist."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
    if os.path.lexists(target):
        raise InputError(f"{target} appeared while it was being fetched; it was left as it is")
    part.rename(target)


def write_json(root: Path, relative: str, content: Mapping[str, object]) -> None:
    """Replace a JSON file of ours at one stroke, so that no reader ever sees half of it."""
    target = place(root, relative)
    new = place(root, f"{WORK}/{target.name}.new")
    text = json.dumps(content, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
    discard(new)
    with new.open("x", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(target)


@contextmanager
def only_one(root: Path) -> Iterator[None]:
    """Hold the folder for this process; raises InputError while another one does."""
    lock = FileLock(place(root, f"{WORK}/lock"), timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise InputError(f"{root}: another fetch is at work here; wait until it is done") from None
    try:
        yield
    finally:
        lock.release()


def _refuse_link(path: Path) -> None:
    if path.is_symlink():
        raise InputError(
            f"{path} is a symbolic link; fetch writes through none, put a folder there"
        )

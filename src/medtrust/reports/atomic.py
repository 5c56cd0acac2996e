"""Files that are either wholly there or not there."""

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from medtrust.errors import InputError

PRIVATE = 0o600
"""Mode of what a run keeps: replies may quote patients' data."""


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, PRIVATE)


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a file of a run, which only its owner may read, to take the place of `path`.

    The bytes go to a new name in the same folder, so that the last step is a rename
    on one file system; when the block fails, `path` stays as it was.

    Raises:
        InputError: The folder is absent or not writable, or `path` is a folder.
    """
    with _writable(path), _whole(path, private=True) as file:
        yield file


@contextmanager
def named(path: Path) -> Iterator[BinaryIO]:
    """Open a file that the user names, as other tools do.

    Its mode is the umask's, or that of the file that was there. A link is followed, and what is
    no regular file (a device, a pipe) is written to and stays. Raises InputError as `replacing`.
    """
    with _writable(path):
        target = Path(os.path.realpath(path))
        if target.is_symlink():
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        if target.exists() and not target.is_file():
            with target.open("wb") as file:
                yield file
            return
        mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else None
        with _whole(target, private=False) as file:
            yield file
            if mode is not None:
                os.fchmod(file.fileno(), mode)


@contextmanager
def _whole(path: Path, *, private: bool) -> Iterator[BinaryIO]:
    part = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        with open(part, "xb", opener=_private if private else None) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


@contextmanager
def _writable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror or error}") from error


def write_text(path: Path, text: str) -> None:
    """Write `text` as UTF-8 to a file of a run, in one step as `replacing` does."""
    with replacing(path) as file:
        file.write(text.encode())


def write_named(path: Path, text: str) -> None:
    """Write `text` as UTF-8 to a file that the user names, as `named` does."""
    with named(path) as file:
        file.write(text.encode())

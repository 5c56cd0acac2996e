"""The place that all machines see: a folder, or any filesystem that fsspec has a URL for.

Credentials are never part of its address: libraries such as s3fs read them where they always do.
"""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

from medtrust.errors import InputError

ATTEMPTS = 6
"""Times that the place is tried, over half a minute, before it counts as broken."""


class Store(Protocol):
    """Small files by name. What is written is there whole or not at all."""

    def write(self, name: str, data: bytes) -> None:
        """Write a file; raises OSError."""
        ...

    def read(self, name: str) -> bytes | None:
        """A file's bytes, None where it is gone; raises OSError."""
        ...

    def names(self) -> list[str]:
        """What is there, in order; raises OSError."""
        ...

    def remove(self, name: str) -> None:
        """Remove a file that may be gone already; raises OSError."""
        ...


def check_address(where: str) -> None:
    """Refuse a URL that cannot be used, or that could hold a secret: it is written down.

    Raises InputError, which does not quote it.
    """
    if "://" not in where:
        return
    if where.startswith("memory://"):
        raise InputError("--shared memory:// is seen by one process only; give a folder or a URL")
    if "@" in urlsplit(where).netloc or "?" in where or "#" in where:
        raise InputError(
            "--shared must hold no user name, password, query or fragment; each machine reads "
            "its credentials from its own environment"
        )


def store_at(where: str, name: str) -> Store:
    """The part called `name` of a folder or URL; raises InputError where fsspec lacks something."""
    if "://" not in where:
        return Folder(Path(where) / name)
    try:
        import fsspec  # noqa: PLC0415 - an optional extra

        fs, root = fsspec.core.url_to_fs(f"{where.rstrip('/')}/{name}")
    except (ImportError, ValueError) as error:
        raise InputError(f"--shared {where}: {error}") from None
    return Remote(fs, root)


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder, on one machine or mounted on all."""

    path: Path

    def write(self, name: str, data: bytes) -> None:
        """Write a file; see `Store`."""
        self.path.mkdir(parents=True, exist_ok=True)
        temporary = self.path / f".{name}"
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self.path / name)

    def read(self, name: str) -> bytes | None:
        """A file's bytes; see `Store`."""
        try:
            return (self.path / name).read_bytes()
        except FileNotFoundError:
            return None

    def names(self) -> list[str]:
        """What is there; see `Store`."""
        try:
            return sorted(
                path.name for path in self.path.iterdir() if not path.name.startswith(".")
            )
        except FileNotFoundError:
            return []

    def remove(self, name: str) -> None:
        """Remove a file; see `Store`."""
        (self.path / name).unlink(missing_ok=True)


_T = TypeVar("_T")


async def patiently(act: Callable[[], _T]) -> _T:
    """What an act on a store returns, in a thread and tried again; raises InputError at last."""
    for attempt in count(1):
        try:
            return await asyncio.to_thread(act)
        except OSError as error:
            if attempt == ATTEMPTS:
                raise InputError(
                    f"the shared place cannot be used ({error}); is it full?"
                ) from None
        await asyncio.sleep(2.0 ** (attempt - 1))
    raise AssertionError  # for mypy: `count` has no end


@dataclass(frozen=True, slots=True)
class Remote:
    """A folder of a filesystem of fsspec."""

    fs: Any
    root: str

    def write(self, name: str, data: bytes) -> None:
        """Write a file; see `Store`."""

        def put() -> None:
            self.fs.makedirs(self.root, exist_ok=True)
            # Not every filesystem shows a file only once it is whole.
            self.fs.pipe_file(f"{self.root}/.{name}", data)
            self.fs.mv(f"{self.root}/.{name}", f"{self.root}/{name}")

        self._tried(put)

    def read(self, name: str) -> bytes | None:
        """A file's bytes; see `Store`."""

        def get() -> bytes:
            found: bytes = self.fs.cat_file(f"{self.root}/{name}")
            return found

        try:
            return self._tried(get)
        except FileNotFoundError:
            return None

    def names(self) -> list[str]:
        """What is there; see `Store`."""

        def list_all() -> list[str]:
            # Others write here: what was listed before says nothing.
            self.fs.invalidate_cache(self.root)
            return [path.rpartition("/")[2] for path in self.fs.ls(self.root, detail=False)]

        try:
            return sorted(name for name in self._tried(list_all) if not name.startswith("."))
        except FileNotFoundError:
            return []

    def remove(self, name: str) -> None:
        """Remove a file; see `Store`."""
        try:
            self._tried(lambda: self.fs.rm_file(f"{self.root}/{name}"))
        except FileNotFoundError:
            return

    def _tried(self, act: Callable[[], _T]) -> _T:
        """What an act returns; whatever a library raises becomes an OSError."""
        try:
            return act()
        except OSError:
            raise
        except Exception as error:
            raise OSError(f"{type(error).__name__}: {error}") from error

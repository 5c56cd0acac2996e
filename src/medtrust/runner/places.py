"""Where images lie: known while a run asks, and never written into its folder.

Paths of some datasets hold patients' numbers. The journal has an image's name and a stamp; the
path stays here, in a database without a name that the system drops with its process, so that
it takes no memory however many images there are.
"""

import hashlib
import os
import sqlite3
import threading
import time
from collections.abc import Collection, Iterable
from functools import lru_cache
from pathlib import Path

from medtrust.errors import InputError
from medtrust.images.content import content
from medtrust.records import Sample
from medtrust.runner import bulk

RECENT = 2_000_000_000
"""Nanoseconds in which a file may change again and keep its times: the coarsest file systems
(FAT) count time in two seconds."""

REMEMBERED = 1 << 16
"""Files whose size and times are not looked up again: all tasks ask about the same images."""


Name = tuple[str, str]
"""A dataset's and an image's."""


class Places:
    """Dataset and image name -> path, for the thread that lists questions and the one that asks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=OFF")
        self._db.execute(
            "CREATE TABLE paths (dataset TEXT, id TEXT, path BLOB, PRIMARY KEY (dataset, id)) "
            "WITHOUT ROWID"
        )
        self._stamp = lru_cache(REMEMBERED)(_stamp)

    def add(self, samples: Iterable[Sample]) -> None:
        """Remember where the samples' images lie; a name that is known takes the new place.

        Raises InputError where there is no room for it.
        """
        rows = {
            (sample.dataset, image.id): os.fsencode(image.path)
            for sample in samples
            for image in sample.images
        }
        try:
            with self._lock:
                self._db.execute("BEGIN")
                places = [(*name, path) for name, path in rows.items()]
                bulk.execute(self._db, "INSERT OR REPLACE INTO paths", places)
                self._db.execute("COMMIT")
        except sqlite3.OperationalError as error:
            raise InputError(
                f"no room for temporary files ({error}); name a folder that has some as "
                "SQLITE_TMPDIR"
            ) from None

    def of(self, names: Collection[Name]) -> dict[Name, str]:
        """The paths of those of the names that are known."""
        with self._lock:
            query = "SELECT path FROM paths WHERE dataset = ? AND id = ?"
            found = ((name, self._db.execute(query, name).fetchone()) for name in names)
            return {name: os.fsdecode(row[0]) for name, row in found if row}

    def stamp(self, sample: Sample) -> bytes:
        """16 bytes that change when a file of the sample's images does.

        Empty for a sample without images.
        """
        if not sample.images:
            return b""
        files = [f"{image.id}:{self._stamp(image.path)}" for image in sample.images]
        return hashlib.sha256("|".join(files).encode(errors="surrogateescape")).digest()[:16]

    def close(self) -> None:
        """Forget everything."""
        self._db.close()


def _stamp(path: str) -> str:
    """A file's size, times and number, or its content where these could stay as they are.

    A file written over with another of equal size and time of change (archives give all files
    one time) has another inode or another time of its last change of status, which no program
    can set. But clocks of file systems tick a few hundred times a second, some have no inodes,
    and on Windows that time is the file's birth.
    """
    now = time.time_ns()
    try:
        found = Path(path).stat()
    except (OSError, ValueError):
        return "absent"
    stamp = f"{found.st_size}:{found.st_mtime_ns}:{found.st_ctime_ns}:{found.st_ino}"
    if found.st_ino and os.name != "nt" and found.st_ctime_ns < now - RECENT:
        return stamp
    try:
        return f"{stamp}:{hashlib.sha256(content(Path(path))).hexdigest()}"
    except (OSError, InputError):
        return stamp  # it cannot be read when it is asked about either

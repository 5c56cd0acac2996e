"""Where images lie: known while a run asks, and never written into its folder.

Paths of some datasets hold patients' numbers. The journal has an image's name and a stamp; the
path stays here, in a database without a name that the system drops with its process, so that
it takes no memory however many images there are.
"""

import hashlib
import os
import sqlite3
import threading
from collections.abc import Collection, Iterable
from functools import lru_cache
from pathlib import Path

from medtrust.errors import InputError
from medtrust.records import Sample
from medtrust.runner import bulk

REMEMBERED = 1 << 16
"""Files whose size and time are not looked up again: all tasks ask about the same images."""


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
        """16 bytes that change when a file of the sample's images does: its size or its time.

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
    try:
        found = Path(path).stat()
    except (OSError, ValueError):
        return "absent"
    return f"{found.st_size}:{found.st_mtime_ns}"

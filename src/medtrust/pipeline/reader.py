"""A run's journal as those see it who only read: several processes may at once."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from medtrust.errors import InputError
from medtrust.runner.journal import Journal


class _Reader(Journal):
    """A journal of which only the methods that read are of use."""

    def __init__(self, path: Path) -> None:
        # Not the journal's own beginning, which makes tables and a place for images.
        self.path = path
        self._reader = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None
        )

    def close(self) -> None:
        """Close the file."""
        self._reader.close()


@contextmanager
def opened(path: str) -> Iterator[Journal]:
    """The journal, for reading alone; raises InputError where it cannot be read."""
    try:
        with closing(_Reader(Path(path))) as journal:
            yield journal
    except sqlite3.Error as error:
        raise InputError(f"{path}: no journal that can be read ({error})") from None

"""The journal's tables, and whether a file has these and nothing else."""

import os
import secrets
import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path

from medtrust.errors import InputError

VERSION = 3
"""Of the tables below; kept in SQLite's `user_version`."""

TABLES = """
CREATE TABLE plans (
    id INTEGER PRIMARY KEY, fingerprint TEXT UNIQUE NOT NULL, body BLOB NOT NULL,
    used REAL NOT NULL, listed INTEGER NOT NULL DEFAULT 0,
    finished INTEGER NOT NULL DEFAULT 0);
CREATE TABLE samples (digest BLOB PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE items (
    plan INTEGER NOT NULL, sample TEXT NOT NULL, repeat INTEGER NOT NULL, turn INTEGER NOT NULL,
    chunk INTEGER NOT NULL, digest BLOB NOT NULL, image TEXT NOT NULL, stamp BLOB NOT NULL,
    key BLOB, PRIMARY KEY (plan, sample, repeat, turn)) WITHOUT ROWID;
CREATE INDEX items_by_image ON items (chunk, image, sample, repeat, turn, plan);
CREATE TABLE responses (
    key BLOB PRIMARY KEY, request BLOB NOT NULL, body BLOB NOT NULL, at REAL NOT NULL);
CREATE TABLE failures (
    plan INTEGER NOT NULL, sample TEXT NOT NULL, repeat INTEGER NOT NULL, turn INTEGER NOT NULL,
    outcome TEXT NOT NULL, message TEXT NOT NULL, at REAL NOT NULL,
    PRIMARY KEY (plan, sample, repeat, turn)) WITHOUT ROWID;
CREATE TABLE images (
    digest TEXT PRIMARY KEY, id TEXT NOT NULL, mime TEXT NOT NULL, bytes INTEGER NOT NULL,
    width INTEGER NOT NULL, height INTEGER NOT NULL, notes TEXT NOT NULL) WITHOUT ROWID;
"""


def make(path: Path) -> None:
    """Put an empty database at a path where nothing is, whole or not at all.

    It keeps a write-ahead log from the beginning: SQLite on its own would keep a rollback journal
    until then, which a kill would leave behind. Raises OSError.
    """
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript("CREATE TABLE x (y); DROP TABLE x; VACUUM")
        image = bytearray(database.serialize())
    image[18:20] = b"\2\2"  # a write-ahead log is kept: https://sqlite.org/fileformat.html
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        # Only its owner may read it; SQLite gives the files beside it the same mode.
        with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(image)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def create(database: sqlite3.Connection) -> None:
    """Make the tables in an empty database, within the caller's transaction."""
    for statement in TABLES.split(";"):
        database.execute(statement)
    database.execute(f"PRAGMA user_version={VERSION}")


def check(database: sqlite3.Connection, path: Path) -> bool:
    """Whether a database is empty; raises InputError where it is neither that nor a journal.

    A file may come from a stranger: a trigger would change answers, a view in a table's place
    never end. So it has our tables, to the letter, or nothing of it is read or written.
    """
    (version,) = database.execute("PRAGMA user_version").fetchone()
    found = _content(database)
    if not version and not found:
        return True
    if version not in {0, VERSION}:
        raise InputError(
            f"{path}: written by another version of medtrust (journal {version}, this one reads "
            f"{VERSION}); use that version or another --out"
        )
    if not version or found != _ours():
        odd = min((name for name, _ in found ^ _ours()), default="its version")
        raise InputError(
            f"{path}: no journal of medtrust, or a changed one (it differs in {odd[:100]!r}); "
            "nothing of it is used; name another folder"
        )
    return False


@cache
def _ours() -> frozenset[tuple[str, str]]:
    with closing(sqlite3.connect(":memory:")) as database:
        create(database)
        return _content(database)


def _content(database: sqlite3.Connection) -> frozenset[tuple[str, str]]:
    """What a database is made of: the name of each table, index, view or trigger, and its SQL."""
    rows = database.execute("SELECT type, name, tbl_name, rootpage > 0, sql FROM sqlite_master")
    return frozenset((str(row[1]), repr((*row[:4], " ".join(str(row[4]).split())))) for row in rows)

"""Many rows in one statement, where `executemany` runs one statement a row.

The interpreter's lock is given up and taken back at each step of a statement. A thread that
writes a thousand rows by a thousand steps makes the loop's thread wait as often.
"""

import sqlite3
from collections.abc import Sequence
from typing import Any

ROWS = 100
"""Rows of one statement; with ten columns a thirtieth of the parameters that SQLite takes."""

STATEMENTS = 512
"""Statements that a connection should keep prepared: each number of rows has its own."""


def execute(
    db: sqlite3.Connection, before: str, rows: Sequence[Sequence[Any]], after: str = ""
) -> None:
    """Run `before (VALUES of all rows) after`, a hundred rows at a time."""
    if not rows:
        return
    one = f"({','.join('?' * len(rows[0]))})"
    for start in range(0, len(rows), ROWS):
        some = rows[start : start + ROWS]
        statement = f"{before} VALUES {','.join([one] * len(some))} {after}"
        db.execute(statement, [value for row in some for value in row])

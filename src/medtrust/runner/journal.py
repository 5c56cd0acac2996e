"""The journal: a run's plans, questions and answers in one SQLite file.

An answer counts once it is committed here; killing the process at any moment loses
what was in flight and nothing else. Questions are stored with the answers, so a
run's folder can be scored and audited without the dataset.
"""

import hashlib
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import msgspec

from medtrust.errors import InputError
from medtrust.images.encode import EncodedImage
from medtrust.records import Outcome, Request, Response, Sample
from medtrust.runner.plan import Item, Plan

FILE = "journal.sqlite"

VERSION = 2
"""Of the tables below; kept in SQLite's `user_version`."""

TABLES = """
CREATE TABLE plans (
    id INTEGER PRIMARY KEY, fingerprint TEXT UNIQUE NOT NULL, body BLOB NOT NULL,
    size INTEGER NOT NULL, used REAL NOT NULL, finished INTEGER NOT NULL DEFAULT 0);
CREATE TABLE samples (digest BLOB PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE items (
    plan INTEGER NOT NULL, sample TEXT NOT NULL, repeat INTEGER NOT NULL, turn INTEGER NOT NULL,
    digest BLOB NOT NULL, image TEXT NOT NULL, stamp TEXT NOT NULL, key BLOB,
    PRIMARY KEY (plan, sample, repeat, turn)) WITHOUT ROWID;
CREATE INDEX items_by_image ON items (image, sample, repeat, turn, plan, digest);
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

PLACE = "plan = ? AND sample = ? AND repeat = ? AND turn = ?"

Answer = tuple[list[Item], bytes, Request, Response]
"""Items that share one request, its key, the request, and what came back."""

Failure = tuple[list[Item], str, str]
"""Items, outcome (`error` or `absent`), and the reason for people."""


PAGE = 1000
"""Items read at once. No statement stays open between pages: an open one would keep
SQLite from folding the write-ahead log into the file for as long as a run takes."""


class Journal:
    """One open journal. Its owner awaits each commit before the next."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            # Commits happen in a worker thread while the loop goes on reading: one connection each.
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._reader = sqlite3.connect(path, isolation_level=None)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            (version,) = self._db.execute("PRAGMA user_version").fetchone()
            if version == 0:
                with self._transaction():
                    for statement in TABLES.split(";"):
                        self._db.execute(statement)
                    self._db.execute(f"PRAGMA user_version={VERSION}")
            elif version != VERSION:
                raise InputError(
                    f"{path}: written by another version of medtrust (journal {version}, "
                    f"this one reads {VERSION}); use that version or another --out"
                )
        except sqlite3.Error as error:
            raise InputError(f"{path}: no journal that can be read ({error})") from None

    def close(self) -> None:
        """Close the file; everything written is already committed."""
        self._reader.close()
        self._db.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def register(self, plan: Plan, items: Iterable[tuple[Sample, int, int]]) -> int:
        """Enter a plan with its items (sample, repeat, turn); returns its number.

        It becomes the latest of its model, task and dataset, which is the one that is
        scored. A plan that is known keeps its answers, but for those to images whose
        files have changed or gone since: they stand again once the same bytes are seen.
        """
        with self._transaction():
            row = self._db.execute(
                "SELECT id FROM plans WHERE fingerprint = ?", (plan.fingerprint,)
            ).fetchone()
            if row:
                number = row[0]
            else:
                number = self._db.execute(
                    "INSERT INTO plans (fingerprint, body, size, used) VALUES (?, ?, 0, 0)",
                    (plan.fingerprint, msgspec.json.encode(plan)),
                ).lastrowid
            stamp = _stamps()
            size = 0
            for sample, repeat, turn in items:
                body = msgspec.json.encode(sample)
                digest = _digest(body)
                self._db.execute("INSERT OR IGNORE INTO samples VALUES (?, ?)", (digest, body))
                image = sample.images[0].id if sample.images else ""
                self._db.execute(
                    "INSERT INTO items VALUES (?, ?, ?, ?, ?, ?, ?, NULL) "
                    "ON CONFLICT DO UPDATE SET digest = excluded.digest, image = excluded.image, "
                    "key = CASE WHEN stamp = excluded.stamp THEN key END, stamp = excluded.stamp",
                    (number, sample.id, repeat, turn, digest, image, stamp(sample)),
                )
                size += 1
            self._db.execute(
                "UPDATE plans SET size = ?, used = ?, finished = 0 WHERE id = ?",
                (size, time.time(), number),
            )
        assert number is not None  # noqa: S101 - SQLite names every row it has inserted
        return int(number)

    def plans(self) -> dict[int, Plan]:
        """The latest plan of each model, task and dataset, by number; without judges' plans."""
        latest: dict[tuple[str, str, str], tuple[int, Plan]] = {}
        for number, plan in self._every_plan():
            if not plan.judge_of:
                # Taken out and put back, so that the order is that of last use.
                latest.pop((plan.model, plan.task, plan.dataset), None)
                latest[plan.model, plan.task, plan.dataset] = (number, plan)
        return dict(latest.values())

    def judging(self, fingerprint: str) -> list[tuple[int, Plan]]:
        """All plans that judge the replies of one plan, the one used last at the end."""
        return [(number, p) for number, p in self._every_plan() if p.judge_of == fingerprint]

    def _every_plan(self) -> Iterator[tuple[int, Plan]]:
        rows = self._reader.execute("SELECT id, body FROM plans ORDER BY used, id").fetchall()
        for number, body in rows:
            yield number, msgspec.json.decode(body, type=Plan)

    def items(self, plans: Sequence[int]) -> Iterator[Item]:
        """All items of the plans, those about one image together, a page at a time."""
        query = (
            "SELECT image, sample, repeat, turn, plan, key, body FROM items "  # noqa: S608 - marks
            f"JOIN samples USING (digest) WHERE plan IN ({_marks(plans)}) "
            "AND (image, sample, repeat, turn, plan) > (?, ?, ?, ?, ?) "
            "ORDER BY image, sample, repeat, turn, plan LIMIT ?"
        )
        decode = msgspec.json.Decoder(Sample).decode
        last: tuple[str, str, int, int, int] = ("", "", -1, -1, -1)
        while rows := self._reader.execute(query, (*plans, *last, PAGE)).fetchall():
            for _, _, repeat, turn, plan, key, body in rows:
                yield Item(plan=plan, sample=decode(body), repeat=repeat, turn=turn, key=key or b"")
            last = rows[-1][:5]

    def replies(self, item: Item) -> tuple[str, ...]:
        """What was answered in the turns before an item's own; shorter where one has no answer."""
        rows = self._reader.execute(
            "SELECT items.turn, body FROM items JOIN responses USING (key) "
            "WHERE plan = ? AND sample = ? AND repeat = ? AND turn < ? ORDER BY turn",
            _place(item),
        )
        return tuple(_response(body).text for _, body in rows)

    def size(self, plans: Sequence[int]) -> int:
        """How many items the plans have."""
        query = f"SELECT coalesce(sum(size), 0) FROM plans WHERE id IN ({_marks(plans)})"  # noqa: S608 - marks
        return int(self._reader.execute(query, (*plans,)).fetchone()[0])

    def finish(self, plans: Sequence[int]) -> None:
        """Note that every item of the plans has been gone through, answered or not."""
        with self._transaction():
            self._db.executemany(
                "UPDATE plans SET finished = 1 WHERE id = ?", [(number,) for number in plans]
            )

    def unfinished(self, plans: Sequence[int]) -> list[int]:
        """The plans whose last run was interrupted."""
        query = f"SELECT id FROM plans WHERE id IN ({_marks(plans)}) AND NOT finished"  # noqa: S608 - marks
        return [row[0] for row in self._reader.execute(query, (*plans,))]

    def has(self, key: bytes) -> bool:
        """Whether a request has been answered."""
        row = self._reader.execute("SELECT 1 FROM responses WHERE key = ?", (key,)).fetchone()
        return row is not None

    def commit(
        self,
        answers: Iterable[Answer] = (),
        known: Iterable[tuple[Item, bytes | None]] = (),
        failures: Iterable[Failure] = (),
        images: Iterable[EncodedImage] = (),
    ) -> None:
        """Write a group of outcomes in one transaction; on return they are on disk.

        `known` are items whose request was answered before, with its key, and items
        whose answer no longer holds (another image under the old name), with None.
        """
        now = time.time()
        with self._transaction():
            done: list[tuple[Item, bytes | None]] = list(known)
            for items, key, request, response in answers:
                self._db.execute(
                    "INSERT OR IGNORE INTO responses VALUES (?, ?, ?, ?)",
                    (key, msgspec.json.encode(request), msgspec.json.encode(response), now),
                )
                done += [(item, key) for item in items]
            self._db.executemany(
                f"UPDATE items SET key = ? WHERE {PLACE}",  # noqa: S608 - a constant
                [(key, *_place(item)) for item, key in done],
            )
            self._db.executemany(
                f"DELETE FROM failures WHERE {PLACE}",  # noqa: S608 - a constant
                [_place(item) for item, _ in done],
            )
            self._db.executemany(
                "INSERT OR REPLACE INTO failures VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (*_place(item), outcome, message, now)
                    for items, outcome, message in failures
                    for item in items
                ],
            )
            self._db.executemany(
                "INSERT OR IGNORE INTO images VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (i.digest, i.id, i.mime, len(i.data), i.width, i.height, "; ".join(i.notes))
                    for i in images
                ],
            )

    def answers(self, plan: int) -> Iterator[tuple[Item, bytes, Response | None, Outcome, str]]:
        """Every item of a plan with its response, or the outcome and reason of its absence."""
        rows = self._reader.execute(
            "SELECT items.repeat, items.turn, samples.body, items.key, responses.body, "
            "failures.outcome, failures.message FROM items JOIN samples USING (digest) "
            "LEFT JOIN responses USING (key) LEFT JOIN failures ON failures.plan = items.plan "
            "AND failures.sample = items.sample AND failures.repeat = items.repeat "
            "AND failures.turn = items.turn WHERE items.plan = ? "
            "ORDER BY items.sample, items.repeat, items.turn",
            (plan,),
        )
        sample_of = msgspec.json.Decoder(Sample).decode
        for repeat, turn, sample, key, body, outcome, message in rows:
            item = Item(plan=plan, sample=sample_of(sample), repeat=repeat, turn=turn)
            if body is not None:
                yield item, key, _response(body), "choice", ""
            else:
                yield item, b"", None, outcome or "absent", message or "not asked yet"

    def tokens(self) -> tuple[int, int]:
        """Prompt and reply tokens of all answers in this run, whoever gave them."""
        query = (
            "SELECT coalesce(sum(json_extract(body, '$.prompt_tokens')), 0), "
            "coalesce(sum(json_extract(body, '$.completion_tokens')), 0) FROM responses"
        )
        into, out = self._reader.execute(query).fetchone()
        return int(into), int(out)

    def servers(self, plan: int) -> list[str]:
        """What the servers that answered a plan said they were."""
        rows = self._reader.execute(
            "SELECT DISTINCT json_extract(body, '$.server') FROM items JOIN responses USING (key) "
            "WHERE plan = ? ORDER BY 1",
            (plan,),
        )
        return [row[0] for row in rows if row[0]]

    def image_summary(self) -> dict[str, object]:
        """Number, formats, sizes and notes of the images that were sent."""
        count, least, most, total = self._reader.execute(
            "SELECT count(*), min(width * height), max(width * height), sum(bytes) FROM images"
        ).fetchone()
        by = self._reader.execute(
            "SELECT mime, notes, count(*) FROM images GROUP BY mime, notes ORDER BY 1, 2"
        ).fetchall()
        return {
            "count": count,
            "bytes": total or 0,
            "least_pixels": least or 0,
            "most_pixels": most or 0,
            "kinds": [{"mime": m, "notes": n, "count": c} for m, n, c in by],
        }


_response = msgspec.json.Decoder(Response).decode


def _marks(values: Sequence[int]) -> str:
    """As many `?` as there are values: SQLite takes no list as one parameter."""
    return ",".join("?" * len(values))


def _stamps() -> Callable[[Sample], str]:
    """A function that tells cheaply whether a sample's images may have changed."""

    @cache
    def of(path: str) -> str:
        try:
            found = Path(path).stat()
        except (OSError, ValueError):
            return "absent"
        return f"{path}:{found.st_size}:{found.st_mtime_ns}"

    def stamp(sample: Sample) -> str:
        found = "|".join(of(image.path) for image in sample.images)
        # Hashed, since folders of some datasets are named after patients.
        return hashlib.sha256(found.encode(errors="surrogateescape")).hexdigest()

    return stamp


def _place(item: Item) -> tuple[int, str, int, int]:
    return (item.plan, item.sample.id, item.repeat, item.turn)


def _digest(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()

"""The journal: a run's plans, questions and answers in one SQLite file.

An answer counts once it is committed here; killing the process at any moment loses
what was in flight and nothing else. Questions are stored with the answers, so a
run's folder can be scored and audited without the dataset.
"""

import hashlib
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path

import msgspec
from msgspec.structs import replace

from medtrust.errors import InputError
from medtrust.records import Sample
from medtrust.runner import bulk
from medtrust.runner.ledger import Answer, Failure, Seen
from medtrust.runner.merge import STEPS
from medtrust.runner.places import Name, Places
from medtrust.runner.plan import Item, Plan
from medtrust.runner.reader import Reader, marks, place, sample_of, unreadable
from medtrust.runner.schema import check, create, make
from medtrust.runner.shard import ELSEWHERE, WHOLE, Shard

FILE = "journal.sqlite"

PLACE = "plan = ? AND sample = ? AND repeat = ? AND turn = ?"

Entry = tuple[int, Sample, int, int]
"""A question to be entered: its plan's number, sample, repeat and turn."""

PAGE = 1000
"""Items read at once. No statement stays open between pages: an open one would keep
SQLite from folding the write-ahead log into the file for as long as a run takes."""

CACHE = 16 * 1024
"""KiB of the file that the writing connection keeps at hand. Names of samples and requests are
hashes, so what is entered next may belong on any page of an index."""

ENTERED = 5000
"""Items entered at once; between two transactions answers are written."""


class Journal(Reader):
    """A journal that is written.

    One thread may enter questions while another commits answers and the loop's own reads.
    """

    def __init__(self, path: Path) -> None:
        self.places = Places()
        self._writing = threading.Lock()
        with ExitStack() as opened:
            opened.callback(self.places.close)
            try:
                if not path.exists() or not path.stat().st_size:
                    make(path)
                # One connection writes, for whoever holds the lock; the loop reads by its own.
                self._db = sqlite3.connect(
                    path.absolute().as_uri(),
                    uri=True,
                    isolation_level=None,
                    check_same_thread=False,
                    cached_statements=bulk.STATEMENTS,
                )
                opened.callback(self._db.close)
                self._prepare(path)
            except OSError as error:
                raise InputError(f"{path}: cannot be written ({error.strerror})") from None
            except sqlite3.Error as error:
                raise unreadable(path, error) from None
            super().__init__(path)
            # What could be opened only in part does not stay open.
            opened.pop_all()

    def _prepare(self, path: Path) -> None:
        is_new = check(self._db, path)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute(f"PRAGMA cache_size=-{CACHE}")
        if is_new:
            with self._transaction():
                create(self._db)
        # What an earlier command entered lies under its own chunks; ours come after them.
        query = "SELECT coalesce(max(chunk) + 1, 0) FROM items"
        (self._first,) = self._db.execute(query).fetchone()

    def close(self) -> None:
        """Close the file; everything written is already committed."""
        self.places.close()
        super().close()
        self._db.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._writing:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                # Of a full disk SQLite has rolled back already.
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def register(self, plan: Plan, items: Iterable[tuple[Sample, int, int]]) -> int:
        """Enter a plan with all its items (sample, repeat, turn) at once; returns its number."""
        number = self.begin(plan)
        self.enter(0, ((number, *item) for item in items))
        self.listed([number])
        return number

    def begin(self, plan: Plan) -> int:
        """Enter a plan whose items are still to come; returns its number.

        It becomes the latest of its model, task and dataset, which is the one that is
        scored. A plan that is known keeps its items and their answers.
        """
        with self._transaction():
            self._db.execute(
                # Counted and not timed: a clock that is set back would make the latest plan an
                # earlier one.
                "INSERT INTO plans (fingerprint, body, used) "
                "VALUES (?, ?, (SELECT coalesce(max(used), 0) + 1 FROM plans)) "
                "ON CONFLICT DO UPDATE SET used = excluded.used, finished = 0",
                (plan.fingerprint, msgspec.json.encode(plan)),
            )
            query = "SELECT id FROM plans WHERE fingerprint = ?"
            return int(self._db.execute(query, (plan.fingerprint,)).fetchone()[0])

    def enter(self, chunk: int, entries: Iterable[Entry], shard: Shard = WHOLE) -> None:
        """Enter items of plans that have begun; those of one chunk are asked image by image.

        What is not the shard's is entered too, so that the run knows what it lacks, and not asked.
        An item that is known keeps its answer, unless its sample or the files of its images
        have changed or gone since: it stands again once the same request is made.
        """
        bodies: dict[str, tuple[Sample, bytes, bytes]] = {}
        left, own = iter(entries), self._first + chunk
        while page := [*islice(left, ENTERED)]:
            self.places.add(sample for _, sample, _, _ in page)
            rows, new = [], []
            for plan, sample, repeat, turn in page:
                known = bodies.get(sample.id)
                if known is None or known[0] is not sample:
                    body = msgspec.json.encode(_without_paths(sample))
                    known = (sample, _digest(body), self.places.stamp(sample))
                    bodies[sample.id] = known
                    new.append((known[1], body))
                image = sample.images[0].id if sample.images else ""
                asked = own if shard.has(sample) else ELSEWHERE
                rows.append((plan, sample.id, repeat, turn, asked, known[1], image, known[2]))
            with self._transaction():
                bulk.execute(self._db, "INSERT OR IGNORE INTO samples", new)
                bulk.execute(
                    self._db,
                    "INSERT INTO items (plan, sample, repeat, turn, chunk, digest, image, stamp)",
                    rows,
                    "ON CONFLICT DO UPDATE "
                    "SET chunk = excluded.chunk, digest = excluded.digest, image = excluded.image, "
                    "key = CASE WHEN stamp = excluded.stamp AND digest = excluded.digest "
                    "THEN key END, stamp = excluded.stamp",
                )

    def join(self, part: Path) -> int:
        """Add all that another journal holds; an answer to a request that has one is left out.

        Returns how many answers were left out for that. Raises InputError where the part cannot
        be read; then nothing of it has been added.
        """
        Reader(part).close()  # says whether it is a journal
        try:
            self._db.execute("ATTACH ? AS part", (f"{part.absolute().as_uri()}?mode=ro",))
        except sqlite3.Error as error:
            raise unreadable(part, error) from None
        try:
            with self._transaction():
                (twice,) = self._db.execute(
                    "SELECT count(*) FROM part.responses JOIN main.responses AS own USING (key) "
                    "WHERE own.body != part.responses.body"
                ).fetchone()
                for step in STEPS:
                    self._db.execute(step)
        except sqlite3.Error as error:
            raise unreadable(part, error) from None
        finally:
            self._db.execute("DETACH part")
        return int(twice)

    def listed(self, plans: Sequence[int]) -> None:
        """Note that all items of the plans have been entered."""
        with self._transaction():
            self._db.executemany(
                "UPDATE plans SET listed = 1 WHERE id = ?", [(number,) for number in plans]
            )

    def items(self, plans: Sequence[int], chunk: int = 0) -> Iterator[Item]:
        """A chunk's items that have no answer, those about one image together, page by page."""
        query = (
            "SELECT image, sample, repeat, turn, plan, body FROM items "  # noqa: S608 - marks
            f"JOIN samples USING (digest) WHERE chunk = ? AND plan IN ({marks(plans)}) "
            "AND key IS NULL AND (image, sample, repeat, turn, plan) > (?, ?, ?, ?, ?) "
            "ORDER BY image, sample, repeat, turn, plan LIMIT ?"
        )
        last: tuple[str, str, int, int, int] = ("", "", -1, -1, -1)
        own = self._first + chunk
        while rows := self._read.execute(query, (own, *plans, *last, PAGE)).fetchall():
            samples = [sample_of(row[5]) for row in rows]
            paths = self.places.of({(s.dataset, image.id) for s in samples for image in s.images})
            for (_, _, repeat, turn, plan, _), sample in zip(rows, samples, strict=True):
                found = _with_paths(sample, paths) if sample.images else sample
                yield Item(plan=plan, sample=found, repeat=repeat, turn=turn)
            last = rows[-1][:5]

    def answered(self, plans: Sequence[int], chunk: int = 0) -> int:
        """How many items of a chunk have their answer."""
        query = (
            "SELECT count(*) FROM items "  # noqa: S608 - marks
            f"WHERE chunk = ? AND plan IN ({marks(plans)}) AND key IS NOT NULL"
        )
        return int(self._read.execute(query, (self._first + chunk, *plans)).fetchone()[0])

    def finish(self, plans: Sequence[int]) -> None:
        """Note that every item of the plans has been gone through, answered or not."""
        with self._transaction():
            self._db.executemany(
                "UPDATE plans SET finished = 1 WHERE id = ?", [(number,) for number in plans]
            )

    def commit(
        self,
        answers: Iterable[Answer] = (),
        known: Iterable[tuple[Item, bytes]] = (),
        failures: Iterable[Failure] = (),
        images: Iterable[Seen] = (),
    ) -> None:
        """Write a group of outcomes in one transaction; on return they are on disk.

        `known` are items whose request was answered before, with its key.
        """
        now = time.time()
        with self._transaction():
            done: list[tuple[Item, bytes]] = list(known)
            rows = []
            for items, key, asked, response in answers:
                rows.append((key, asked, _encode(response), now))
                done += [(item, key) for item in items]
            bulk.execute(self._db, "INSERT OR IGNORE INTO responses", rows)
            bulk.execute(
                self._db,
                "UPDATE items SET key = done.column5 FROM (",
                [(*place(item), key) for item, key in done],
                ") AS done WHERE plan = done.column1 AND sample = done.column2 "
                "AND repeat = done.column3 AND turn = done.column4",
            )
            if self._db.execute("SELECT 1 FROM failures LIMIT 1").fetchone():
                self._db.executemany(
                    f"DELETE FROM failures WHERE {PLACE}",  # noqa: S608 - a constant
                    [place(item) for item, _ in done],
                )
            failed = [
                (*place(item), outcome, message, now)
                for items, outcome, message in failures
                for item in items
            ]
            bulk.execute(self._db, "INSERT OR REPLACE INTO failures", failed)
            bulk.execute(self._db, "INSERT OR IGNORE INTO images", [*images])


_encode = msgspec.json.Encoder().encode


def _without_paths(sample: Sample) -> Sample:
    """A sample as it is kept: paths may name patients."""
    return _with_paths(sample, {}) if sample.images else sample


def _with_paths(sample: Sample, paths: Mapping[Name, str]) -> Sample:
    images = tuple(
        replace(image, path=paths.get((sample.dataset, image.id), "")) for image in sample.images
    )
    return replace(sample, images=images)


def _digest(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()

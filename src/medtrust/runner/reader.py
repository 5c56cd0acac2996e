"""A run's journal as those see it who only read: several may at once, beside one that writes."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import msgspec

from medtrust.errors import InputError
from medtrust.records import Outcome, Response, Sample
from medtrust.runner.plan import Item, Plan, told_apart
from medtrust.runner.schema import check


class Reader:
    """What is in a journal. Opening one writes nothing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with ExitStack() as opened:
            try:
                self._read = sqlite3.connect(
                    f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None
                )
                opened.callback(self._read.close)
                check(self._read, path)
            except sqlite3.Error as error:
                raise unreadable(path, error) from None
            opened.pop_all()

    def close(self) -> None:
        """Close the file."""
        self._read.close()

    def plans(self) -> dict[int, Plan]:
        """The latest plan of each model, task and dataset, by number; without judges' plans."""
        latest: dict[tuple[str, str, str], tuple[int, Plan]] = {}
        for number, plan in self._every_plan():
            if not plan.judge_of:
                # Taken out and put back, so that the order is that of last use.
                latest.pop((plan.model, plan.task, plan.dataset), None)
                latest[plan.model, plan.task, plan.dataset] = (number, plan)
        names = told_apart(plan for _, plan in latest.values())
        return {
            number: replace(plan, called=names.get(plan.fingerprint, ""))
            for number, plan in latest.values()
        }

    def judging(self, fingerprint: str) -> list[tuple[int, Plan]]:
        """All plans that judge the replies of one plan, the one used last at the end."""
        return [(number, p) for number, p in self._every_plan() if p.judge_of == fingerprint]

    def _every_plan(self) -> Iterator[tuple[int, Plan]]:
        rows = self._read.execute("SELECT id, body FROM plans ORDER BY used, id").fetchall()
        for number, body in rows:
            yield number, msgspec.json.decode(body, type=Plan)

    def size(self, plans: Sequence[int]) -> int:
        """How many items the plans have, as far as they have been entered."""
        query = f"SELECT count(*) FROM items WHERE plan IN ({marks(plans)})"  # noqa: S608 - marks
        return int(self._read.execute(query, (*plans,)).fetchone()[0])

    def answered_of(self, plans: Sequence[int]) -> int:
        """How many of the plans' items have their answer."""
        query = f"SELECT count(key) FROM items WHERE plan IN ({marks(plans)})"  # noqa: S608 - marks
        return int(self._read.execute(query, (*plans,)).fetchone()[0])

    def unfinished(self, plans: Sequence[int]) -> list[int]:
        """The plans whose last run was interrupted."""
        query = f"SELECT id FROM plans WHERE id IN ({marks(plans)}) AND NOT finished"  # noqa: S608 - marks
        return [row[0] for row in self._read.execute(query, (*plans,))]

    def unlisted(self, plans: Sequence[int]) -> list[int]:
        """The plans whose listing was cut off: nobody knows how many questions they have."""
        query = f"SELECT id FROM plans WHERE id IN ({marks(plans)}) AND NOT listed"  # noqa: S608 - marks
        return [row[0] for row in self._read.execute(query, (*plans,))]

    def answers(self, plan: int) -> Iterator[tuple[Item, bytes, Response | None, Outcome, str]]:
        """Every item of a plan with its response, or the outcome and reason of its absence."""
        rows = self._read.execute(
            "SELECT items.repeat, items.turn, samples.body, items.key, responses.body, "
            "failures.outcome, failures.message FROM items JOIN samples USING (digest) "
            "LEFT JOIN responses USING (key) LEFT JOIN failures ON failures.plan = items.plan "
            "AND failures.sample = items.sample AND failures.repeat = items.repeat "
            "AND failures.turn = items.turn WHERE items.plan = ? "
            "ORDER BY items.sample, items.repeat, items.turn",
            (plan,),
        )
        for repeat, turn, sample, key, body, outcome, message in rows:
            item = Item(plan=plan, sample=sample_of(sample), repeat=repeat, turn=turn)
            if body is not None:
                yield item, key, _response(body), "choice", ""
            else:
                yield item, b"", None, outcome or "absent", message or "not asked yet"

    def replies(self, item: Item) -> tuple[str, ...]:
        """What was answered in the turns before an item's own; shorter where one has no answer."""
        rows = self._read.execute(
            "SELECT items.turn, body FROM items JOIN responses USING (key) "
            "WHERE plan = ? AND sample = ? AND repeat = ? AND turn < ? ORDER BY turn",
            place(item),
        )
        return tuple(_response(body).text for _, body in rows)

    def known(self, keys: Sequence[bytes]) -> set[bytes]:
        """Those of the requests that have been answered."""
        query = f"SELECT key FROM responses WHERE key IN ({marks(keys)})"  # noqa: S608 - marks
        return {row[0] for row in self._read.execute(query, keys)}

    def replies_to(self, keys: Sequence[bytes]) -> dict[bytes, str]:
        """The replies to those of the requests that have been answered."""
        query = f"SELECT key, body FROM responses WHERE key IN ({marks(keys)})"  # noqa: S608 - marks
        return {key: _response(body).text for key, body in self._read.execute(query, keys)}

    def tokens(self) -> tuple[int, int]:
        """Prompt and reply tokens of all answers in this run, whoever gave them."""
        query = (
            "SELECT coalesce(sum(json_extract(body, '$.prompt_tokens')), 0), "
            "coalesce(sum(json_extract(body, '$.completion_tokens')), 0) FROM responses"
        )
        into, out = self._read.execute(query).fetchone()
        return int(into), int(out)

    def image_summary(self) -> dict[str, object]:
        """Number, formats, sizes and notes of the images that were sent."""
        count, least, most, total = self._read.execute(
            "SELECT count(*), min(width * height), max(width * height), sum(bytes) FROM images"
        ).fetchone()
        by = self._read.execute(
            "SELECT mime, notes, count(*) FROM images GROUP BY mime, notes ORDER BY 1, 2"
        ).fetchall()
        return {
            "count": count,
            "bytes": total or 0,
            "least_pixels": least or 0,
            "most_pixels": most or 0,
            "kinds": [{"mime": m, "notes": n, "count": c} for m, n, c in by],
        }


@contextmanager
def opened(path: Path) -> Iterator[Reader]:
    """The journal, for reading alone; raises InputError where it cannot be read."""
    try:
        with closing(Reader(path)) as journal:
            yield journal
    except sqlite3.Error as error:
        raise unreadable(path, error) from None


def unreadable(path: Path, error: sqlite3.Error) -> InputError:
    """What a person is told of a file that SQLite cannot read."""
    return InputError(f"{path}: no journal that can be read ({error})")


def marks(values: Sequence[int] | Sequence[bytes]) -> str:
    """As many `?` as there are values: SQLite takes no list as one parameter."""
    return ",".join("?" * len(values))


def place(item: Item) -> tuple[int, str, int, int]:
    """An item's row: plan, sample, repeat and turn."""
    return (item.plan, item.sample.id, item.repeat, item.turn)


_response = msgspec.json.Decoder(Response).decode

# Many tasks ask about the same samples: those read last are shared.
sample_of = lru_cache(maxsize=1 << 13)(msgspec.json.Decoder(Sample).decode)

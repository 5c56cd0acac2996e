"""What a run on a cluster is made of, piece by piece, without a cluster."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

from medtrust.errors import InputError
from medtrust.records import Response
from medtrust.runner.cluster.batches import LEAST, TRIES, Batch, batches, size_for
from medtrust.runner.cluster.intake import recover
from medtrust.runner.cluster.notebook import Notebook
from medtrust.runner.cluster.segment import SUFFIX, Segment, decode, encode, place_of
from medtrust.runner.cluster.store import Folder, Store, check_address, patiently, store_at
from medtrust.runner.journal import FILE, Journal
from medtrust.runner.plan import Item
from test_journal import PLAN, sample

KEY = b"k" * 32


def items(numbers: Iterable[int], image: str = "") -> list[Item]:
    return [Item(plan=1, sample=sample(n, image or f"i{n:04d}")) for n in numbers]


def segment(*answered: Item, fingerprint: str = PLAN.fingerprint) -> Segment:
    places = [place_of(item) for item in answered]
    return Segment(
        plans={1: fingerprint},
        answers=[(places, KEY, b"asked", Response(text="yes", logprobs={"A": -0.1}))],
        known=[],
        failures=[],
        images=[("d", "i", "image/png", 5, 1, 2, "scaled")],
    )


@pytest.fixture(params=["folder", "url"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    where = tmp_path / "shared"
    return store_at(str(where) if request.param == "folder" else where.as_uri(), "run")


def test_a_store_keeps_files_whole_until_they_are_removed(store: Store, tmp_path: Path) -> None:
    assert store.names() == []
    assert store.read("a") is None
    store.write("b", b"2")
    store.write("a", b"1")
    store.write("a", b"3")
    # What a writer that died has left half-way is not there.
    (tmp_path / "shared" / "run" / ".c").write_bytes(b"hal")
    assert store.names() == ["a", "b"]
    assert store.read("a") == b"3"
    store.remove("a")
    store.remove("a")
    assert store.names() == ["b"]


@pytest.mark.parametrize("where", ["s3://key:secret@b/a", "https://h/a?token=secret", "memory://a"])
def test_an_address_holds_no_secret_and_is_seen_by_all(where: str) -> None:
    with pytest.raises(InputError, match="--shared") as caught:
        check_address(where)
    assert "secret" not in str(caught.value)


def test_a_place_that_fsspec_does_not_know_is_said() -> None:
    with pytest.raises(InputError, match="nothing://"):
        store_at("nothing://here", "run")


async def test_a_place_that_fails_once_is_tried_again(tmp_path: Path) -> None:
    store = Folder(tmp_path / "absent" / "shared")
    (tmp_path / "absent").write_text("a file where a folder should be")

    def write() -> None:
        try:
            store.write("a", b"1")
        except OSError:
            (tmp_path / "absent").unlink()
            raise

    await patiently(write)
    assert store.read("a") == b"1"


def test_a_segment_comes_back_as_it_went() -> None:
    whole = segment(*items([1, 2]))
    assert decode(encode(whole)) == whole


@pytest.mark.parametrize("cut", [0, 10, 31, 32, 60])
def test_a_damaged_segment_is_none(cut: int) -> None:
    data = encode(segment(*items([1])))
    assert decode(data[:cut]) is None
    assert decode(data[:cut] + bytes([data[cut] ^ 1]) + data[cut + 1 :]) is None


def test_batches_keep_an_image_and_a_pair_together() -> None:
    one_image = items(range(LEAST - 1), "a") + items(range(100, 105), "b") + items([200], "c")
    assert [len(batch.left) for batch in batches(one_image, LEAST)] == [LEAST + 4, 1]
    bare = [
        replace(item, sample=structs.replace(item.sample, images=(), pair=f"p{n // 2}"))
        for n, item in enumerate(items(range(6)))
    ]
    assert [len(batch.left) for batch in batches(bare, 3)] == [4, 2]
    assert size_for(1) == LEAST < size_for(64)


def test_a_batch_that_gets_nowhere_is_given_up_and_one_that_moves_is_not() -> None:
    batch = Batch({place_of(item): item for item in items(range(16))})
    for _ in range(2 * TRIES):
        batch.before = len(batch.left)
        batch.left.popitem()
        assert batch.came_back()
    batch.before = len(batch.left)
    assert [batch.came_back() for _ in range(TRIES)] == [True] * (TRIES - 1) + [False]
    pieces = [*batch.pieces()]
    assert sum(len(piece.left) for piece in pieces) == len(batch.left) == 10
    assert {piece.failed for piece in pieces} == {TRIES}


def look_up(known: Mapping[bytes, str], asked: list[bytes]) -> "Notebook":
    def found(keys: Sequence[bytes]) -> Mapping[bytes, str]:
        asked.extend(keys)
        return {key: known[key] for key in keys if key in known}

    return Notebook({1: PLAN}, found)


async def test_a_notebook_is_done_with_a_batch_once_all_of_it_has_an_outcome() -> None:
    notebook = look_up({}, [])
    first, second, third = items(range(3))
    done = notebook.add([first, second, third])
    assert await notebook.ready(0)
    assert [*notebook.items([1], 0)] == [first, second, third]
    assert [*notebook.items([2], 0)] == []
    notebook.commit(answers=[([first], KEY, b"asked", Response(text="yes"))])
    assert [*notebook.items([1], 0)] == [second, third]
    taken = notebook.take()
    assert taken is not None
    assert taken.answers == [([place_of(first)], KEY, b"asked", Response(text="yes"))]
    assert notebook.take() is None
    assert not done.done()
    notebook.commit(known=[(second, KEY)], failures=[([third], "error", "no luck")])
    await asyncio.wait_for(done, 5)
    taken = notebook.take()
    assert taken is not None
    assert (taken.known, len(taken.failures)) == ([(place_of(second), KEY)], 1)
    assert [*notebook.items([1], 0)] == []
    notebook.close()
    assert not await notebook.ready(1)


async def test_a_notebook_knows_its_own_answers_and_looks_up_others() -> None:
    asked: list[bytes] = []
    notebook = look_up({b"there": "no"}, asked)
    item = items([1])[0]
    notebook.add([item])
    assert notebook.known([b"there", b"nowhere"]) == {b"there"}
    notebook.commit(answers=[([item], KEY, b"asked", Response(text="yes"))])
    assert notebook.known([KEY, b"there"]) == {KEY, b"there"}
    assert asked == [b"there", b"nowhere"]


async def test_a_notebook_goes_on_with_a_conversation_that_was_begun_elsewhere() -> None:
    notebook = look_up({}, [])
    talk = [replace(items([1])[0], turn=turn) for turn in range(4)]
    notebook.add([replace(item, replies=("a", "b")) for item in talk[2:]])
    assert notebook.replies(talk[2]) == ("a", "b")
    notebook.commit(answers=[([talk[2]], KEY, b"asked", Response(text="c"))])
    assert notebook.replies(talk[3]) == ("a", "b", "c")


def test_what_a_killed_driver_left_is_taken_in_once(tmp_path: Path) -> None:
    journal, store = Journal(tmp_path / FILE), Folder(tmp_path / "shared")
    number = journal.register(PLAN, [(sample(n), 0, 0) for n in range(4)])
    assert number == 1
    first, second, third, fourth = journal.items([1])
    store.write(f"x.1{SUFFIX}", encode(segment(first, second)))
    store.write(f"x.2{SUFFIX}", encode(segment(third, fingerprint="another plan")))
    store.write(f"x.3{SUFFIX}", encode(segment(fourth))[:-1])
    store.write("0123456789ab.begun", b"")
    recover(journal, store)
    assert [*journal.items([1])] == [third, fourth]
    assert journal.image_summary()["bytes"] == 5
    assert [*(tmp_path / "shared").iterdir()] == []
    recover(journal, store)
    assert journal.replies_to([KEY, b"other"]) == {KEY: "yes"}
    journal.close()

"""Listing: asking begins with the first chunk, and what is listed is what is counted."""

import json
import sqlite3
import threading
import tracemalloc
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from PIL import Image as Pillow

from chat_server import completion, serving
from medtrust.datasets import dataset as datasets
from medtrust.datasets.cares import rows
from medtrust.datasets.cares.pmc_oa import PMC_OA
from medtrust.datasets.dataset import Prompt, blocks
from medtrust.errors import InputError
from medtrust.images.encode import EncodedImage
from medtrust.models.model import ModelOptions
from medtrust.pipeline.planning import RunSettings
from medtrust.pipeline.run import RunResult, run
from medtrust.records import Image, Mode, Request, Response, Sample
from medtrust.runner.blocking import ask_all
from medtrust.runner.journal import FILE, Entry, Journal
from medtrust.runner.listing import Listing
from medtrust.runner.local import Loop
from medtrust.runner.plan import Selection, samples_of
from medtrust.runner.tally import unwatched
from medtrust.tasks.select import load
from test_journal import PLAN as OPEN

FACTUALITY = load("cares/factuality")

PLAN = replace(
    OPEN, prompt=Prompt(family="default", template="{}", base={"open": "{}"}, follow=("Sure?",))
)


def sample(number: int, *, image: str = "i", pair: str = "") -> Sample:
    return Sample(
        id=f"d:{number}",
        dataset="d",
        kind="open",
        question=f"What is {number}?",
        target="a nodule",
        cluster="c",
        images=(Image(id=image, path=""),),
        pair=pair,
    )


class Telling:
    """Answers everything, and tells when it has been asked for the first time."""

    name = "telling"
    identity: ClassVar[dict[str, str]] = {"name": "telling"}
    modes: frozenset[Mode] = frozenset({"generate"})
    local = by_name = True
    concurrency = 4

    def __init__(self) -> None:
        self.asked = threading.Event()

    async def answer(self, request: Request, images: Sequence[EncodedImage]) -> Response:
        self.asked.set()
        return Response(text=request.question)

    async def close(self) -> None:
        pass


def test_asking_does_not_wait_for_the_last_question(tmp_path: Path) -> None:
    journal, model = Journal(tmp_path / FILE), Telling()
    plan = journal.begin(PLAN)

    def chunks() -> Iterator[Iterable[Entry]]:
        yield [(plan, sample(1), 0, 0)]
        # Would wait for ever if questions were asked only once all are entered.
        assert model.asked.wait(600)
        yield [(plan, sample(2), 0, 0), (plan, sample(3), 0, 0)]

    listing = Listing(journal, [plan], chunks()).start()
    tally = ask_all(Loop(journal, model, {plan: (PLAN, FACTUALITY)}, chunks=listing))
    listing.stop()
    assert (tally.total, tally.answered, tally.stopped) == (3, 3, "")
    assert journal.unlisted([plan]) == journal.unfinished([plan]) == []
    journal.close()


def test_a_fault_in_the_questions_ends_the_asking_and_keeps_what_was_answered(
    tmp_path: Path,
) -> None:
    journal, model = Journal(tmp_path / FILE), Telling()
    plan = journal.begin(PLAN)

    def chunks() -> Iterator[Iterable[Entry]]:
        yield [(plan, sample(1), 0, 0)]
        assert model.asked.wait(600)
        raise InputError("row 2: damaged")

    listing = Listing(journal, [plan], chunks()).start()
    with pytest.raises(InputError, match="row 2: damaged"):
        ask_all(Loop(journal, model, {plan: (PLAN, FACTUALITY)}, chunks=listing))
    ((_, _, response, _, _),) = journal.answers(plan)
    assert response is not None
    assert response.text == "What is 1?"
    assert journal.unlisted([plan]) == [plan]
    journal.close()


def test_what_was_stopped_is_not_taken_for_the_whole(tmp_path: Path) -> None:
    journal = Journal(tmp_path / FILE)
    plan = journal.begin(PLAN)
    begun = threading.Event()

    def endless() -> Iterator[Entry]:
        for number in range(10**9):
            begun.set()
            yield plan, sample(number), 0, 0

    listing = Listing(journal, [plan], [endless()]).start()
    assert begun.wait(600)
    listing.stop()
    assert journal.unlisted([plan]) == [plan]
    journal.close()


def test_a_sample_whose_image_or_text_changed_is_asked_anew(tmp_path: Path) -> None:
    journal = Journal(tmp_path / FILE)
    plan = journal.register(PLAN, [(sample(1), 0, 0), (sample(2), 0, 0)])
    items = [*journal.items([plan])]
    journal.commit(answers=[([item], item.sample.id.encode(), b"[]", Response()) for item in items])
    assert [*journal.items([plan])] == []
    changed = structs.replace(sample(2), question="Another?")
    journal.register(PLAN, [(sample(1), 0, 0), (changed, 0, 0)])
    assert [item.sample.question for item in journal.items([plan])] == ["Another?"]
    assert journal.answered([plan]) == 1
    journal.close()


def test_what_an_earlier_command_left_waits_for_its_own_turn(tmp_path: Path) -> None:
    """Its questions lie in chunks of that command, and are entered again before they are asked."""
    journal = Journal(tmp_path / FILE)
    journal.register(PLAN, [(sample(1), 0, 0)])
    journal.close()
    journal, model = Journal(tmp_path / FILE), Telling()
    first, other = journal.begin(replace(PLAN, digest="another")), journal.begin(PLAN)

    def chunks() -> Iterator[Iterable[Entry]]:
        yield [(first, sample(2), 0, 0)]
        assert model.asked.wait(600)
        yield [(other, sample(1), 0, 0)]

    plans = dict.fromkeys((first, other), (PLAN, FACTUALITY))
    listing = Listing(journal, [*plans], chunks()).start()
    tally = ask_all(Loop(journal, model, plans, chunks=listing))
    assert (tally.total, tally.done) == (2, 2)
    journal.close()


def test_a_name_that_two_datasets_have_stands_for_two_images(tmp_path: Path) -> None:
    journal = Journal(tmp_path / FILE)
    images = (Image(id="1", path="/a/1.png"), Image(id="1", path="/b/1-\udce7.png"))
    both = [
        structs.replace(sample(number), dataset=str(number), images=(image,))
        for number, image in enumerate(images)
    ]
    plan = journal.register(PLAN, [(one, 0, 0) for one in both])
    assert [item.sample for item in journal.items([plan])] == both
    journal.close()


def test_no_path_of_an_image_is_written(tmp_path: Path) -> None:
    journal = Journal(tmp_path / FILE)
    secret = Image(id="d/image-1", path="/data/p10/p10000032/s1.jpg")
    plan = journal.register(PLAN, [(structs.replace(sample(1), images=(secret,)), 0, 0)])
    (item,) = journal.items([plan])
    assert item.sample.images == (secret,), "known while it asks"
    journal.close()
    assert b"p10000032" not in (tmp_path / FILE).read_bytes()


@given(st.integers(0, 40), st.integers(1, 7))
def test_blocks_hold_every_sample_once_in_order_and_none_is_small(count: int, size: int) -> None:
    samples = [sample(number) for number in range(count)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(datasets, "BLOCK", size)
        found = [*blocks(samples)]
    assert [one for block in found for one in block] == samples
    assert len(found) == 1 or all(size <= len(block) < 2 * size for block in found)


@given(
    st.lists(st.integers(0, 3), max_size=30),
    st.integers(1, 9),
    st.integers(0, 12) | st.none(),
)
def test_a_task_picks_the_same_samples_from_blocks_of_any_size(
    images: list[int], size: int, limit: int | None
) -> None:
    samples = [sample(number, image=str(image)) for number, image in enumerate(images)]
    for task in (FACTUALITY, load("cares/overcaution-1")):
        selection = Selection(task, limit)
        starts = range(0, len(samples), size)
        found = [one for start in starts for one in selection.pick(samples[start : start + size])]
        assert [one.id for one in found] == [one.id for one in samples_of(task, samples, limit)]


def test_a_limit_keeps_pairs_whole() -> None:
    samples = [sample(number, pair=str(number // 2)) for number in range(6)]
    assert [one.id for one in samples_of(FACTUALITY, samples, 3)] == ["d:0", "d:1"]


def write_rows(data: Path, count: int, *, damaged: int = -1) -> Path:
    folder = data / "data" / "PMC-OA"
    (folder / "images").mkdir(parents=True)
    Pillow.new("L", (8, 8)).save(folder / "images" / "1.png")
    path = folder / "pmcoa_factuality.jsonl"
    with path.open("w") as file:
        for number in range(count):
            row = {"text": f"What is {number}?", "answer": "a nodule", "image": "1.png"}
            file.write(("{" if number == damaged else json.dumps(row)) + "\n")
    return path


def ask(data: Path, out: Path, url: str, limit: int | None = None) -> RunResult:
    settings = RunSettings(
        models=["vllm/x"],
        tasks=["cares/factuality"],
        datasets=["cares/pmc-oa"],
        data=data,
        out=out,
        options=ModelOptions(base_url=url),
        limit=limit,
    )
    return run(settings, unwatched)


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files and datasets count as large from a few hundred rows."""
    monkeypatch.setattr(rows, "LARGE", 1000)
    monkeypatch.setattr(datasets, "BLOCK", 100)


@pytest.mark.usefixtures("small_blocks")
def test_a_large_file_is_asked_block_by_block_and_counted_whole(tmp_path: Path) -> None:
    write_rows(tmp_path / "data", 450)

    async def handle(_: web.Request, __: dict[str, object]) -> web.StreamResponse:
        return web.json_response(completion("a nodule"))

    with serving(handle) as url:
        result = ask(tmp_path / "data", tmp_path / "run", url)
        assert result.complete
        (tally,) = result.tallies.values()
        assert (tally.total, tally.answered) == (450, 450)
        again = ask(tmp_path / "data", tmp_path / "run", url)
    (tally,) = again.tallies.values()
    assert (tally.known, tally.answered, tally.total) == (450, 0, 450)
    described = json.loads((tmp_path / "run" / "run.json").read_text())["datasets"]
    assert [one["samples"] for one in described] == [450]
    with sqlite3.connect(tmp_path / "run" / FILE) as journal:
        chunks = journal.execute("SELECT count(*) FROM items GROUP BY chunk").fetchall()
    assert chunks == [(100,), (100,), (100,), (150,)]


@pytest.mark.usefixtures("small_blocks")
def test_what_nobody_asks_about_is_not_read(tmp_path: Path) -> None:
    write_rows(tmp_path / "data", 3000, damaged=2900)

    async def handle(_: web.Request, __: dict[str, object]) -> web.StreamResponse:
        return web.json_response(completion("a nodule"))

    with serving(handle) as url:
        result = ask(tmp_path / "data", tmp_path / "run", url, limit=150)
    assert [tally.done for tally in result.tallies.values()] == [150]
    described = json.loads((tmp_path / "run" / "run.json").read_text())["datasets"]
    assert [one["samples"] for one in described] == [None]


@pytest.mark.usefixtures("small_blocks")
def test_a_damaged_row_of_a_large_file_is_named_when_it_is_reached(tmp_path: Path) -> None:
    write_rows(tmp_path / "data", 450, damaged=300)
    dataset = PMC_OA.load(tmp_path / "data")
    left = iter(dataset.samples)
    assert sum(1 for _, _ in zip(range(300), left, strict=False)) == 300
    with pytest.raises(
        InputError, match=r"pmcoa_factuality\.jsonl, row 301 column 2: not readable"
    ):
        next(left)


def test_a_small_file_is_checked_to_its_last_row_before_anything_is_asked(tmp_path: Path) -> None:
    write_rows(tmp_path / "data", 450, damaged=449)
    with pytest.raises(InputError, match="row 450"):
        PMC_OA.load(tmp_path / "data")


@pytest.mark.usefixtures("small_blocks")
def test_reading_a_file_takes_no_memory_that_grows_with_it(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        path = write_rows(tmp_path / str(count), count)
        assert path.stat().st_size > rows.LARGE
        samples = PMC_OA.load(tmp_path / str(count)).samples
        tracemalloc.start()
        try:
            assert sum(1 for _ in samples) == count
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(40_000) < 1.5 * peak(10_000) + 100_000


def test_a_line_without_an_end_is_refused_and_not_read_whole(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "data", 3)
    with path.open("a") as file:
        file.write('{"text": "' + "x" * 17_000_000)
    with pytest.raises(InputError, match="row 4: longer than 16 MiB"):
        _ = [*PMC_OA.load(tmp_path / "data").samples]


def test_a_later_turn_waits_for_its_chunk_only(tmp_path: Path) -> None:
    """Turn after turn within a chunk, so that both questions about an image come together."""
    journal = Journal(tmp_path / FILE)
    uncertainty = load("cares/uncertainty")
    plan = journal.begin(PLAN)
    order: list[str] = []

    class Noting(Telling):
        async def answer(self, request: Request, images: Sequence[EncodedImage]) -> Response:
            order.append(f"{request.sample}/{len(request.messages)}")
            return Response(text="yes")

    def chunks() -> Iterator[Iterable[Entry]]:
        for number in (1, 2):
            yield [(plan, sample(number), 0, turn) for turn in (0, 1)]

    listing = Listing(journal, [plan], chunks()).start()
    ask_all(Loop(journal, Noting(), {plan: (PLAN, uncertainty)}, chunks=listing))
    assert order == ["d:1/1", "d:1/3", "d:2/1", "d:2/3"]
    journal.close()

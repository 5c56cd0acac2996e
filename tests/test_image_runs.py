"""What a file that cannot be read, or that was replaced, does to a run and to `lint`."""

import json
import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

import layout
from chat_server import completion, letter_of, serving
from files import JPEG, UNREADABLE, cut, hole, photograph, saved
from medtrust.cli import main
from medtrust.images.partial import NOTE
from medtrust.records import Image, Sample
from medtrust.runner import places
from medtrust.runner.journal import FILE, Journal
from medtrust.runner.places import Places

PAIRS = (len(UNREADABLE) + 4) // 2


def images_of(data: Path) -> list[Path]:
    return sorted((data / "data" / "images").glob("*.jpg"), key=lambda path: int(path.stem))


@pytest.fixture
def spoilt(tmp_path: Path) -> Path:
    """A benchmark with a file of each kind that cannot be read, two of which a part can, others."""
    data = layout.write(tmp_path / "data", pairs=PAIRS)
    contents = [*(content for content, _ in UNREADABLE.values()), cut(JPEG), hole(JPEG, 400)]
    for image, content in zip(images_of(data), contents, strict=False):
        image.write_bytes(content)
    return data


class Server:
    """Answers by a hash, and counts."""

    def __init__(self) -> None:
        self.asked = 0

    async def __call__(self, _: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        self.asked += 1
        return web.json_response(completion(letter_of(body)))


def ask(data: Path, out: Path, url: str) -> int:
    return main(
        ["run", "--model", "openai/x", "--task", "mediconfusion/mc", "--data", str(data),
         "--out", str(out), "--base-url", url]
    )  # fmt: skip


def reasons(out: Path) -> dict[str, str]:
    """Sample -> why it has no answer, of those that have none."""
    with closing(Journal(out / FILE)) as journal:
        (number,) = journal.plans()
        return {
            item.sample.id: why
            for item, _, response, _, why in journal.answers(number)
            if response is None
        }


@pytest.mark.filterwarnings("ignore")
def test_an_image_that_cannot_be_read_costs_its_own_question_only(
    spoilt: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server, out = Server(), tmp_path / "run"
    with serving(server) as url:
        assert ask(spoilt, out, url) == 1
    assert server.asked == 2 * PAIRS - len(UNREADABLE)
    missing = reasons(out)
    assert len(missing) == len(UNREADABLE)
    assert all(any(says in why for why in missing.values()) for _, says in UNREADABLE.values())
    assert str(spoilt) not in str(missing)
    printed = capsys.readouterr()
    assert f"{len(UNREADABLE)} of {2 * PAIRS} answers are missing" in " ".join(printed.out.split())
    with closing(Journal(out / FILE)) as journal:
        kinds = journal.image_summary()["kinds"]
    assert isinstance(kinds, list)
    assert sum(kind["count"] for kind in kinds if NOTE in kind["notes"]) == 2


@pytest.mark.filterwarnings("ignore")
def test_lint_decodes_every_image_and_lists_all_that_cannot_be_read(
    spoilt: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lint", "mediconfusion", "--data", str(spoilt), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    bad = [row["message"] for row in rows if row["check"] == "image-unreadable"]
    images = images_of(spoilt)
    for image, (_, says) in zip(images, UNREADABLE.values(), strict=False):
        assert any(str(image) in line and says in line for line in bad)
    (total,) = [row for row in rows if row["check"] == "images-unreadable"]
    assert total["count"] == len(total["samples"]) == len(bad) == len(UNREADABLE)
    (partly,) = [row for row in rows if row["message"] == NOTE]
    assert partly["count"] == 2


def in_place(image: Path, content: bytes) -> None:
    image.write_bytes(content)


def renamed(image: Path, content: bytes) -> None:
    image.with_suffix(".new").write_bytes(content)
    image.with_suffix(".new").replace(image)


def removed_first(image: Path, content: bytes) -> None:
    image.unlink()
    image.write_bytes(content)


@pytest.mark.parametrize("replace", [in_place, renamed, removed_first])
def test_a_file_of_equal_size_and_time_in_the_place_of_another_is_asked_about(
    tmp_path: Path, replace: Callable[[Path, bytes], None]
) -> None:
    data, server, out = layout.write(tmp_path / "data", pairs=4), Server(), tmp_path / "run"
    image = images_of(data)[0]
    # Behind the end of a JPEG there may be anything.
    contents = [content.ljust(2000, b"\0") for content in (image.read_bytes(), thumbnail())]
    asked = []
    with serving(server) as url:
        for content in (contents[0], contents[0], contents[1], contents[1], contents[0]):
            replace(image, content)
            os.utime(image, (1e9, 1e9))
            assert ask(data, out, url) == 0
            asked.append(server.asked)
    assert asked == [8, 8, 9, 9, 9]


def thumbnail() -> bytes:
    return saved("JPEG", photograph(7, side=16))


@pytest.mark.parametrize("old", [True, False], ids=["written long ago", "written just now"])
def test_a_stamp_stays_while_a_file_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, old: bool
) -> None:
    monkeypatch.setattr(places, "RECENT", 0 if old else 10**18)
    (tmp_path / "x").write_bytes(JPEG)
    seen = []
    for content in (JPEG, JPEG[::-1]):
        renamed(tmp_path / "x", content)
        os.utime(tmp_path / "x", (1e9, 1e9))
        seen += [stamp(tmp_path / "x"), stamp(tmp_path / "x")]
    assert seen[0] == seen[1] != seen[2] == seen[3]


def stamp(path: Path) -> bytes:
    image = Image(id="x/1", path=str(path))
    sample = Sample(
        id="x:1", dataset="x", kind="open", question="", target="", cluster="", images=(image,)
    )
    with closing(Places()) as known:
        return known.stamp(sample)

"""Fetching into a folder that is not empty: the user's own files, links, other processes."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import bucket as faults
from bucket import (
    FIGURES,
    PAIRS,
    Bucket,
    dataset,
    fetch,
    image,
    licenses,
    md5,
    part_of,
    picture,
    question_files,
    reasons,
    serving,
    small,
)
from medtrust.datasets.fetch.folder import WORK, only_one
from medtrust.errors import InputError


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@pytest.fixture
async def bucket() -> AsyncIterator[Bucket]:
    async with serving(small()) as server:
        yield server


@pytest.mark.parametrize(
    "name", ["../../evil.jpg", "/etc/passwd", "a\\b.jpg", "..", "", ".hidden", "a\x00b", "a" * 300]
)
async def test_a_file_name_with_a_path_in_it_is_never_asked_for(
    bucket: Bucket, tmp_path: Path, name: str
) -> None:
    dataset(bucket, [*FIGURES[:3], (20003, "PMC13", name)], PAIRS)
    report = await fetch(bucket, tmp_path / "to")
    assert "not a plain file name" in reasons(report)[20003]
    assert not [path for path in bucket.paths() if "PMC13" in path]
    assert names_in(tmp_path) == ["to"]


async def test_a_link_that_names_no_article_is_reported(bucket: Bucket, tmp_path: Path) -> None:
    dataset(bucket, [*FIGURES[:3], (20003, "../PMCx", "g001.jpg")], PAIRS)
    assert reasons(await fetch(bucket, tmp_path)) == {20003: "its link names no PMC article"}


@pytest.mark.parametrize(
    "link", ["data", "data/images", "data/images/20003.jpg", "data/dataset.json", WORK]
)
async def test_nothing_is_written_through_a_link(bucket: Bucket, tmp_path: Path, link: str) -> None:
    outside, to = tmp_path / "outside", tmp_path / "to"
    outside.mkdir()
    (to / link).parent.mkdir(parents=True)
    (to / link).symlink_to(outside / "new.jpg" if link.endswith(("jpg", "json")) else outside)
    with pytest.raises(InputError, match="symbolic link"):
        await fetch(bucket, to)
    assert names_in(outside) == []


async def test_a_partial_file_is_not_written_through_a_link(bucket: Bucket, tmp_path: Path) -> None:
    part = part_of(tmp_path / "to", 20003)
    part.parent.mkdir(parents=True)
    part.symlink_to(tmp_path / "outside")
    with pytest.raises(InputError, match="symbolic link"):
        await fetch(bucket, tmp_path / "to")
    assert not (tmp_path / "outside").exists()


async def test_an_image_of_the_users_is_left_as_it_is(bucket: Bucket, tmp_path: Path) -> None:
    mine = tmp_path / "data/images/20003.jpg"
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b"mine")
    other = tmp_path / "data/images/notes.txt"
    other.write_text("mine too")
    report = await fetch(bucket, tmp_path)
    assert "there with other content" in reasons(report)[20003]
    assert mine.read_bytes() == b"mine"
    assert other.read_text() == "mine too"
    assert "20003" not in licenses(tmp_path)


async def test_an_image_that_is_there_already_is_recognised(bucket: Bucket, tmp_path: Path) -> None:
    bucket.article("PMC12.2", {"Fig2_HTML.jpg": b"newer"})
    mine = tmp_path / "data/images/20002.jpg"
    mine.parent.mkdir(parents=True)
    mine.write_bytes(picture(20002))
    report = await fetch(bucket, tmp_path)
    assert report.complete
    assert report.fetched_images == 3
    assert licenses(tmp_path)["20002"]["version"] == 1
    assert licenses(tmp_path)["20002"]["other_versions"] == {"2": md5(b"newer")}


async def test_an_image_changed_since_is_neither_replaced_nor_counted(
    bucket: Bucket, tmp_path: Path
) -> None:
    await fetch(bucket, tmp_path)
    (tmp_path / "data/images/20003.jpg").write_bytes(b"edited")
    report = await fetch(bucket, tmp_path)
    assert "was changed since it was fetched" in reasons(report)[20003]
    assert image(tmp_path, 20003) == b"edited"


async def test_a_question_file_with_other_content_stops_before_anything_is_asked(
    bucket: Bucket, tmp_path: Path
) -> None:
    mine = tmp_path / "data/dataset.json"
    mine.parent.mkdir()
    mine.write_text("{}")
    with pytest.raises(InputError, match=r"data/dataset\.json is not upstream's file"):
        await fetch(bucket, tmp_path)
    assert mine.read_text() == "{}"
    assert bucket.asked == []


async def test_a_question_file_that_cannot_be_had_is_named(bucket: Bucket, tmp_path: Path) -> None:
    bucket.faults["questions/data/image_dict.json"] = faults.body(b"{}")
    with pytest.raises(InputError, match=r"data/image_dict\.json cannot be had .*wrong sha256"):
        await fetch(bucket, tmp_path)


async def test_records_of_other_images_are_kept(bucket: Bucket, tmp_path: Path) -> None:
    (tmp_path / "data/images").mkdir(parents=True)
    (tmp_path / "data/images/licenses.json").write_text('{"7": {"license": "mine", "x": [1]}}')
    await fetch(bucket, tmp_path)
    assert licenses(tmp_path)["7"] == {"license": "mine", "x": [1]}
    assert len(licenses(tmp_path)) == 5


async def test_a_damaged_record_file_stops_and_stays(bucket: Bucket, tmp_path: Path) -> None:
    (tmp_path / "data/images").mkdir(parents=True)
    (tmp_path / "data/images/licenses.json").write_text('{"7": ')
    with pytest.raises(InputError, match=r"licenses\.json, line 1"):
        await fetch(bucket, tmp_path)
    assert (tmp_path / "data/images/licenses.json").read_text() == '{"7": '


async def test_two_images_with_one_number_are_refused(bucket: Bucket, tmp_path: Path) -> None:
    images = json.loads(bucket.content["questions/data/image_dict.json"])
    for entry in images.values():
        entry["local"] = 20000
    questions = json.loads(bucket.content["questions/data/dataset.json"])
    question_files(bucket, questions, images)
    with pytest.raises(InputError, match="4 images the number 20000"):
        await fetch(bucket, tmp_path)


async def test_one_process_at_a_time(bucket: Bucket, tmp_path: Path) -> None:
    with only_one(tmp_path), pytest.raises(InputError, match="another fetch is at work"):
        await fetch(bucket, tmp_path)
    assert (await fetch(bucket, tmp_path)).complete

"""Fetching MediConfusion from a bucket that works: what comes, and what is recorded."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import bucket as faults
from bucket import (
    FIGURES,
    Bucket,
    fetch,
    image,
    licenses,
    md5,
    picture,
    reasons,
    serving,
    sha256,
    small,
)
from medtrust.datasets.fetch import FetchSettings, fetch_mediconfusion, load_source
from medtrust.errors import InputError


@pytest.fixture
async def bucket() -> AsyncIterator[Bucket]:
    async with serving(small()) as server:
        yield server


async def test_everything_comes_verified_under_its_local_number(
    bucket: Bucket, tmp_path: Path
) -> None:
    report = await fetch(bucket, tmp_path)
    assert report.complete
    assert (report.files, report.fetched_files) == (3, 3)
    assert (report.images, report.fetched_images) == (4, 4)
    assert report.lost_pairs == ()
    assert all(image(tmp_path, local) == picture(local) for local, _, _ in FIGURES)
    assert report.licenses == {"CC BY": 2, "CC BY-NC": 1, "CC BY-ND": 1}
    assert licenses(tmp_path)["20002"] == {
        "article": "PMC12",
        "version": 1,
        "file": "Fig2_HTML.jpg",
        "md5": md5(picture(20002)),
        "sha256": sha256(picture(20002)),
        "license": "CC BY-NC",
        "retracted": False,
    }


async def test_a_second_run_asks_no_server(bucket: Bucket, tmp_path: Path) -> None:
    await fetch(bucket, tmp_path)
    before = licenses(tmp_path)
    bucket.asked.clear()
    report = await fetch(bucket, tmp_path)
    assert bucket.asked == []
    assert report.complete
    assert (report.fetched_files, report.fetched_images) == (0, 0)
    assert licenses(tmp_path) == before


async def test_only_what_is_missing_is_asked_for(bucket: Bucket, tmp_path: Path) -> None:
    await fetch(bucket, tmp_path)
    (tmp_path / "data/images/20003.jpg").unlink()
    bucket.asked.clear()
    assert (await fetch(bucket, tmp_path)).fetched_images == 1
    assert not [path for path in bucket.paths() if "PMC13" not in path]


async def test_progress_counts_every_image_once(bucket: Bucket, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    del bucket.content["PMC13.1/g001.jpg"]
    await fetch_mediconfusion(
        tmp_path,
        settings=FetchSettings(
            questions_url=f"{bucket.url}questions", images_url=bucket.url, attempts=1
        ),
        progress=lambda done, total: seen.append((done, total)),
        source=bucket.source,
    )
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]


async def test_a_missing_image_is_reported_with_the_pairs_it_takes_along(
    bucket: Bucket, tmp_path: Path
) -> None:
    bucket.faults["PMC13.1/g001.jpg"] = faults.status(404)
    report = await fetch(bucket, tmp_path)
    assert reasons(report) == {20003: "HTTP 404 for /PMC13.1/g001.jpg"}
    assert report.lost_pairs == ("mediconfusion:10003",)
    assert not (tmp_path / "data/images/20003.jpg").exists()


async def test_an_article_that_is_gone_is_reported(bucket: Bucket, tmp_path: Path) -> None:
    for path in [path for path in bucket.content if "PMC11." in path]:
        del bucket.content[path]
    report = await fetch(bucket, tmp_path)
    assert reasons(report) == dict.fromkeys((20000, 20001), "the bucket has no article PMC11")
    assert report.lost_pairs == ("mediconfusion:10001", "mediconfusion:10002")


async def test_an_image_that_the_article_does_not_list_is_not_asked_for(
    bucket: Bucket, tmp_path: Path
) -> None:
    bucket.content["metadata/PMC13.1.json"] = b'{"media_urls": []}'
    report = await fetch(bucket, tmp_path)
    assert "lists no file of this name (versions 1)" in reasons(report)[20003]
    assert not [path for path in bucket.paths() if path.startswith("/PMC13.1/")]


async def test_of_two_versions_the_newest_is_taken_and_both_are_recorded(
    bucket: Bucket, tmp_path: Path
) -> None:
    bucket.article("PMC12.2", {"Fig2_HTML.jpg": b"newer"}, code="CC BY-NC")
    bucket.article("PMC12.10", {"Fig2_HTML.jpg": b"newest"}, code="CC BY-NC-ND")
    report = await fetch(bucket, tmp_path)
    assert image(tmp_path, 20002) == b"newest"
    record = licenses(tmp_path)["20002"]
    assert (record["version"], record["license"]) == (10, "CC BY-NC-ND")
    assert record["other_versions"] == {"1": md5(picture(20002)), "2": md5(b"newer")}
    assert report.notes == ("image 20002: version 10 was taken; versions 2, 1 have other bytes",)


async def test_an_image_dropped_by_the_newest_version_comes_from_an_older_one(
    bucket: Bucket, tmp_path: Path
) -> None:
    bucket.article("PMC12.2", {"another.jpg": b"-"})
    assert (await fetch(bucket, tmp_path)).complete
    assert licenses(tmp_path)["20002"]["version"] == 1


async def test_a_retraction_is_reported_and_recorded(bucket: Bucket, tmp_path: Path) -> None:
    bucket.article("PMC12.2", {"Fig2_HTML.jpg": picture(20002)}, retracted=True)
    report = await fetch(bucket, tmp_path)
    assert report.retracted == (20002,)
    assert licenses(tmp_path)["20002"]["retracted"] is True


def test_the_source_describes_the_files_of_the_pinned_commit(shared_data: Path) -> None:
    source = load_source("mediconfusion")
    assert len(source.commit) == 40
    assert source.commit in source.questions_url
    assert sum(source.images.licenses.values()) == source.images.count == 228
    for file in source.files:
        data = (shared_data / "mediconfusion" / file.path).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (file.size, file.sha256)


@pytest.mark.parametrize(
    "wrong", [{"parallel": 0}, {"attempts": 0}, {"images_url": "ftp://old"}, {"questions_url": "x"}]
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError):
        FetchSettings(**wrong)  # type: ignore[arg-type]

"""Fetching from servers that fail, lie, or stop: what is resumed, refused, reported."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from aiohttp import web

import bucket as faults
from bucket import (
    FIGURES,
    Bucket,
    dataset,
    fetch,
    image,
    leave_part,
    licenses,
    part_of,
    picture,
    reasons,
    serving,
    small,
)
from medtrust.datasets.fetch.folder import WORK, part_size


@pytest.fixture
async def bucket() -> AsyncIterator[Bucket]:
    async with serving(small()) as server:
        yield server


async def test_wrong_bytes_are_discarded_and_reported(bucket: Bucket, tmp_path: Path) -> None:
    bucket.faults["PMC13.1/g001.jpg"] = faults.body(b"other bytes")
    report = await fetch(bucket, tmp_path)
    assert reasons(report) == {20003: "wrong md5 checksum, so the file was discarded"}
    assert not (tmp_path / "data/images/20003.jpg").exists()
    assert not list((tmp_path / WORK).glob("*.part"))


async def test_a_cut_connection_is_resumed_where_it_broke(bucket: Bucket, tmp_path: Path) -> None:
    bucket.faults["PMC13.1/g001.jpg"] = faults.times(2, faults.cut(6000))
    report = await fetch(bucket, tmp_path)
    assert report.complete
    assert image(tmp_path, 20003) == picture(20003)
    asked = [how for path, how in bucket.asked if path == "/PMC13.1/g001.jpg"]
    assert asked == ["", "bytes=6000-", "bytes=12000-"]


async def test_a_later_run_resumes_what_an_earlier_one_gave_up(
    bucket: Bucket, tmp_path: Path
) -> None:
    bucket.faults["PMC13.1/g001.jpg"] = faults.times(1, faults.cut(6000))
    report = await fetch(bucket, tmp_path, attempts=1)
    assert "connection" in reasons(report)[20003]
    assert (await fetch(bucket, tmp_path)).complete
    assert bucket.asked[-1] == ("/PMC13.1/g001.jpg", "bytes=6000-")
    assert image(tmp_path, 20003) == picture(20003)


async def test_a_server_without_ranges_sends_it_all_again(bucket: Bucket, tmp_path: Path) -> None:
    leave_part(tmp_path, 20003, picture(20003)[:500])
    bucket.faults["PMC13.1/g001.jpg"] = faults.no_range
    assert (await fetch(bucket, tmp_path)).complete
    assert image(tmp_path, 20003) == picture(20003)


@pytest.mark.parametrize("left_over", [b"not the beginning", b"x" * 30_000])
async def test_a_left_over_that_does_not_fit_is_started_afresh(
    bucket: Bucket, tmp_path: Path, left_over: bytes
) -> None:
    leave_part(tmp_path, 20003, left_over)
    assert (await fetch(bucket, tmp_path)).complete
    assert image(tmp_path, 20003) == picture(20003)


async def test_a_left_over_that_is_whole_is_not_asked_for(bucket: Bucket, tmp_path: Path) -> None:
    leave_part(tmp_path, 20003, picture(20003))
    assert (await fetch(bucket, tmp_path)).complete
    assert "/PMC13.1/g001.jpg" not in bucket.paths()


@pytest.mark.parametrize("code", [500, 503, 429])
async def test_a_server_in_trouble_is_asked_again(
    bucket: Bucket, tmp_path: Path, code: int
) -> None:
    trouble = faults.times(2, faults.status(code))
    bucket.faults["PMC13.1/g001.jpg"] = trouble
    bucket.faults["metadata/PMC12.1.json"] = faults.times(2, faults.status(code))
    assert (await fetch(bucket, tmp_path)).complete


async def test_asking_again_has_an_end(bucket: Bucket, tmp_path: Path) -> None:
    bucket.faults["PMC13.1/g001.jpg"] = faults.status(500)
    report = await fetch(bucket, tmp_path)
    assert reasons(report) == {20003: "HTTP 500 for /PMC13.1/g001.jpg, 3 attempts"}
    assert bucket.paths().count("/PMC13.1/g001.jpg") == 3


async def test_a_server_that_is_silent_throughout_is_not_asked_for_ever(tmp_path: Path) -> None:
    figures = [(local, f"PMC{local}", "a.jpg") for local in range(20000, 20040)]
    silent = Bucket()
    dataset(silent, figures, [(20000, 20001)])
    async with serving(silent):
        silent.down = True
        report = await fetch(silent, tmp_path, attempts=2, parallel=2)
    assert len(report.failed) == 40
    assert len({failed.article for failed in report.failed if "not asked" in failed.reason}) >= 25
    assert len([path for path in silent.paths() if "list-type" in path]) <= 24


async def test_a_trickle_is_given_up(bucket: Bucket, tmp_path: Path) -> None:
    bucket.faults["PMC13.1/g001.jpg"] = faults.trickle
    report = await fetch(bucket, tmp_path, attempt_s=2.0, attempts=1)
    assert "too slow" in reasons(report)[20003]


@pytest.mark.parametrize("fault", [faults.endless, faults.body(b"x" * 70_000)])
async def test_a_body_over_the_bound_is_cut_off(
    bucket: Bucket, tmp_path: Path, fault: faults.Fault
) -> None:
    bucket.faults["PMC13.1/g001.jpg"] = fault
    report = await fetch(bucket, tmp_path, max_image_bytes=60_000)
    assert reasons(report) == {20003: "larger than the 60000 bytes allowed"}
    assert not list((tmp_path / WORK).glob("*.part"))


async def test_endless_metadata_are_cut_off(bucket: Bucket, tmp_path: Path) -> None:
    bucket.faults["metadata/PMC13.1.json"] = faults.endless
    assert "larger than" in reasons(await fetch(bucket, tmp_path))[20003]


@pytest.mark.parametrize(
    "text",
    [
        "<ListBucketResult><CommonPrefixes>",
        "not XML at all",
        "",
        f'<!DOCTYPE a [<!ENTITY b "PMC13.1/">]>{faults.listing("&b;").partition("?>")[2]}',
        faults.listing("../../etc/", "/etc/passwd", "PMC13.1/../../x/", "PMC130.1/", "PMC13./"),
    ],
)
async def test_a_listing_that_cannot_be_trusted_fails_its_article_only(
    bucket: Bucket, tmp_path: Path, text: str
) -> None:
    bucket.listings["PMC13."] = text
    report = await fetch(bucket, tmp_path)
    assert set(reasons(report)) == {20003}
    assert not [path for path in bucket.paths() if "etc" in path or "x/" in path]


@pytest.mark.parametrize(
    "data", [b"{", b"[]", b'{"media_urls": "x"}', b'{"media_urls": [1]}', b"\xff", b""]
)
async def test_metadata_of_another_shape_fail_their_article_only(
    bucket: Bucket, tmp_path: Path, data: bytes
) -> None:
    bucket.content["metadata/PMC13.1.json"] = data
    report = await fetch(bucket, tmp_path)
    assert set(reasons(report)) == {20003}
    assert "no metadata of PMC13" in reasons(report)[20003]


async def test_redirects_are_followed_to_the_same_server(bucket: Bucket, tmp_path: Path) -> None:
    bucket.content["moved.jpg"] = picture(20003)
    bucket.faults["PMC13.1/g001.jpg"] = faults.status(302, Location="/moved.jpg")
    assert (await fetch(bucket, tmp_path)).complete


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("http://127.0.0.1:9/x", "another server without https"),
        ("file:///etc/passwd", "another server without https"),
        ("/PMC13.1/g001.jpg", "more than 5 redirects"),
    ],
)
async def test_redirects_elsewhere_are_refused(
    bucket: Bucket, tmp_path: Path, location: str, why: str
) -> None:
    bucket.faults["PMC13.1/g001.jpg"] = faults.status(302, Location=location)
    assert why in reasons(await fetch(bucket, tmp_path))[20003]


async def test_no_more_articles_at_once_than_allowed(bucket: Bucket, tmp_path: Path) -> None:
    at_once = most = 0

    async def count(request: web.Request, data: bytes) -> web.StreamResponse:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.02)
        at_once -= 1
        return faults.whole_or_range(request, data)

    for path in bucket.content:
        bucket.faults[path] = count
    assert (await fetch(bucket, tmp_path, parallel=2)).complete
    assert most == 2


CHILD = """
import asyncio, sys
from pathlib import Path
import msgspec
from medtrust.datasets.fetch import FetchSettings, Source, fetch_mediconfusion
url, to, source = sys.argv[1:]
settings = FetchSettings(questions_url=url + "questions", images_url=url, parallel=1)
asyncio.run(fetch_mediconfusion(
    Path(to), settings=settings, source=msgspec.json.decode(source, type=Source)))
"""


async def test_a_killed_fetch_goes_on_where_it_was(bucket: Bucket, tmp_path: Path) -> None:
    reached = asyncio.Event()

    async def stall(request: web.Request, data: bytes) -> web.StreamResponse:
        response = web.StreamResponse()
        response.content_length = len(data)
        await response.prepare(request)
        await response.write(data[:7000])
        reached.set()
        await asyncio.sleep(60)
        return response

    bucket.faults["PMC12.1/Fig2_HTML.jpg"] = stall
    source = msgspec.json.encode(bucket.source).decode()
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CHILD, bucket.url, str(tmp_path), source
    )
    await asyncio.wait_for(reached.wait(), 600)
    part = part_of(tmp_path, 20002)
    for _ in range(6000):
        if part_size(part):
            break
        await asyncio.sleep(0.01)
    child.kill()
    await child.wait()
    have = part_size(part)
    assert have
    del bucket.faults["PMC12.1/Fig2_HTML.jpg"]
    bucket.asked.clear()
    report = await fetch(bucket, tmp_path)
    assert report.complete
    assert ("/PMC12.1/Fig2_HTML.jpg", f"bytes={have}-") in bucket.asked
    assert "/PMC11.1/fig-1.jpg" not in bucket.paths()
    assert image(tmp_path, 20002) == picture(20002)
    assert set(licenses(tmp_path)) == {str(local) for local, _, _ in FIGURES}

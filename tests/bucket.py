"""A server laid out like the question files' host and the article bucket, with faults.

It holds a small made-up dataset: `figures` give local number, article and file
name; each figure's bytes are its own. Faults are set by path, and every request
is logged, so that a test can say what must not have been asked for.
"""

import asyncio
import hashlib
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from aiohttp import web
from aiohttp.test_utils import TestServer

from medtrust.datasets.fetch import FetchReport, FetchSettings, fetch_mediconfusion
from medtrust.datasets.fetch.folder import WORK
from medtrust.datasets.fetch.source import ImageSource, Source, SourceFile

Fault = Callable[[web.Request, bytes], Awaitable[web.StreamResponse]]


def picture(local: int, size: int = 20_000) -> bytes:
    """Made-up bytes of the image with this number."""
    return (hashlib.sha256(str(local).encode()).digest() * (size // 32 + 1))[:size]


def md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@dataclass
class Bucket:
    """Content by path, faults by path, and the requests that came."""

    content: dict[str, bytes] = field(default_factory=dict)
    faults: dict[str, Fault] = field(default_factory=dict)
    listings: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Path with query, and the Range header."""
    down: bool = False
    """Whether listings are answered with a server's error only."""
    source: Source | None = None
    url: str = ""

    def paths(self) -> list[str]:
        """Paths asked for, in order."""
        return [path for path, _ in self.asked]

    def article(
        self, version: str, files: dict[str, bytes], *, code: str = "CC BY", retracted: bool = False
    ) -> None:
        """Put a version of an article there, such as `PMC11.1`."""
        for name, data in files.items():
            self.content[f"{version}/{name}"] = data
        metadata = {
            "license_code": code,
            "is_retracted": retracted,
            "media_urls": [f"s3://somewhere/{version}/{n}?md5={md5(d)}" for n, d in files.items()],
            "title": "fields that nobody reads",
        }
        self.content[f"metadata/{version}.json"] = json.dumps(metadata).encode()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer as the real servers do, or as a fault says."""
        self.asked.append((str(request.rel_url), request.headers.get("Range", "")))
        path = request.path.lstrip("/")
        if "list-type" in request.query and self.down:
            return web.Response(status=503)
        if "list-type" in request.query:
            return self._list(request.query["prefix"])
        data = self.content.get(path)
        fault = self.faults.get(path)
        if fault:
            return await fault(request, data or b"")
        if data is None:
            return web.Response(status=404, text="NoSuchKey")
        return whole_or_range(request, data)

    def _list(self, prefix: str) -> web.Response:
        if prefix in self.listings:
            return web.Response(text=self.listings[prefix], content_type="application/xml")
        found = sorted({p.split("/")[0] for p in self.content if p.startswith(prefix)})
        return web.Response(text=listing(*(f"{p}/" for p in found)), content_type="application/xml")


def listing(*prefixes: str) -> str:
    """An answer to ListObjectsV2 with these common prefixes."""
    inner = "".join(f"<CommonPrefixes><Prefix>{p}</Prefix></CommonPrefixes>" for p in prefixes)
    return (
        '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult '
        f'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name>{inner}</ListBucketResult>'
    )


def whole_or_range(request: web.Request, data: bytes) -> web.Response:
    """200 with everything, 206 with the rest, or 416."""
    found = re.fullmatch(r"bytes=(\d+)-", request.headers.get("Range", ""))
    if not found:
        return web.Response(body=data)
    start = int(found[1])
    if start >= len(data):
        return web.Response(status=416)
    where = {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"}
    return web.Response(status=206, body=data[start:], headers=where)


def times(count: int, fault: Fault) -> Fault:
    """The fault for the first requests, then the right answer."""
    left = count

    async def answer(request: web.Request, data: bytes) -> web.StreamResponse:
        nonlocal left
        left -= 1
        return await fault(request, data) if left >= 0 else whole_or_range(request, data)

    return answer


def status(code: int, **headers: str) -> Fault:
    """Answer with nothing but a status."""

    async def answer(request: web.Request, data: bytes) -> web.StreamResponse:
        return web.Response(status=code, headers=headers)

    return answer


def body(data: bytes) -> Fault:
    """Answer with other bytes than those that were promised."""

    async def answer(request: web.Request, _: bytes) -> web.StreamResponse:
        return web.Response(body=data)

    return answer


async def no_range(request: web.Request, data: bytes) -> web.StreamResponse:
    """Send everything, whatever part was asked for."""
    return web.Response(body=data)


def cut(after: int) -> Fault:
    """Send so many of the bytes asked for, then drop the connection."""

    async def answer(request: web.Request, data: bytes) -> web.StreamResponse:
        full = whole_or_range(request, data)
        response = web.StreamResponse(status=full.status, headers=full.headers)
        rest = full.body
        assert isinstance(rest, bytes)
        response.content_length = len(rest)
        await response.prepare(request)
        await response.write(rest[:after])
        assert request.transport is not None
        await asyncio.sleep(0.05)  # let the bytes leave before the connection goes
        request.transport.abort()
        return response

    return answer


async def trickle(request: web.Request, data: bytes) -> web.StreamResponse:
    """Send a byte now and then, without an end."""
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b"x")
        await asyncio.sleep(0.02)


async def endless(request: web.Request, data: bytes) -> web.StreamResponse:
    """Send without an end, as fast as it goes, and without saying how much."""
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b"x" * 65536)


Figures = list[tuple[int, str, str]]
"""Local number, article, file name."""


def dataset(bucket: Bucket, figures: Figures, pairs: list[tuple[int, int]]) -> None:
    """Put question files of a made-up dataset there, and set its source."""
    path_of = {local: f"train/images/ROCO_{local}.jpg" for local, _, _ in figures}
    images = {
        path_of[local]: {
            "local": local,
            "dlink": f"ftp://nowhere/oa_package/00/00/{article}.tar.gz",
            "file_name": name,
        }
        for local, article, name in figures
    }
    questions = {str(10001 + i): record(path_of, one, two) for i, (one, two) in enumerate(pairs)}
    question_files(bucket, questions, images)


def question_files(bucket: Bucket, questions: object, images: object) -> None:
    """Put these question files there, as those of the pinned commit."""
    files = {
        "data/dataset.json": json.dumps(questions, indent=1).encode(),
        "data/image_dict.json": json.dumps(images).encode(),
        "configs/prompts/answering.json": b"{}",
    }
    for path, data in files.items():
        bucket.content[f"questions/{path}"] = data
    bucket.source = Source(
        name="mediconfusion",
        title="made up",
        paper="",
        repository="",
        commit="0" * 40,
        license="MIT",
        questions_url="",
        files=tuple(
            SourceFile(path=path, size=len(data), sha256=sha256(data))
            for path, data in files.items()
        ),
        images=ImageSource(url="", origin="", count=0, licenses={}),
    )


def record(path_of: dict[int, str], one: int, two: int) -> dict[str, object]:
    """A pair in upstream's form."""
    return {
        "im_1": path_of[one],
        "im_2": path_of[two],
        "im_1_local": one,
        "im_2_local": two,
        "cap_1": "a caption",
        "cap_2": "another",
        "category_1": ["Cardiac"],
        "category_2": ["Cardiac"],
        "BiomedCLIP_sim": 0.91,
        "DINO_sim": 0.5,
        "question": "Which is it?",
        "option_A": "this",
        "option_B": "that",
        "im_1_correct": "A",
        "im_2_correct": "B",
        "AI_question": "Which is it?",
        "AI_option_A": "this",
        "AI_option_B": "that",
    }


@asynccontextmanager
async def serving(bucket: Bucket) -> AsyncIterator[Bucket]:
    """Serve the bucket on a local port; its address is then in `bucket.url`."""
    app = web.Application()
    app.router.add_get("/{path:.*}", bucket.answer)
    async with TestServer(app) as server:
        bucket.url = str(server.make_url("/"))
        yield bucket


FIGURES = [
    (20000, "PMC11", "fig-1.jpg"),
    (20001, "PMC11", "fig-2.jpg"),
    (20002, "PMC12", "Fig2_HTML.jpg"),
    (20003, "PMC13", "g001.jpg"),
]
PAIRS = [(20000, 20001), (20000, 20002), (20002, 20003)]


def small() -> Bucket:
    """A bucket with three pairs of four images out of three articles."""
    bucket = Bucket()
    dataset(bucket, FIGURES, PAIRS)
    bucket.article("PMC11.1", {"fig-1.jpg": picture(20000), "fig-2.jpg": picture(20001)})
    bucket.article("PMC12.1", {"Fig2_HTML.jpg": picture(20002)}, code="CC BY-NC")
    bucket.article("PMC13.1", {"g001.jpg": picture(20003)}, code="CC BY-ND")
    return bucket


async def fetch(
    bucket: Bucket,
    to: Path,
    *,
    attempts: int = 3,
    attempt_s: float = 20.0,
    parallel: int = 8,
    max_image_bytes: int = 2**20,
) -> FetchReport:
    """Fetch from the bucket without long pauses."""
    settings = FetchSettings(
        questions_url=f"{bucket.url}questions",
        images_url=bucket.url,
        attempts=attempts,
        backoff_s=0.001,
        attempt_s=attempt_s,
        parallel=parallel,
        max_image_bytes=max_image_bytes,
    )
    return await fetch_mediconfusion(to, settings=settings, source=bucket.source)


def image(to: Path, local: int) -> bytes:
    """The image with this number, as it lies in the folder."""
    return (to / f"data/images/{local}.jpg").read_bytes()


def licenses(to: Path) -> dict[str, dict[str, object]]:
    """What was recorded of the images."""
    return msgspec.json.decode(
        (to / "data/images/licenses.json").read_bytes(), type=dict[str, dict[str, object]]
    )


def reasons(report: FetchReport) -> dict[int, str]:
    """Number of an image that failed -> why."""
    return {failed.local: failed.reason for failed in report.failed}


def part_of(to: Path, local: int) -> Path:
    """Where the image with this number is gathered while it comes in."""
    return to / WORK / f"{local}.jpg.{md5(picture(local))[:16]}.part"


def leave_part(to: Path, local: int, data: bytes) -> None:
    """Leave what an interrupted fetch leaves behind."""
    part = part_of(to, local)
    part.parent.mkdir()
    part.write_bytes(data)

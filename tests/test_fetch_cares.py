"""Fetching CARES: question files one by one, verified; images never, but where they are."""

import hashlib
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

import bucket as faults
from bucket import Bucket, serving, sha256
from medtrust.datasets.cares import (
    FAIRVLMED,
    HAM10000,
    IU_XRAY,
    MIMIC_CXR,
    OL3I,
    OMNIMEDVQA,
    PMC_OA,
)
from medtrust.datasets.cares.origin import CaresSource, QuestionFile, load_cares_source
from medtrust.datasets.fetch.cares import fetch, fetch_cares
from medtrust.datasets.fetch.folder import WORK, only_one
from medtrust.datasets.fetch.settings import FetchSettings
from medtrust.errors import InputError

CARDS = (IU_XRAY, HAM10000, OL3I, FAIRVLMED, MIMIC_CXR, PMC_OA, OMNIMEDVQA)
KNOWN, BY_BLOB = "cares/ol3i", "cares/mimic-cxr"
"""A set whose file is known by size and SHA-256, and one known by git's hash only."""


def content(dataset: str) -> bytes:
    """Made-up bytes of a set's question file."""
    return f'{{"made up": "{dataset}"}}\n'.encode() * 2000


def blob(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0%b" % (len(data), data), usedforsecurity=False).hexdigest()


def made_up(file: QuestionFile) -> QuestionFile:
    """The file with the checksums of made-up content, as far as the real ones are known."""
    data = content(file.dataset)
    return msgspec.structs.replace(
        file,
        size=len(data) if file.size else 0,
        sha256=sha256(data) if file.sha256 else "",
        blob=blob(data),
    )


def source() -> CaresSource:
    """CARES' origin, of made-up files."""
    real = load_cares_source()
    return msgspec.structs.replace(real, files=tuple(made_up(file) for file in real.files))


def path_of(dataset: str) -> str:
    return next(file.path for file in load_cares_source().files if file.dataset == dataset)


def part_of(to: Path, dataset: str) -> Path:
    """Where a file known by its SHA-256 is gathered."""
    name = path_of(dataset).rpartition("/")[2]
    return to / WORK / f"{name}.{sha256(content(dataset))[:16]}.part"


def line_of(lines: list[str], *words: str) -> str:
    """The only line that holds all the words."""
    [line] = [line for line in lines if all(word in line for word in words)]
    return line


async def get(
    server: Bucket, to: Path, *, attempts: int = 3, progress: list[tuple[int, int]] | None = None
) -> tuple[bool, list[str]]:
    """Fetch from the server without long pauses."""
    settings = FetchSettings(
        questions_url=f"{server.url}at/commit/", attempts=attempts, backoff_s=0.001
    )
    seen: list[tuple[int, int]] = [] if progress is None else progress
    return await fetch_cares(
        to,
        settings=settings,
        source=source(),
        progress=lambda done, total: seen.append((done, total)),
    )


@pytest.fixture
async def server() -> AsyncIterator[Bucket]:
    """A server with all seven question files."""
    bucket = Bucket()
    for file in source().files:
        bucket.content[f"at/commit/{file.path}"] = content(file.dataset)
    async with serving(bucket) as running:
        yield running


async def test_all_question_files_come_verified(server: Bucket, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    complete, lines = await get(server, tmp_path, progress=seen)
    assert complete
    assert "question files: 7 of 7 verified, 7 of them new" in lines
    for file in source().files:
        assert (tmp_path / file.path).read_bytes() == content(file.dataset)
    assert seen == [(done, 7) for done in range(1, 8)]
    assert not list((tmp_path / WORK).glob("*.part"))


async def test_a_second_run_asks_no_server(server: Bucket, tmp_path: Path) -> None:
    await get(server, tmp_path)
    server.asked.clear()
    complete, lines = await get(server, tmp_path)
    assert complete
    assert server.asked == []
    assert "question files: 7 of 7 verified, 0 of them new" in lines


async def test_only_question_files_are_asked_for(server: Bucket, tmp_path: Path) -> None:
    await get(server, tmp_path)
    assert sorted(server.paths()) == sorted(f"/at/commit/{file.path}" for file in source().files)


@pytest.mark.parametrize("dataset", [KNOWN, BY_BLOB])
async def test_a_file_that_upstream_has_not_is_reported_and_the_others_come(
    server: Bucket, tmp_path: Path, dataset: str
) -> None:
    del server.content[f"at/commit/{path_of(dataset)}"]
    complete, lines = await get(server, tmp_path)
    assert not complete
    assert "question files: 6 of 7 verified, 6 of them new" in lines
    line = line_of(lines, "missing:")
    assert "HTTP 404" in line
    assert f"`git hash-object FILE` prints {blob(content(dataset))}" in line
    assert f"put it at {tmp_path / path_of(dataset)}" in line
    assert ("README only" in line) == (dataset == BY_BLOB)


async def test_a_copy_from_elsewhere_is_verified_and_not_asked_for(
    server: Bucket, tmp_path: Path
) -> None:
    copy = tmp_path / path_of(BY_BLOB)
    copy.parent.mkdir(parents=True)
    copy.write_bytes(content(BY_BLOB))
    complete, lines = await get(server, tmp_path)
    assert complete
    assert "question files: 7 of 7 verified, 6 of them new" in lines
    assert not [path for path in server.paths() if "MIMIC" in path]


def test_git_hashes_a_file_as_the_report_says(tmp_path: Path) -> None:
    file = tmp_path / "FILE"
    file.write_bytes(content(BY_BLOB))
    printed = subprocess.run(
        ["git", "hash-object", str(file)], check=True, capture_output=True, text=True
    ).stdout
    assert printed.strip() == blob(content(BY_BLOB))


@pytest.mark.parametrize("dataset", [KNOWN, BY_BLOB])
async def test_a_file_with_other_content_is_left_as_it_is(
    server: Bucket, tmp_path: Path, dataset: str
) -> None:
    own = tmp_path / path_of(dataset)
    own.parent.mkdir(parents=True)
    own.write_bytes(b"mine")
    complete, lines = await get(server, tmp_path)
    assert not complete
    assert "it was left as it is" in line_of(lines, "missing:", dataset)
    assert own.read_bytes() == b"mine"
    assert not [path for path in server.paths() if path_of(dataset) in path]


@pytest.mark.parametrize(
    ("dataset", "reason"), [(KNOWN, "sha256 checksum"), (BY_BLOB, "git blob hash")]
)
async def test_other_content_than_upstreams_is_discarded(
    server: Bucket, tmp_path: Path, dataset: str, reason: str
) -> None:
    server.faults[f"at/commit/{path_of(dataset)}"] = faults.body(b"another file")
    complete, lines = await get(server, tmp_path)
    assert not complete
    assert f"wrong {reason}" in line_of(lines, "missing:")
    assert not (tmp_path / path_of(dataset)).exists()
    assert not list((tmp_path / WORK).glob("*.part"))


@pytest.mark.parametrize("dataset", [KNOWN, BY_BLOB])
async def test_a_connection_that_breaks_off_is_tried_again(
    server: Bucket, tmp_path: Path, dataset: str
) -> None:
    server.faults[f"at/commit/{path_of(dataset)}"] = faults.times(1, faults.cut(1000))
    complete, _ = await get(server, tmp_path)
    assert complete
    assert (tmp_path / path_of(dataset)).read_bytes() == content(dataset)


async def test_a_later_run_goes_on_inside_a_file(server: Bucket, tmp_path: Path) -> None:
    part = part_of(tmp_path, KNOWN)
    part.parent.mkdir()
    part.write_bytes(content(KNOWN)[:5000])
    complete, _ = await get(server, tmp_path)
    assert complete
    assert (f"/at/commit/{path_of(KNOWN)}", "bytes=5000-") in server.asked
    assert (tmp_path / path_of(KNOWN)).read_bytes() == content(KNOWN)


async def test_an_endless_file_is_given_up(server: Bucket, tmp_path: Path) -> None:
    server.faults[f"at/commit/{path_of(BY_BLOB)}"] = faults.endless
    server.faults[f"at/commit/{path_of(KNOWN)}"] = faults.endless
    complete, lines = await get(server, tmp_path, attempts=1)
    assert not complete
    assert "is larger than" in line_of(lines, "missing:", BY_BLOB)
    assert "larger than" in line_of(lines, "missing:", KNOWN)


async def test_nothing_is_written_through_a_link(server: Bucket, tmp_path: Path) -> None:
    outside, to = tmp_path / "outside", tmp_path / "to"
    outside.mkdir()
    (to / "data").mkdir(parents=True)
    (to / "data/OL3I").symlink_to(outside)
    complete, lines = await get(server, to)
    assert not complete
    assert "symbolic link" in line_of(lines, "missing:")
    assert "question files: 6 of 7 verified, 6 of them new" in lines
    assert not list(outside.iterdir())


async def test_one_fetch_at_a_time_works_in_a_folder(server: Bucket, tmp_path: Path) -> None:
    with only_one(tmp_path), pytest.raises(InputError, match="another fetch"):
        await get(server, tmp_path)
    assert server.asked == []


async def test_a_folder_that_cannot_be_made_is_refused_by_name(
    server: Bucket, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InputError, match="file"):
        await get(server, tmp_path / "file")


def test_an_address_for_images_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="images"):
        fetch(tmp_path / "to", images_url="https://images.invalid/")
    assert not (tmp_path / "to").exists()


async def test_a_server_that_fails_throughout_is_a_line_a_file(tmp_path: Path) -> None:
    bucket = Bucket()
    for file in source().files:
        bucket.faults[f"at/commit/{file.path}"] = faults.status(503)
    async with serving(bucket) as running:
        complete, lines = await get(running, tmp_path, attempts=2)
    assert not complete
    assert sum(line.startswith("missing:") and "2 attempts" in line for line in lines) == 7


async def test_each_set_has_a_line_with_origin_licence_access_and_folder(
    server: Bucket, tmp_path: Path
) -> None:
    _, lines = await get(server, tmp_path)
    for file in load_cares_source().files:
        line = line_of(lines, f"{file.dataset}: ", "folder:")
        assert file.images.url in line
        assert file.images.license in line
        assert f"folder: {tmp_path / file.image_folder}" in line
    assert ", credentialed, " in line_of(lines, "cares/mimic-cxr: ")


def test_the_package_knows_the_files_that_the_loaders_read() -> None:
    files = {file.dataset: file for file in load_cares_source().files}
    assert files.keys() == {card.name for card in CARDS}
    assert {name: file.images.access for name, file in files.items()} == {
        card.name: card.access for card in CARDS
    }
    assert load_cares_source().commit in load_cares_source().questions_url


def test_the_known_checksums_are_those_of_the_real_files(shared_data: Path) -> None:
    known = [file for file in load_cares_source().files if file.sha256]
    assert len(known) == 4
    for file in known:
        data = (shared_data / "cares" / file.path).read_bytes()
        assert (len(data), sha256(data), blob(data)) == (file.size, file.sha256, file.blob)
        assert data.count(b"\n") == file.rows

"""Fetch CARES: question files at the pinned commit, and where to get the images.

Upstream ships no images, and several sets may only be had on application, so images are
never fetched: the report says for each set where they are, under which licence, and which
folder they go into. A question file that cannot be had does not keep back the others.
"""

import asyncio
from pathlib import Path

import aiohttp
from yarl import URL

from medtrust.datasets.cares.origin import CaresSource, QuestionFile, load_cares_source
from medtrust.datasets.cares.rows import git_blob_sha1
from medtrust.datasets.fetch.cares_report import Outcome, report_lines
from medtrust.datasets.fetch.download import Wanted, download
from medtrust.datasets.fetch.folder import (
    WORK,
    discard,
    only_one,
    open_folder,
    place,
    settle,
    write_from,
)
from medtrust.datasets.fetch.http import Failed, open_session, read
from medtrust.datasets.fetch.ledger import Progress
from medtrust.datasets.fetch.settings import FetchSettings
from medtrust.errors import InputError

MAX_BYTES = 64 * 2**20
"""Largest question file taken whose size is not known. The known ones are near 1 MB."""


def fetch(
    to: Path,
    *,
    questions_url: str = "",
    images_url: str = "",
    parallel: int = 8,
    progress: Progress | None = None,
) -> tuple[bool, list[str]]:
    """The entry point of the group `medtrust.fetchers`, blocking.

    Returns whether all question files are there now and verified, and what to tell the
    user. Raises InputError where the folder cannot be used, or for an `images_url`.
    """
    if images_url:
        raise InputError(
            "cares has no images to fetch from one address: leave --images-url out, the report "
            "says where each set's images are"
        )
    settings = FetchSettings(questions_url=questions_url, parallel=parallel)
    return asyncio.run(fetch_cares(to, settings=settings, progress=progress or _silent))


def _silent(_done: int, _all: int) -> None:
    """No progress wanted."""


async def fetch_cares(
    to: Path,
    *,
    settings: FetchSettings,
    progress: Progress = _silent,
    source: CaresSource | None = None,
) -> tuple[bool, list[str]]:
    """Bring the question files into the folder `to`, as far as they can be had.

    Run again, it asks only for what is missing. Files that are there with other content
    are left as they are and reported. `source` replaces what the package knows of the
    dataset's origin. `progress` is called with the files dealt with and their number.
    Raises InputError where the folder cannot be used.
    """
    source = source or load_cares_source()
    base = URL(settings.questions_url or source.questions_url)
    dealt_with = 0

    async def one(file: QuestionFile) -> Outcome:
        nonlocal dealt_with
        outcome = await _bring(session, root, base, file, settings)
        dealt_with += 1
        progress(dealt_with, len(source.files))
        return outcome

    try:
        root = open_folder(to)
        with only_one(root):
            async with open_session(settings) as session, asyncio.TaskGroup() as group:
                tasks = [group.create_task(one(file)) for file in source.files]
    except OSError as error:
        raise InputError(f"{error.filename or to}: {error.strerror or error}") from error
    outcomes = [task.result() for task in tasks]
    complete = not any(outcome.problem for outcome in outcomes)
    return complete, report_lines(source, root, outcomes)


async def _bring(
    session: aiohttp.ClientSession,
    root: Path,
    base: URL,
    file: QuestionFile,
    settings: FetchSettings,
) -> Outcome:
    """One question file: verified where it is there, else fetched."""
    try:
        target = place(root, file.path)
        if target.exists():
            return Outcome(file=file, problem=_difference(target, file))
        get = _fetch_known if file.sha256 else _fetch_by_blob
        await get(session, root, base.joinpath(*file.path.split("/")), file, settings)
    except Failed as error:
        return Outcome(file=file, problem=f"cannot be had from {base}: {error}", ask=True)
    except InputError as error:
        return Outcome(file=file, problem=str(error))
    except OSError as error:
        return Outcome(file=file, problem=f"cannot be written ({error.strerror or error})")
    return Outcome(file=file, new=True)


def _difference(target: Path, file: QuestionFile) -> str:
    """Why a file that is there is not upstream's, empty where it is."""
    if git_blob_sha1(target) == file.blob:
        return ""
    return (
        f"the file there is not upstream's at the pinned commit (whose git blob is {file.blob}); "
        "it was left as it is, move it away or fetch to another folder"
    )


async def _fetch_known(
    session: aiohttp.ClientSession,
    root: Path,
    url: URL,
    file: QuestionFile,
    settings: FetchSettings,
) -> None:
    """Fetch a file whose size and SHA-256 are known, going on inside it where it broke off."""
    wanted = Wanted(
        url=url, target=file.path, algorithm="sha256", checksum=file.sha256, limit=file.size
    )
    await download(session, root, wanted, settings)


async def _fetch_by_blob(
    session: aiohttp.ClientSession,
    root: Path,
    url: URL,
    file: QuestionFile,
    settings: FetchSettings,
) -> None:
    """Fetch a file of which only git's hash is known: whole, since that begins with the length."""
    content = await read(session, url, limit=MAX_BYTES, settings=settings)
    target = place(root, file.path)
    part = place(root, f"{WORK}/{target.name}.{file.blob[:16]}.part")
    with write_from(part, 0) as out:
        out.write(content)
    if git_blob_sha1(part) != file.blob:
        discard(part)
        raise Failed("wrong git blob hash, so the file was discarded")
    settle(part, target)

"""Fetch MediConfusion: question files at the pinned commit, images from their articles.

Upstream's own download no longer works, and it emptied the target folder first
(mediconfusion.md sections 1 and 5.3 item 20). This one asks for single files,
unpacks no archives, verifies each byte, and goes on where it was stopped.
"""

import asyncio
from itertools import groupby
from pathlib import Path

import aiohttp
from yarl import URL

from medtrust.datasets.fetch.download import Wanted, download
from medtrust.datasets.fetch.folder import digests, only_one, open_folder, place
from medtrust.datasets.fetch.http import Failed, open_session
from medtrust.datasets.fetch.images import Figure, fetch_figures
from medtrust.datasets.fetch.ledger import Ledger, Progress
from medtrust.datasets.fetch.report import FetchReport, summary_lines
from medtrust.datasets.fetch.settings import FetchSettings
from medtrust.datasets.fetch.source import Source, SourceFile, load_source
from medtrust.datasets.mediconfusion import NAME
from medtrust.errors import InputError

GIVE_UP = 10
"""A server that does not answer for so many articles in a row is not asked for more."""


def fetch(
    to: Path,
    *,
    questions_url: str = "",
    images_url: str = "",
    parallel: int = 8,
    progress: Progress | None = None,
) -> tuple[bool, list[str]]:
    """The entry point of the group `medtrust.fetchers`, blocking.

    Returns whether all of the dataset is there now, and what to tell the user.
    """
    settings = FetchSettings(questions_url=questions_url, images_url=images_url, parallel=parallel)
    report = asyncio.run(fetch_mediconfusion(to, settings=settings, progress=progress or _silent))
    return report.complete, summary_lines(report)


def _silent(_done: int, _all: int) -> None:
    """No progress wanted."""


async def fetch_mediconfusion(
    to: Path,
    *,
    settings: FetchSettings,
    progress: Progress = _silent,
    source: Source | None = None,
) -> FetchReport:
    """Bring the dataset into the folder `to`, as far as it can be had, and report.

    Run again, it resumes; where everything is there it asks no server at all. Files
    that are there with other content are left as they are. `source` replaces what
    the package knows of the dataset's origin. Raises InputError where a question
    file cannot be had or the folder cannot be used; images that cannot be had are
    in the report.
    """
    source = source or load_source(NAME)
    try:
        root = open_folder(to)
        with only_one(root):
            async with open_session(settings) as session:
                fetched = await _fetch_files(session, root, source, settings)
                ledger = Ledger(root, progress)
                await _fetch_images(session, source, ledger, settings)
    except OSError as error:
        raise InputError(f"{error.filename or to}: {error.strerror or error}") from error
    return ledger.report(source, fetched)


async def _fetch_files(
    session: aiohttp.ClientSession, root: Path, source: Source, settings: FetchSettings
) -> int:
    """Fetch the question files that are not there; returns how many."""
    base = URL(settings.questions_url or source.questions_url)
    missing = [file for file in source.files if not _is_there(root, file)]
    for file in missing:
        wanted = Wanted(
            url=base.joinpath(*file.path.split("/")),
            target=file.path,
            algorithm="sha256",
            checksum=file.sha256,
            limit=file.size,
        )
        try:
            await download(session, root, wanted, settings)
        except Failed as error:
            raise InputError(f"{file.path} cannot be had from {base}: {error}") from None
    return len(missing)


def _is_there(root: Path, file: SourceFile) -> bool:
    target = place(root, file.path)
    if not target.exists():
        return False
    if digests(target).sha256 != file.sha256:
        raise InputError(
            f"{target} is not upstream's file at the pinned commit; it was left as it is, "
            "move it away or fetch to another folder"
        )
    return True


async def _fetch_images(
    session: aiohttp.ClientSession, source: Source, ledger: Ledger, settings: FetchSettings
) -> None:
    bucket = URL(settings.images_url or source.images.url)
    places = asyncio.Semaphore(settings.parallel)
    silent = 0

    async def one_article(figures: list[Figure]) -> None:
        nonlocal silent
        async with places:
            if silent >= GIVE_UP:
                reason = Failed(f"not asked for, since {bucket.host} does not answer")
                for figure in figures:
                    ledger.add(figure, reason)
                return
            answered = await fetch_figures(
                session, ledger.root, bucket, figures, settings, ledger.add
            )
            silent = 0 if answered else silent + 1

    articles = [list(group) for _, group in groupby(ledger.missing(), key=lambda one: one.article)]
    try:
        async with asyncio.TaskGroup() as tasks:
            for figures in articles:
                tasks.create_task(one_article(figures))
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from errors
    finally:
        ledger.save()

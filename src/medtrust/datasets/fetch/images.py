"""Images out of articles: each found, verified, saved under its local number, recorded."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import msgspec
from yarl import URL

from medtrust.datasets.fetch.download import Wanted, download
from medtrust.datasets.fetch.folder import Digests, digests, place
from medtrust.datasets.fetch.http import Failed, Silent
from medtrust.datasets.fetch.pmc import Article, checksums, file_url, find_article
from medtrust.datasets.fetch.settings import FetchSettings
from medtrust.datasets.files import is_bare_name

FOLDER = "data/images"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure of an article, and the number it has in the dataset."""

    local: int
    article: str
    file: str

    @property
    def target(self) -> str:
        """Path of the image under the user's folder."""
        return f"{FOLDER}/{self.local}.jpg"


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where an image came from: one entry of `licenses.json`."""

    article: str
    version: int
    file: str
    md5: str
    sha256: str
    license: str
    retracted: bool
    other_versions: dict[str, str] = {}
    """Version -> MD5 of versions of the article whose file has other bytes."""
    note: str = ""


Records = dict[str, dict[str, object]]
"""Local number -> entry of `licenses.json`, as read; entries of others are left alone."""


def check_figure(figure: Figure) -> None:
    """Raise Failed where what the data file says of a figure cannot be asked for."""
    if not figure.article:
        raise Failed("its link names no PMC article")
    if not is_bare_name(figure.file):
        raise Failed(f"{figure.file!r} is not a plain file name, so it was not asked for")


def is_done(root: Path, figure: Figure, records: Records) -> bool:
    """Whether an earlier fetch saved this very file; raises Failed if it was changed since."""
    target = place(root, figure.target)
    recorded = records.get(str(figure.local), {}).get("sha256")
    if not recorded or not target.exists():
        return False
    if digests(target).sha256 != recorded:
        raise Failed(f"{target} was changed since it was fetched; move it away to fetch it again")
    return True


async def fetch_figures(
    session: aiohttp.ClientSession,
    root: Path,
    bucket: URL,
    figures: Sequence[Figure],
    settings: FetchSettings,
    report: Callable[[Figure, tuple[Record, bool] | Failed], None],
) -> bool:
    """Fetch figures of one article, and report each one's record and whether it is new.

    Returns whether the server answered at all.
    """
    try:
        article = await find_article(session, bucket, figures[0].article, settings)
    except Failed as error:
        for figure in figures:
            report(figure, error)
        return not isinstance(error, Silent)
    for figure in figures:
        try:
            report(figure, await _fetch(session, root, bucket, article, figure, settings))
        except Failed as error:
            report(figure, error)
    return True


async def _fetch(
    session: aiohttp.ClientSession,
    root: Path,
    bucket: URL,
    article: Article,
    figure: Figure,
    settings: FetchSettings,
) -> tuple[Record, bool]:
    known = checksums(article, figure.file)
    if not known:
        versions = ", ".join(str(version) for version in sorted(article.versions))
        raise Failed(f"the article lists no file of this name (versions {versions})")
    target = place(root, figure.target)
    if target.exists():
        found = digests(target)
        same = [version for version, md5 in known.items() if md5 == found.md5]
        if not same:
            raise Failed(f"{target} is there with other content; move it away to fetch the image")
        return _record(article, figure, same[0], found, known), False
    version, md5 = next(iter(known.items()))
    wanted = Wanted(
        url=file_url(bucket, article.id, version, figure.file),
        target=figure.target,
        algorithm="md5",
        checksum=md5,
        limit=settings.max_image_bytes,
    )
    found = await download(session, root, wanted, settings)
    return _record(article, figure, version, found, known), True


def _record(
    article: Article, figure: Figure, version: int, found: Digests, known: Mapping[int, str]
) -> Record:
    others = {str(other): md5 for other, md5 in known.items() if md5 != found.md5}
    notes = []
    if others:
        notes.append(f"version {version} was taken; versions {', '.join(others)} have other bytes")
    notes += [f"version {other} could not be read: {why}" for other, why in article.unread.items()]
    return Record(
        article=article.id,
        version=version,
        file=figure.file,
        md5=found.md5,
        sha256=found.sha256,
        license=article.versions[version].license_code or "",
        retracted=article.retracted,
        other_versions=others,
        note="; ".join(notes),
    )

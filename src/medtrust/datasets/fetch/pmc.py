"""PubMed Central's open-access bucket: which versions of an article hold a file.

Layout (mediconfusion.md section 1): `PMC<id>.<version>/<file>`, and beside the
folders `metadata/PMC<id>.<version>.json` with the licence and each file's MD5.
Nothing that the bucket says is used as a path or an address: of a listing only
the version numbers are kept, of the metadata only checksums, licence and
retraction.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from xml.parsers import expat

import aiohttp
import msgspec
from yarl import URL

from medtrust.datasets.fetch.http import Failed, read
from medtrust.datasets.fetch.settings import FetchSettings

MAX_LISTING = 2**20
MAX_METADATA = 4 * 2**20
MAX_VERSIONS = 10
"""Only the newest so many versions of an article are looked at."""


class Metadata(msgspec.Struct, frozen=True):
    """What we read of an article's metadata."""

    license_code: str | None = None
    is_retracted: bool | None = None
    media_urls: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """An article in the bucket: version -> metadata, and what could not be read."""

    id: str
    versions: Mapping[int, Metadata]
    unread: Mapping[int, str] = field(default_factory=dict)

    @property
    def retracted(self) -> bool:
        """Whether any version is marked as retracted."""
        return any(metadata.is_retracted for metadata in self.versions.values())


async def find_article(
    session: aiohttp.ClientSession, bucket: URL, article: str, settings: FetchSettings
) -> Article:
    """List an article's versions and read their metadata; raises Failed."""
    query = {"list-type": "2", "delimiter": "/", "prefix": f"{article}."}
    listing = await read(session, bucket.with_query(query), limit=MAX_LISTING, settings=settings)
    found = parse_listing(listing, article)
    if not found:
        raise Failed(f"the bucket has no article {article}")
    versions: dict[int, Metadata] = {}
    unread: dict[int, str] = {}
    for version in found[:MAX_VERSIONS]:
        url = bucket / "metadata" / f"{article}.{version}.json"
        try:
            data = await read(session, url, limit=MAX_METADATA, settings=settings)
            versions[version] = parse_metadata(data)
        except Failed as error:
            unread[version] = str(error)
    if not versions:
        raise Failed(f"no metadata of {article}: {next(iter(unread.values()))}")
    return Article(id=article, versions=versions, unread=unread)


def file_url(bucket: URL, article: str, version: int, name: str) -> URL:
    """Address of a file of an article."""
    return bucket / f"{article}.{version}" / name


def checksums(article: Article, name: str) -> dict[int, str]:
    """Version -> MD5 of the file `name`, newest first, for the versions that have it."""
    found = {}
    for version in sorted(article.versions, reverse=True):
        for url in article.versions[version].media_urls or ():
            md5 = _media_md5(url, f"/{article.id}.{version}/{name}")
            if md5:
                found[version] = md5
                break
    return found


def parse_listing(data: bytes, article: str) -> list[int]:
    """Versions in an answer to ListObjectsV2, newest first.

    Prefixes of any other form than `PMC<id>.<number>/` are passed over. Raises
    Failed for anything but well-formed XML without a document type.
    """
    wanted = re.compile(re.escape(article) + r"\.(\d{1,4})/")
    versions: set[int] = set()
    path: list[str] = []
    text: list[str] = []

    def start(name: str, _attributes: dict[str, str]) -> None:
        path.append(name)
        text.clear()

    def end(_name: str) -> None:
        if path[1:] == ["CommonPrefixes", "Prefix"]:
            found = wanted.fullmatch("".join(text))
            if found:
                versions.add(int(found[1]))
        path.pop()

    def refuse(*_declaration: object) -> None:
        raise Failed(f"the listing of {article} declares a document type, which none should")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text.append
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise Failed(f"the listing of {article} is not readable XML ({error})") from None
    return sorted(versions, reverse=True)


def parse_metadata(data: bytes) -> Metadata:
    """An article's metadata; raises Failed where it is not of the known shape."""
    try:
        return msgspec.json.decode(data, type=Metadata)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Failed(f"the metadata are not of the known shape ({error})") from None


def _media_md5(url: str, path: str) -> str:
    """MD5 that a media address carries (`...?md5=<hex>`) if it is that of `path`."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    found = re.fullmatch(r"md5=([0-9a-f]{32})", parts.query)
    return found[1] if found and parts.path == path else ""

"""One file: resumed where it broke off, verified, and only then given its name."""

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import aiohttp
from yarl import URL

from medtrust.datasets.fetch.folder import (
    WORK,
    Digests,
    digests,
    discard,
    part_size,
    place,
    settle,
    write_from,
)
from medtrust.datasets.fetch.http import Failed, Unanswered, get, retrying
from medtrust.datasets.fetch.settings import FetchSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A file to be had: where it goes, and how to tell that it is the right one."""

    url: URL
    target: str
    """Path under the user's folder, with `/`."""
    algorithm: Literal["md5", "sha256"]
    checksum: str
    """What the finished file's checksum must be, in hexadecimal."""
    limit: int
    """Largest size in bytes."""

    def is_right(self, found: Digests) -> bool:
        """Whether these are the checksums of the file that is wanted."""
        return self.checksum == (found.md5 if self.algorithm == "md5" else found.sha256)


async def download(
    session: aiohttp.ClientSession, root: Path, wanted: Wanted, settings: FetchSettings
) -> Digests:
    """Fetch a file that is not there yet, and return its checksums.

    Bytes are gathered in a `.part` file in the work folder. An attempt, or a later
    process, asks for the rest of it with a Range request (RFC 9110 section 14.2). A
    file with a wrong checksum is discarded. Raises Failed where it cannot be had,
    InputError where it cannot be written.
    """
    target = place(root, wanted.target)
    part = place(root, f"{WORK}/{target.name}.{wanted.checksum[:16]}.part")

    async def attempt() -> Digests:
        # A process may have been stopped between the last byte and the new name.
        if part_size(part) and wanted.is_right(found := await asyncio.to_thread(digests, part)):
            return found
        resumed = await _receive(session, wanted.url, part, wanted.limit)
        found = await asyncio.to_thread(digests, part)
        if wanted.is_right(found):
            return found
        discard(part)
        if resumed:
            raise Unanswered("the parts of the file do not fit together")
        raise Failed(f"wrong {wanted.algorithm} checksum, so the file was discarded")

    found = await retrying(settings, attempt)
    settle(part, target)
    return found


async def _receive(session: aiohttp.ClientSession, url: URL, part: Path, limit: int) -> bool:
    """Add what is missing to `part`; returns whether earlier bytes were kept."""
    have = part_size(part)
    async with get(session, url, {"Range": f"bytes={have}-"} if have else None) as response:
        if response.status == 416:
            discard(part)
            raise Unanswered("the server has less of the file than came before")
        start = _start(response)
        if start not in {0, have}:
            raise Failed(f"asked for the bytes from {have} on, got those from {start} on")
        size = start + (response.content_length or 0)
        with write_from(part, start) as file:
            while size <= limit and (chunk := await response.content.read(1 << 16)):
                file.write(chunk)
                size = max(size, file.tell())
        if size > limit:
            discard(part)
            raise Failed(f"larger than the {limit} bytes allowed")
    return start > 0


def _start(response: aiohttp.ClientResponse) -> int:
    """Offset of the body in the file; a server may ignore the Range and send all of it."""
    if response.status == 200:
        return 0
    found = re.match(r"bytes (\d{1,18})-", response.headers.get("Content-Range", ""))
    if not found:
        raise Failed("a part of the file came without saying which")
    return int(found[1])

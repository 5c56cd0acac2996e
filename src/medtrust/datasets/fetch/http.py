"""Asking a server for a file: bounded, patient to a point, and not led astray."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TypeVar

import aiohttp
from yarl import URL

import medtrust
from medtrust.common.network import proxy_for, trusted_certificates
from medtrust.datasets.fetch.settings import FetchSettings
from medtrust.errors import InputError

T = TypeVar("T")

MAX_REDIRECTS = 5
MAX_PAUSE_S = 60.0
CONNECT_S = 15.0


class Failed(Exception):  # noqa: N818 - an outcome of one file, which ends up in the report
    """This file cannot be had; the message is the reason for people."""


class Silent(Failed):
    """Asked as often as the settings allow, and never answered."""


class Unanswered(Failed):
    """Asking again may help. `retry_after` is the server's own wish in seconds."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


def open_session(settings: FetchSettings) -> aiohttp.ClientSession:
    """One client for a whole fetch. Bodies are taken as sent, so that sizes mean bytes.

    Raises InputError for certificates that cannot be used.
    """
    try:
        certificates = trusted_certificates()
    except ValueError as error:
        raise InputError(str(error)) from None
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=settings.parallel, ssl=certificates),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=settings.attempt_s, sock_connect=CONNECT_S),
        headers={
            "Accept-Encoding": "identity",
            "User-Agent": f"medtrust/{medtrust.__version__}",
        },
        auto_decompress=False,
    )


@asynccontextmanager
async def get(
    session: aiohttp.ClientSession, url: URL, headers: Mapping[str, str] | None = None
) -> AsyncIterator[aiohttp.ClientResponse]:
    """Request `url`; raises Unanswered or Failed, also for faults while the body is read.

    `headers` ask for a part of the file; only then may the answer be one of a part.
    Redirects are followed to the same server or to https only.
    """
    try:
        for _ in range(MAX_REDIRECTS + 1):
            async with session.get(
                url, headers=headers, proxy=_proxy(url), allow_redirects=False
            ) as response:
                if response.status not in {301, 302, 303, 307, 308}:
                    _check_status(response, {200, 206, 416} if headers else {200})
                    yield response
                    return
                url = _next(url, response.headers.get("Location", ""))
        raise Failed(f"more than {MAX_REDIRECTS} redirects")
    except (aiohttp.InvalidURL, aiohttp.ClientSSLError) as error:
        raise Failed(f"{url.host} cannot be asked ({error})") from None
    except TimeoutError:
        raise Unanswered(f"{url.host} was too slow") from None
    except aiohttp.ClientHttpProxyError as error:
        kind = Unanswered if error.status >= 500 else Failed
        raise kind(f"the proxy gives no way to {url.host} (HTTP {error.status})") from None
    except aiohttp.ClientError as error:
        raise Unanswered(f"the connection to {url.host} failed ({_brief(error)})") from None


async def retrying(settings: FetchSettings, attempt: Callable[[], Awaitable[T]]) -> T:
    """Run `attempt` until it does not raise Unanswered, with growing pauses.

    After the last attempt that the settings allow, raises Silent.
    """
    for number in range(settings.attempts):
        try:
            return await attempt()
        except Unanswered as error:
            reason, wish = str(error), error.retry_after
        if number + 1 < settings.attempts:
            pause = settings.backoff_s * 2**number * random.uniform(0.5, 1.0)
            await asyncio.sleep(min(max(pause, wish or 0.0), MAX_PAUSE_S))
    raise Silent(f"{reason}, {settings.attempts} attempts")


async def read(
    session: aiohttp.ClientSession, url: URL, *, limit: int, settings: FetchSettings
) -> bytes:
    """The body at `url`, which may have at most `limit` bytes; raises Failed."""

    async def attempt() -> bytes:
        async with get(session, url) as response:
            body = bytearray()
            async for chunk in response.content.iter_chunked(1 << 16):
                body += chunk
                if len(body) > limit:
                    raise Failed(f"{url.path} is larger than the {limit} bytes allowed")
            return bytes(body)

    return await retrying(settings, attempt)


def _proxy(url: URL) -> URL | None:
    try:
        return proxy_for(url)
    except ValueError as error:
        raise Failed(str(error)) from None


def _check_status(response: aiohttp.ClientResponse, good: set[int]) -> None:
    status, path = response.status, response.url.path
    if status == 407:
        raise Failed(f"the proxy wants a name and a password for {response.url.host} (HTTP 407)")
    if status in good:
        return
    if status == 429 or status >= 500:
        wish = response.headers.get("Retry-After", "")
        raise Unanswered(
            f"HTTP {status} for {path}", retry_after=float(wish) if wish.isdecimal() else None
        )
    raise Failed(f"HTTP {status} for {path}")


def _next(url: URL, location: str) -> URL:
    try:
        target = url.join(URL(location))
    except ValueError:
        raise Failed("redirected to something that is no address") from None
    if target.scheme == "https" or (target.absolute and target.origin() == url.origin()):
        return target
    raise Failed(f"redirected to another server without https ({target.host})")


def _brief(error: Exception) -> str:
    """An error's text on one line, or its kind where it has none."""
    return " ".join(str(error).split())[:200] or type(error).__name__

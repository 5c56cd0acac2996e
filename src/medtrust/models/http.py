"""One client for every server that is asked: JSON out, bytes in, errors that say what to do."""

import base64
import io
import os
import ssl
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import aiohttp
import msgspec
from yarl import URL

from medtrust.common.network import proxy_for, trusted_certificates
from medtrust.errors import (
    AccessError,
    FatalError,
    InputError,
    ModelError,
    TransientError,
    UnreachableError,
)
from medtrust.models.connections import KEPT_OPEN, OnlyReply, Recent, RestedConnector
from medtrust.models.presets import Endpoint
from medtrust.models.reply import MAX_REPLY_BYTES, body_of, check_status, one_line

CONNECT = 30.0
"""Seconds for a connection, and at most half of `--timeout`."""
LARGE = 2**20
"""Bytes of a request, above which it is sent in pieces."""
HEADER = 2**16
"""Bytes of one header of a reply that are read."""


class JsonClient:
    """Posts JSON to one server over connections that stay open.

    Follows no redirect, since it could carry a key and images to another host.
    """

    def __init__(self, at: Endpoint, timeout: float) -> None:
        """Connect to nothing yet; raises InputError for a proxy or a name that is none."""
        try:
            self._proxy = proxy_for(URL(at.url))
        except ValueError as error:
            raise InputError(str(error)) from None
        self._at = replace(at, secrets=_secrets(self._proxy))
        self._timeout = timeout
        self._session: aiohttp.ClientSession | None = None
        self._left: list[aiohttp.ClientSession] = []
        """Sessions that get no more questions and may still wait for replies."""
        self._recent = Recent()

    async def post(self, path: str, body: Mapping[str, Any], hide: Collection[str] = ()) -> bytes:
        """What the server answers, less the key and what is to be hidden of it.

        Raises FatalError, TransientError, RejectedError or UnsupportedError for all else.
        """
        sent = msgspec.json.encode(body)
        data = await self._post(path, sent, hide)
        if not self._recent.add(data):
            return data
        # It may be the reply to an earlier question, late. On a new connection it cannot be.
        if self._session is not None:
            self._left.append(self._session)
            self._session = None
        data = await self._post(path, sent, hide)
        self._recent.add(data)
        return data

    async def _post(self, path: str, sent: bytes, hide: Collection[str]) -> bytes:
        if self._session is None:
            self._session = self._connected()
        url = self._at.url
        try:
            reply = await self._session.post(
                URL(url + path),
                # A file is sent in pieces: in one, this much would hold up other requests.
                data=sent if len(sent) <= LARGE else io.BytesIO(sent),
                allow_redirects=False,
            )
            packed = await _received(reply)
        except (aiohttp.ClientError, TimeoutError, UnicodeError) as error:
            raise self._told(error) from None
        if reply.status == 407:
            raise self._no_password()
        packing = reply.headers.get("Content-Encoding", "")
        data = self._at.redact(body_of(reply.status, packed, packing, url), hide)
        check_status(reply.status, reply.headers, data, self._at)
        return data

    def _connected(self) -> aiohttp.ClientSession:
        try:
            secure = "https" in {URL(self._at.url).scheme, self._proxy and self._proxy.scheme}
            certificates = trusted_certificates() if secure else True
        except ValueError as error:
            raise FatalError(str(error)) from None
        return aiohttp.ClientSession(
            # Whoever asks bounds how many requests are open.
            connector=RestedConnector(ssl=certificates, limit=0, keepalive_timeout=KEPT_OPEN),
            response_class=OnlyReply,
            proxy=self._proxy,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(
                total=self._timeout, connect=min(self._timeout / 2, CONNECT)
            ),
            headers={
                **self._at.headers,
                "Content-Type": "application/json",
                # Replies are small; one that is packed all the same is unpacked within bounds.
                "Accept-Encoding": "identity",
                "User-Agent": "medtrust",
            },
            auto_decompress=False,
            max_field_size=HEADER,
        )

    def _told(self, error: Exception) -> ModelError:
        """What went wrong, without aiohttp's words, which may hold addresses and passwords."""
        url = self._at.url
        if isinstance(error, aiohttp.ClientConnectorCertificateError):
            why = getattr(error.certificate_error, "verify_message", "") or "another host's"
            return FatalError(f"{url}: certificate not accepted ({why})")
        if isinstance(error, aiohttp.ClientHttpProxyError) and error.status == 407:
            return self._no_password()
        if isinstance(error, aiohttp.ClientHttpProxyError) and 400 <= error.status < 500:
            why = f"the proxy {self._shown_proxy} gives no way to it (HTTP {error.status})"
            return AccessError(f"{url}: {why}; ask who runs it, or list the host in NO_PROXY")
        if why := _not_connected(error):
            way = f" through the proxy {self._shown_proxy}" if self._proxy else ""
            hint = "does it reach the server?" if self._proxy else "is the server running?"
            return UnreachableError(f"{url}: cannot connect{way} ({why}); {hint}")
        if isinstance(error, TimeoutError):
            return TransientError(f"{url}: no answer within {self._timeout:g} s")
        return TransientError(f"{url}: the connection broke ({_broken(error)})")

    def _no_password(self) -> ModelError:
        return AccessError(
            f"{self._at.url}: the proxy {self._shown_proxy} wants a name and a password (HTTP 407);"
            " set HTTPS_PROXY or HTTP_PROXY to http://NAME:PASSWORD@HOST:PORT"
        )

    @property
    def _shown_proxy(self) -> str:
        return str(self._proxy.origin()) if self._proxy else "on the way"

    async def close(self) -> None:
        """Close the connections."""
        for session in filter(None, (self._session, *self._left)):
            await session.close()
        self._session, self._left = None, []


def require_key(at: Endpoint, who: str) -> None:
    """Raises FatalError where a server needs a key and its variable is not set."""
    if at.lacks_key:
        raise FatalError(f"{who}: set {at.key_variable} to your key (it is never written down)")


async def _received(reply: aiohttp.ClientResponse) -> bytes:
    """A body as it was sent, up to a piece more than is allowed."""
    data = bytearray()
    try:
        while len(data) <= MAX_REPLY_BYTES and (piece := await reply.content.readany()):
            data += piece
    finally:
        if not reply.content.at_eof():
            reply.close()
    return bytes(data)


def _secrets(proxy: URL | None) -> tuple[str, ...]:
    """What a proxy could quote of its password."""
    if proxy is None or proxy.password is None:
        return ()
    pair = f"{proxy.user or ''}:{proxy.password}"
    return proxy.password, proxy.raw_password or "", base64.b64encode(pair.encode()).decode()


def _not_connected(error: Exception) -> str:
    """Why there is no connection; empty where there was one."""
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return f"HTTP {error.status} {one_line(error.message)}"
    if isinstance(error, aiohttp.ClientConnectorError):
        return _why(error.os_error)
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return "it does not answer"
    lost = isinstance(error, aiohttp.InvalidURL | UnicodeError)
    return "its name cannot be looked up" if lost else ""


def _why(error: OSError) -> str:
    """What failed, in the system's words."""
    if isinstance(error, ssl.SSLError):
        return error.reason or "TLS failed"
    # asyncio's own text names the socket's address; a failed look-up has no errno above 0.
    if error.errno is not None and error.errno > 0:
        return os.strerror(error.errno)
    return error.strerror or type(error).__name__


def _broken(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientResponseError):
        return "what came is no HTTP"
    if isinstance(error, aiohttp.ClientPayloadError):
        return "it was closed amid a reply"
    return os.strerror(error.errno) if isinstance(error, OSError) and error.errno else "no reply"

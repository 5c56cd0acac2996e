"""One client for every server that is asked: JSON out, bytes in, errors that say what to do."""

import ipaddress
import os
import ssl
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import msgspec

from medtrust.errors import FatalError, RejectedError, TransientError, UnsupportedError
from medtrust.models.presets import Endpoint

MAX_REPLY_BYTES = 8 * 1024 * 1024
"""A reply over this is no answer to a question: reading stops there."""


class JsonClient:
    """Posts JSON to one server over connections that stay open."""

    def __init__(self, at: Endpoint, timeout: float) -> None:
        self._at = at
        self._timeout = aiohttp.ClientTimeout(total=timeout, sock_connect=min(timeout, 30))
        self._session: aiohttp.ClientSession | None = None

    async def post(self, path: str, body: Mapping[str, Any], hide: Collection[str] = ()) -> bytes:
        """What the server answers under 200, less the key and what is to be hidden of it.

        Raises FatalError, TransientError, RejectedError or UnsupportedError for all else.
        """
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers={**self._at.headers, "Content-Type": "application/json"},
                timeout=self._timeout,
                connector=aiohttp.TCPConnector(limit=0),
                # No ~/.netrc and no proxy variables: keys and images go where the user said.
                trust_env=False,
            )
        encoded = msgspec.json.encode(body)
        try:
            # A redirect could carry the key and the images to another host.
            async with self._session.post(
                f"{self._at.url}{path}", data=encoded, allow_redirects=False
            ) as reply:
                data = self._at.redact(await _read(reply), hide)
                _check(reply.status, reply.headers, data, self._at)
        except aiohttp.ClientConnectorCertificateError as error:
            raise FatalError(f"{self._at.url}: certificate not accepted ({_why(error)})") from None
        except TimeoutError:
            raise TransientError(
                f"{self._at.url}: no answer within {self._timeout.total:g} s"
            ) from None
        except aiohttp.ClientConnectorError as error:
            raise TransientError(
                f"{self._at.url}: cannot connect ({_why(error)}); is the server running?"
            ) from None
        except (aiohttp.ClientError, OSError) as error:
            raise TransientError(f"{self._at.url}: the connection broke ({_why(error)})") from None
        return data

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None


def require_key(at: Endpoint, who: str) -> None:
    """Raises FatalError where a server needs a key and its variable is not set."""
    if at.lacks_key:
        raise FatalError(f"{who}: set {at.key_variable} to your key (it is never written down)")


def is_loopback(url: str) -> bool:
    """Whether an address can only be this machine's own."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def _read(reply: aiohttp.ClientResponse) -> bytes:
    pieces = bytearray()
    async for piece in reply.content.iter_chunked(65536):
        pieces += piece
        if len(pieces) > MAX_REPLY_BYTES:
            raise RejectedError(f"the server's reply is over {MAX_REPLY_BYTES // 2**20} MiB")
    return bytes(pieces)


def _why(error: aiohttp.ClientError | OSError) -> str:
    """What failed, in the system's words and never in the server's, which may quote the key."""
    cause: Exception = error
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        cause = error.certificate_error
    elif isinstance(error, aiohttp.ClientConnectorError):
        cause = error.os_error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return cause.verify_message
    if isinstance(cause, ssl.SSLError):
        return cause.reason or "TLS failed"
    if isinstance(cause, OSError):
        # asyncio's own text names the socket's address; a failed look-up has no errno above 0.
        if cause.errno is not None and cause.errno > 0:
            return os.strerror(cause.errno)
        return cause.strerror or type(cause).__name__
    return type(cause).__name__


def _check(status: int, headers: Mapping[str, str], data: bytes, at: Endpoint) -> None:
    """Turn an HTTP status that is no answer into the error that says what to do."""
    if status == 200:
        return
    detail = _reason(data)
    where = f"{at.url}: HTTP {status}"
    # OpenAI answers 403 where a model gives none.
    if status in {400, 403, 422} and "logprobs" in detail.casefold():
        raise UnsupportedError(f"{where} ({detail}); it takes no logprobs")
    if status in {401, 403}:
        variable = at.key_variable or "the server's key"
        raise FatalError(f"{where}, access refused ({detail}); check {variable}")
    if status == 404:
        raise FatalError(f"{where} ({detail}); check --base-url and the model's name")
    if "insufficient_quota" in detail or status == 402:
        raise FatalError(f"{where}, nothing left to spend ({detail})")
    if status in {408, 409, 425, 429} or status >= 500:
        raise TransientError(
            f"{where} ({detail})",
            retry_after=_seconds(headers.get("Retry-After")),
            throttled=status in {429, 503, 529},
        )
    raise RejectedError(f"{where} ({detail})")


def _reason(data: bytes) -> str:
    """The message of an error body, in one bounded line."""
    try:
        found = msgspec.json.decode(data)
        while isinstance(found, dict) and (found.get("error") or found.get("message")):
            found = found.get("error") or found.get("message")
    except (msgspec.DecodeError, RecursionError):
        found = data.decode(errors="replace")
    return " ".join(str(found).split())[:300]


def _seconds(value: str | None) -> float | None:
    """Retry-After in its form of seconds; a date is left to the backoff (clocks differ)."""
    try:
        return max(0.0, float(value)) if value else None
    except ValueError:
        return None

"""One client for every server that is asked: JSON out, bytes in, errors that say what to do."""

import io
import ipaddress
import os
import ssl
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import msgspec
from aiohttp.payload import TOO_LARGE_BYTES_BODY
from yarl import URL

from medtrust.errors import FatalError, TransientError
from medtrust.models.presets import Endpoint
from medtrust.models.reply import check_status, read_body
from medtrust.models.time_limit import TimeLimit


class _Connections(aiohttp.TCPConnector):
    """Connections that are used again only where nothing is left over on them.

    A server, or a proxy before it, that sends more than it was asked for would have the
    rest taken for the answer to the next question: a wrong answer that looks right.
    """

    async def connect(self, *request: Any, **how: Any) -> aiohttp.connector.Connection:
        """A connection on which nothing has come before anything was asked."""
        while True:
            connection = await super().connect(*request, **how)
            if connection.protocol is None or not connection.protocol.should_close:
                return connection
            connection.close()


class JsonClient:
    """Posts JSON to one server over connections that stay open."""

    def __init__(self, at: Endpoint, timeout: float) -> None:
        self._at = at
        self._timeout = timeout
        self._open: tuple[aiohttp.ClientSession, TimeLimit] | None = None
        self._urls: dict[str, URL] = {}

    async def post(self, path: str, body: Mapping[str, Any], hide: Collection[str] = ()) -> bytes:
        """What the server answers under 200, less the key and what is to be hidden of it.

        Raises FatalError, TransientError, RejectedError or UnsupportedError for all else.
        """
        if self._open is None:
            self._open = (self._session(), TimeLimit(self._timeout))
        session, limit = self._open
        encoded = msgspec.json.encode(body)
        if path not in self._urls:
            self._urls[path] = URL(f"{self._at.url}{path}")
        try:
            with limit:
                reply = await session.post(
                    # A redirect could carry the key and the images to another host.
                    self._urls[path],
                    data=_payload(encoded),
                    allow_redirects=False,
                )
                try:
                    data = await read_body(reply, self._at.url)
                finally:
                    if not reply.closed:
                        # Cut short: the rest of it is no answer to the next question.
                        reply.close()
        except aiohttp.ClientConnectorCertificateError as error:
            raise FatalError(f"{self._at.url}: certificate not accepted ({_why(error)})") from None
        except TimeoutError:
            raise TransientError(f"{self._at.url}: no answer within {self._timeout:g} s") from None
        except aiohttp.ClientConnectorError as error:
            raise TransientError(
                f"{self._at.url}: cannot connect ({_why(error)}); is the server running?"
            ) from None
        except (aiohttp.ClientError, OSError) as error:
            raise TransientError(f"{self._at.url}: the connection broke ({_why(error)})") from None
        data = self._at.redact(data, hide)
        check_status(reply.status, reply.headers, data, self._at)
        return data

    def _session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            # Replies are small; one that is packed all the same is unpacked within bounds.
            headers={
                **self._at.headers,
                "Content-Type": "application/json",
                "Accept-Encoding": "identity",
            },
            auto_decompress=False,
            # `post` limits the time of the whole request.
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=min(self._timeout, 30)),
            connector=_Connections(limit=0),
            # Nothing that a server would have us remember of one question goes with the next.
            cookie_jar=aiohttp.DummyCookieJar(),
            # No ~/.netrc and no proxy variables: keys and images go where the user said.
            trust_env=False,
        )

    async def close(self) -> None:
        """Close the connections."""
        if self._open is not None:
            session, limit = self._open
            self._open = None
            limit.close()
            await session.close()


def _payload(encoded: bytes) -> bytes | io.BytesIO:
    """A large body as a file, which aiohttp sends in pieces so that others are not kept waiting."""
    return encoded if len(encoded) <= TOO_LARGE_BYTES_BODY else io.BytesIO(encoded)


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

"""One client for every server that is asked: JSON out, bytes in, errors that say what to do."""

import ipaddress
import os
import ssl
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from medtrust.errors import FatalError, TransientError, UnreachableError
from medtrust.models.presets import Endpoint
from medtrust.models.reply import MAX_REPLY_BYTES, body_of, check_status, too_long
from medtrust.models.time_limit import TimeLimit
from medtrust.models.wire import BrokenError, ConnectError, TooLongError, Wire

CONNECT = 30.0
"""Seconds for a connection, where `--timeout` gives no fewer."""


class JsonClient:
    """Posts JSON to one server over connections that stay open."""

    def __init__(self, at: Endpoint, timeout: float) -> None:
        self._at = at
        self._timeout = timeout
        self._open: tuple[Wire, TimeLimit] | None = None

    async def post(self, path: str, body: Mapping[str, Any], hide: Collection[str] = ()) -> bytes:
        """What the server answers, less the key and what is to be hidden of it.

        Raises FatalError, TransientError, RejectedError or UnsupportedError for all else.
        """
        if self._open is None:
            self._open = (self._wire(), TimeLimit(self._timeout))
        wire, limit = self._open
        encoded = msgspec.json.encode(body)
        url = self._at.url
        try:
            with limit:
                reply = await wire.post(path, encoded)
        except ConnectError as error:
            if isinstance(error.cause, ssl.SSLCertVerificationError):
                why = error.cause.verify_message
                raise FatalError(f"{url}: certificate not accepted ({why})") from None
            why = _why(error.cause)
            line = f"{url}: cannot connect ({why}); is the server running?"
            raise UnreachableError(line) from None
        except TimeoutError:
            raise TransientError(f"{url}: no answer within {self._timeout:g} s") from None
        except BrokenError as error:
            raise TransientError(f"{url}: the connection broke ({error})") from None
        except TooLongError:
            raise too_long(url) from None
        data = self._at.redact(body_of(reply, url), hide)
        check_status(reply.status, reply.headers, data, self._at)
        return data

    def _wire(self) -> Wire:
        headers = {
            **self._at.headers,
            "Content-Type": "application/json",
            # Replies are small; one that is packed all the same is unpacked within bounds.
            "Accept-Encoding": "identity",
        }
        connect = min(self._timeout, CONNECT)
        return Wire(self._at.url, headers, largest=MAX_REPLY_BYTES, connect=connect)

    async def close(self) -> None:
        """Close the connections."""
        if self._open is not None:
            wire, limit = self._open
            self._open = None
            limit.close()
            await wire.close()


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


def _why(error: OSError) -> str:
    """What failed, in the system's words."""
    if isinstance(error, TimeoutError):
        return "it does not answer"
    if isinstance(error, ssl.SSLError):
        return error.reason or "TLS failed"
    # asyncio's own text names the socket's address; a failed look-up has no errno above 0.
    if error.errno is not None and error.errno > 0:
        return os.strerror(error.errno)
    return error.strerror or type(error).__name__

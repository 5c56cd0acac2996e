"""aiohttp's connections, kept from giving one question the answer to another.

HTTP/1.1 numbers neither requests nor replies. What a server sends unasked on a connection would be
the answer to the next question on it: a wrong answer that looks right. aiohttp closes a connection
on which more came with a reply, and none on which it came later. What comes before the next
question is found by `RestedConnector`, what comes after it by `Recent`.
"""

import select
from time import monotonic
from typing import Any

import aiohttp
import msgspec

REST = 0.05
"""Seconds that a connection rests between requests. Some servers send a reply again some
milliseconds after it. Others are opened meanwhile: as many as are answered in that time."""
KEPT_OPEN = 15.0
"""Seconds without a request after which a connection is not used again: its server, or what lies
between, may be about to close it."""
KEPT = 1024
"""Replies that are remembered."""


class RestedConnector(aiohttp.TCPConnector):
    """Gives out a connection again once it has rested, and only if nothing came meanwhile."""

    async def _get(self, key: Any, traces: Any) -> Any:
        while waiting := self._conns.get(key):
            # The one that has rested longest is the first.
            if monotonic() - waiting[0][1] < REST:
                return None
            connection = await super()._get(key, traces)
            if connection is None:
                return None
            protocol = connection.protocol
            if protocol is not None and not (protocol.should_close or _has_unread(protocol)):
                return connection
            connection.close()
        return None


class OnlyReply(aiohttp.ClientResponse):
    """Uses up its connection unless it is a plain success.

    Who sends an error before the request was read to its end may take the rest of it for another
    request, or answer it after all.
    """

    async def start(self, connection: Any) -> "OnlyReply":
        """Read the reply's head; see `aiohttp.ClientResponse`."""
        protocol = connection.protocol
        await super().start(connection)
        if self.status != 200:
            protocol.force_close()
        return self


class _Identified(msgspec.Struct):
    id: str | int | None = None


class Recent:
    """The latest replies of a server that gives each an id of its own."""

    def __init__(self) -> None:
        self._replies: dict[tuple[str | int, int], None] = {}
        """The id and a hash of each, the oldest first."""
        self._last: str | int | None = None
        self._ids_differ = False

    def add(self, data: bytes) -> bool:
        """Keep a reply; whether it came before, to the letter.

        Replies without an id, or of a server that gives all the same id, say nothing.
        """
        try:
            number = msgspec.json.decode(data, type=_Identified).id
        except (msgspec.DecodeError, RecursionError):
            return False
        if not number:
            return False
        self._ids_differ |= number != (self._last or number)
        self._last = number
        reply = number, hash(data)
        if reply in self._replies:
            return self._ids_differ
        self._replies[reply] = None
        if len(self._replies) > KEPT:
            del self._replies[next(iter(self._replies))]
        return False


def _has_unread(protocol: Any) -> bool:
    """Whether something has come that the event loop was too busy to read."""
    ready = select.poll()
    ready.register(protocol.transport.get_extra_info("socket").fileno(), select.POLLIN)
    return bool(ready.poll(0))

"""aiohttp's connections, kept from giving one question the answer to another.

HTTP/1.1 numbers neither requests nor replies. What a server sends unasked on a connection would be
the answer to the next question on it: a wrong answer that looks right. aiohttp closes a connection
on which more came with a reply, and none on which it came later.
"""

import asyncio
import select
from typing import Any

import aiohttp

REST = 0.05
"""Seconds that a connection rests between requests. Some servers send a reply again some
milliseconds after it. Others are opened meanwhile: as many as are answered in that time."""
KEPT_OPEN = 15.0
"""Seconds without a request after which a connection is not used again: its server, or what lies
between, may be about to close it."""


class RestedConnector(aiohttp.TCPConnector):
    """Gives out a connection again once it has rested, and only if nothing came meanwhile."""

    def _release(self, key: Any, protocol: Any, *, should_close: bool = False) -> None:
        release = super()._release
        if should_close or protocol.should_close:
            release(key, protocol, should_close=True)
        else:
            asyncio.get_running_loop().call_later(REST, release, key, protocol)

    async def _get(self, key: Any, traces: Any) -> Any:
        while (connection := await super()._get(key, traces)) is not None:
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


def _has_unread(protocol: Any) -> bool:
    """Whether something has come that the event loop was too busy to read."""
    ready = select.poll()
    ready.register(protocol.transport.get_extra_info("socket").fileno(), select.POLLIN)
    return bool(ready.poll(0))

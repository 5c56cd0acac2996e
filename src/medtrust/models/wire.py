"""HTTP/1.1 over connections that stay open, as little of it as posting JSON needs.

A general client takes as long for a request as a whole run takes for it with this one, journal
and all (`benchmarks/throughput.py`). It is good at cookies, redirects, proxies and streams, none
of which are wanted here. Replies come from whoever is at the other end, so what reads them is
llhttp, the parser of Node.js.
"""

import asyncio
import os
import select
import ssl
import time
from collections import deque
from collections.abc import Mapping
from socket import SOCK_STREAM
from typing import NamedTuple, cast

import aiohappyeyeballs
from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser
from yarl import URL

KEPT_OPEN = 15.0
"""Seconds without a request after which a connection is not used again: its server, or what lies
between, may be about to close it."""
REST = 0.05
"""Seconds that a connection rests between requests. Some servers send a reply again some
milliseconds after it; on a connection with a new request it would be that one's answer. Others are
opened meanwhile: as many as requests are answered in that time."""
HEAD = 64 * 1024
"""Bytes of a reply's head, and of all that frames its body, that are read."""
NEXT_ADDRESS = 0.25
"""Seconds until the next of a host's addresses is tried beside the one before (RFC 8305)."""


class Reply(NamedTuple):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    """By their names in small letters."""
    body: bytes


class ConnectError(Exception):
    """No connection; `cause` says why."""

    def __init__(self, cause: OSError) -> None:
        super().__init__(str(cause))
        self.cause = cause


class BrokenError(Exception):
    """No whole reply came; the text says what did, in words of ours."""


class TooLongError(Exception):
    """The body of a successful reply is longer than is read."""


class Wire:
    """Posts to one server; each request has a connection for itself while it is open.

    Follows no redirect, since it could carry a key and images to another host; knows no proxy and
    no cookies. Certificates are checked. For the running event loop.
    """

    def __init__(
        self, url: str, headers: Mapping[str, str], *, largest: int, connect: float
    ) -> None:
        """Connect to nothing yet.

        Args:
            url: `http` or `https`, without a query; posts are to paths below it.
            headers: Sent with each request.
            largest: Bytes of a body that are read.
            connect: Seconds that a connection may take.
        """
        self._url = url
        self._headers = headers
        self._largest = largest
        self._seconds = connect
        self._heads: dict[str, bytes] = {}
        self._idle: deque[_Connection] = deque()
        """By the time they were used last."""
        self._tls: ssl.SSLContext | None = None

    async def post(self, path: str, body: bytes) -> Reply:
        """The reply, whatever its status.

        Raises ConnectError, BrokenError and TooLongError. A request that is cancelled takes its
        connection with it.
        """
        head = self._heads.get(path) or self._head(path)
        connection = self._open() or await self._connect()
        try:
            reply = await connection.ask(b"%b%d\r\n\r\n%b" % (head, len(body), body))
        except BaseException:
            connection.abort()
            raise
        if connection.is_clean:
            connection.since = time.monotonic()
            self._idle.append(connection)
        else:
            connection.abort()
        return reply

    async def close(self) -> None:
        """Close what is open."""
        while self._idle:
            self._idle.pop().abort()
        # The event loop closes a socket at its next turn.
        await asyncio.sleep(0)

    def _open(self) -> "_Connection | None":
        """The connection that has rested for longest, where it can be used again."""
        while self._idle and (rested := time.monotonic() - self._idle[0].since) >= REST:
            connection = self._idle.popleft()
            if connection.is_clean and not connection.has_unread and rested < KEPT_OPEN:
                return connection
            connection.abort()
        return None

    async def _connect(self) -> "_Connection":
        url = URL(self._url)
        if url.raw_host is None or url.port is None:
            raise ValueError(f"{self._url} is no address of a server")
        loop = asyncio.get_running_loop()
        secure = url.scheme == "https"
        if secure and self._tls is None:
            self._tls = ssl.create_default_context()
            self._tls.set_alpn_protocols(["http/1.1"])
        try:
            async with asyncio.timeout(self._seconds):
                addresses = await loop.getaddrinfo(url.raw_host, url.port, type=SOCK_STREAM)
                socket = await aiohappyeyeballs.start_connection(
                    addresses, happy_eyeballs_delay=NEXT_ADDRESS, interleave=1
                )
                # The socket is its transport's from here on, also where this fails.
                _, connection = await loop.create_connection(
                    lambda: _Connection(self._largest),
                    sock=socket,
                    ssl=self._tls if secure else None,
                    server_hostname=url.raw_host if secure else None,
                )
        except UnicodeError:
            raise ConnectError(OSError(None, "its name cannot be looked up")) from None
        except OSError as error:
            raise ConnectError(error) from None
        return connection

    def _head(self, path: str) -> bytes:
        """A request's beginning, up to the body's length."""
        url = URL(f"{self._url}{path}")
        lines = [
            f"POST {url.raw_path} HTTP/1.1",
            f"Host: {url.host_port_subcomponent}",
            "Accept: */*",
            "User-Agent: medtrust",
            *(f"{name}: {value}" for name, value in self._headers.items()),
            "Content-Length: ",
        ]
        head = "\r\n".join(lines)
        if head.count("\n") != len(lines) - 1 or head.count("\r") != len(lines) - 1:
            raise ValueError("a header holds a line break")
        return self._heads.setdefault(path, head.encode())


class _Connection(asyncio.Protocol):
    """A connection, which has one request at a time."""

    def __init__(self, largest: int) -> None:
        self.since = 0.0
        """When it was used last."""
        self._largest = largest
        self._transport: asyncio.Transport
        self._answer: asyncio.Future[Reply] | None = None
        self._used_up = False
        self._begin()

    def _begin(self) -> None:
        self._parser = HttpResponseParser(self)
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []
        self._received = 0
        self._in_body = False

    @property
    def is_clean(self) -> bool:
        """Whether another request may follow: nothing is under way in either direction.

        What a server sends unasked would be taken for the answer to the next question: a wrong
        answer that looks right.
        """
        busy = self._transport.is_closing() or self._transport.get_write_buffer_size()
        return not (self._used_up or busy)

    @property
    def has_unread(self) -> bool:
        """Whether something has come that the event loop was too busy to read."""
        ready = select.poll()
        ready.register(self._transport.get_extra_info("socket").fileno(), select.POLLIN)
        return bool(ready.poll(0))

    def ask(self, request: bytes) -> asyncio.Future[Reply]:
        """Send a request; the future is that of its reply."""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._answer

    def abort(self) -> None:
        """Close at once."""
        self._answer = None
        self._used_up = True
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what is written to."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Read some of a reply."""
        if self._answer is None:
            self.abort()
            return
        self._received += len(data)
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade):
            # What follows a whole reply has spoiled the connection and not the reply.
            self._fail(BrokenError("what came is no HTTP"))
        if self._in_body:
            if self._received > self._largest + HEAD:
                self._too_long()
        elif self._received > HEAD:
            self._fail(BrokenError("the reply's head has no end"))

    def eof_received(self) -> None:
        """The server sends no more, which is the end of a body whose length it did not say."""
        self._used_up = True
        said = self._headers.keys() & {"content-length", "transfer-encoding"}
        if self._in_body and not said:
            self._finish()

    def connection_lost(self, error: Exception | None) -> None:
        """Nothing can come any more."""
        if isinstance(error, OSError) and error.errno:
            # The system's words, without the address that those of asyncio name.
            self._fail(BrokenError(os.strerror(error.errno)))
        else:
            self._fail(BrokenError("it was closed amid a reply" if self._received else "no reply"))

    # What the parser calls.

    def on_message_begin(self) -> None:
        """A reply begins; a second one would be to nothing that was asked."""
        self._used_up = self._used_up or self._answer is None

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or, after the body, something that is read as none."""
        if not self._in_body:
            self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """The body follows."""
        self._in_body = True

    def on_body(self, body: bytes) -> None:
        """Some of the body."""
        self._body.append(body)

    def on_message_complete(self) -> None:
        """The reply is whole, unless it only said that one will come."""
        status = self._parser.get_status_code()
        if status < 200:
            self._headers.clear()
            self._in_body = False
            return
        # Who sends an error before the request was read to its end may take the rest of it for
        # another, or answer it after all.
        self._used_up = self._used_up or status != 200 or not self._parser.should_keep_alive()
        self._finish()

    def _finish(self) -> None:
        """The reply is whole."""
        body = b"".join(self._body)
        if len(body) > self._largest:
            self._too_long()
        else:
            self._give(body)

    def _too_long(self) -> None:
        """An answer without its end is none; an error's status says enough without its body."""
        if 200 <= self._parser.get_status_code() < 300:
            self._fail(TooLongError())
        else:
            self._give(b"")
            self.abort()

    def _give(self, body: bytes) -> None:
        if self._answer is not None and not self._answer.done():
            status = self._parser.get_status_code()
            self._answer.set_result(Reply(status, self._headers, body))
        self._answer = None
        self._begin()

    def _fail(self, error: Exception) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)
        self.abort()

"""The client: one request a connection, whole replies or an error, whatever a server does."""

import asyncio
import contextlib
import itertools
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medtrust.errors import (
    FatalError,
    ModelError,
    RejectedError,
    TransientError,
    UnreachableError,
)
from medtrust.models import connections, http
from medtrust.models.http import JsonClient
from medtrust.models.presets import Endpoint
from medtrust.models.reply import MAX_REPLY_BYTES

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


async def request_of(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """A request's head and body."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        int(line.partition(b":")[2])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    )
    return head, await reader.readexactly(length)


class Server:
    """A server of bytes that counts its connections."""

    def __init__(self, serve: Serve) -> None:
        self.connections = 0
        self.serve = serve
        self.open: set[asyncio.Task[None] | None] = set()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open.add(asyncio.current_task())
        try:
            await self.serve(reader, writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()


def always(*pieces: bytes, close: bool = False) -> Serve:
    """Answer every request on a connection in so many pieces."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await request_of(reader)
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)
            if close:
                return

    return serve


def client(url: str, headers: dict[str, str] | None = None, timeout: float = 20) -> JsonClient:
    """A client of a server that needs no key."""
    at = Endpoint(
        url=url, headers=headers or {}, key_variable="", max_tokens="max_tokens", lacks_key=False
    )
    return JsonClient(at, timeout)


@asynccontextmanager
async def posting_to(
    server: Server,
    headers: dict[str, str] | None = None,
    host: str = "127.0.0.1",
    seconds: float = 20,
) -> AsyncIterator[JsonClient]:
    """A client of a server of bytes."""
    listening = await asyncio.start_server(server, host)
    port = listening.sockets[0].getsockname()[1]
    shown = f"[{host}]" if ":" in host else host
    posting = client(f"http://{shown}:{port}/v1", headers, seconds)
    try:
        yield posting
    finally:
        await posting.close()
        listening.close()
        await asyncio.gather(*filter(None, server.open))


async def test_what_is_sent() -> None:
    seen: list[tuple[bytes, bytes]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await request_of(reader))
        writer.write(OK)

    async with posting_to(Server(serve), {"X-Key": "ab c"}) as posting:
        assert await posting.post("/ask it", {"a": 1}) == b"hi"
    ((head, body),) = seen
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /v1/ask%20it HTTP/1.1"
    assert lines[1].startswith("Host: 127.0.0.1:")
    assert {"X-Key: ab c", "Content-Type: application/json"} <= set(lines)
    assert "Accept-Encoding: identity" in lines
    assert body == b'{"a":1}'


async def test_ipv6() -> None:
    async with posting_to(Server(always(OK)), host="::1") as posting:
        assert await posting.post("/", {}) == b"hi"


async def test_a_connection_is_used_again() -> None:
    server = Server(always(OK))
    async with posting_to(server) as posting:
        for _ in range(3):
            assert await posting.post("/", {}) == b"hi"
            await asyncio.sleep(connections.REST)
        assert server.connections == 1
        await asyncio.gather(*(posting.post("/", {}) for _ in range(7)))
    assert server.connections == 7


async def test_a_connection_that_was_idle_for_long_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "KEPT_OPEN", 0.001)
    server = Server(always(OK))
    async with posting_to(server) as posting:
        for _ in range(3):
            await posting.post("/", {})
            await asyncio.sleep(connections.REST + 0.05)
    assert server.connections == 3


@pytest.mark.parametrize(
    "reply",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\n\r\nhi",
        b"HTTP/1.0 200 OK\r\n\r\nhi",
    ],
)
async def test_a_reply_that_ends_its_connection(reply: bytes) -> None:
    server = Server(always(reply, close=True))
    async with posting_to(server) as posting:
        for _ in range(2):
            assert await posting.post("/", {}) == b"hi"
    assert server.connections == 2


@pytest.mark.parametrize("pause", [0, 0.01, 0.02, 0.04])
async def test_a_reply_that_comes_again_answers_no_other_question(pause: float) -> None:
    """However soon the next question follows, and however busy this process is in between."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            _, body = await request_of(reader)
            reply = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
            writer.write(reply)
            await writer.drain()
            await asyncio.sleep(0.02)
            writer.write(reply)

    async with posting_to(Server(serve)) as posting:
        for number in range(20):
            assert await posting.post("/", {"asked": number}) == b'{"asked":%d}' % number
            if number % 3 == 0:
                # The loop reads nothing meanwhile.
                time.sleep(pause)  # noqa: ASYNC251
            else:
                await asyncio.sleep(pause)


@pytest.mark.parametrize("delay", [0.0, 0.005, 0.1])
async def test_nor_does_one_that_comes_after_the_next_question(
    delay: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the replies' ids, however late a busy server sends one again."""
    monkeypatch.setattr(connections, "REST", 0.0)
    sent: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def again(reply: bytes) -> None:
            await asyncio.sleep(delay)
            with contextlib.suppress(ConnectionError):
                writer.write(reply)

        while True:
            _, body = await request_of(reader)
            await asyncio.sleep(0.02)
            asked = json.loads(body)["asked"]
            body = json.dumps({"id": f"chat-{asked}", "asked": asked}).encode()
            reply = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
            writer.write(reply)
            if asked:
                sent.add(asyncio.create_task(again(reply)))

    async with posting_to(Server(serve)) as posting:
        for number in range(20):
            assert json.loads(await posting.post("/", {"asked": number}))["asked"] == number
            await asyncio.sleep(0.001)
    await asyncio.gather(*sent)


@pytest.mark.parametrize("number", ["", '"id":"one",', '"id":7,'])
async def test_a_server_whose_replies_are_all_the_same_is_asked_once(number: str) -> None:
    body = f'{{{number}"text":"A"}}'.encode()
    server = Server(always(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)))
    async with posting_to(server) as posting:
        for _ in range(5):
            assert await posting.post("/", {}) == body
            await asyncio.sleep(connections.REST)
    assert server.connections == 1


async def test_a_cache_that_gives_an_old_reply_again_is_believed() -> None:
    """A gateway answers an equal question with the reply to the first, id and all."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            _, body = await request_of(reader)
            reply = b'{"id":"%b"}' % body.hex().encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(reply), reply))

    async with posting_to(Server(serve)) as posting:
        replies = [await posting.post("/", {"asked": number % 2}) for number in range(6)]
    assert len(set(replies)) == 2


@pytest.mark.parametrize("more", [OK, b"HTTP/1.1 500 No\r\n\r\n", b"x", b"\r\n\r\n\r\nx"])
@pytest.mark.parametrize("late", [False, True])
async def test_what_was_not_asked_for_answers_nothing(more: bytes, *, late: bool) -> None:
    """Nor does another reply spoil the one before it; what is no HTTP does, if it comes at once."""
    asked = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        while True:
            await request_of(reader)
            asked += 1
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n%d" % asked)
            if late:
                await writer.drain()
                await asyncio.sleep(0.05)
            writer.write(more)

    async with posting_to(Server(serve)) as posting:
        for expected in (b"1", b"2", b"3"):
            if more.endswith(b"x") and not late:
                with pytest.raises(TransientError, match="no HTTP"):
                    await posting.post("/", {})
                continue
            assert await posting.post("/", {}) == expected
            if late:
                await asyncio.sleep(0.1)


async def test_an_interim_reply_is_not_the_reply(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "REST", 0.0)
    interim = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    server = Server(always(b"HTTP/1.1 100 Continue\r\n\r\n" + interim, OK))
    async with posting_to(server) as posting:
        for _ in range(2):
            assert await posting.post("/", {}) == b"hi"
            await asyncio.sleep(0.01)
    assert server.connections == 1


async def test_a_switch_of_protocols_is_no_reply() -> None:
    reply = b"HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"
    async with posting_to(Server(always(reply))) as posting:
        with pytest.raises(ModelError, match=r"HTTP 101|no HTTP"):
            await posting.post("/", {})


async def test_no_body_where_the_status_has_none() -> None:
    server = Server(always(b"HTTP/1.1 204 No Content\r\n\r\n"))
    async with posting_to(server) as posting:
        for _ in range(2):
            assert await posting.post("/", {}) == b""


REPLIES = (
    b"HTTP/1.1 429 Slow\r\nRetry-After: 3\r\nContent-Length: 11\r\n\r\nhello world",
    (
        b"HTTP/1.1 429 Slow\r\nRETRY-AFTER:3\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"5;a=b\r\nhello\r\n6\r\n world\r\n0\r\nX-Retry: 9\r\n\r\n"
    ),
    (
        b"HTTP/1.1 100 Continue\r\nRetry-After: 9\r\n\r\n"
        b"HTTP/1.1 429 Slow\r\nRetry-After:  3 \r\nContent-Length: 11\r\n\r\nhello world"
    ),
)


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(REPLIES), st.lists(st.integers(1, 150), max_size=6))
def test_a_reply_reads_alike_however_it_comes(reply: bytes, cuts: list[int]) -> None:
    places = sorted({0, len(reply), *(cut for cut in cuts if cut < len(reply))})
    pieces = [reply[a:b] for a, b in itertools.pairwise(places)]

    async def ask() -> None:
        server = Server(always(*pieces))
        async with posting_to(server) as posting:
            for _ in range(2):
                with pytest.raises(TransientError, match=r"429 \(hello world\)") as caught:
                    await posting.post("/", {})
                assert caught.value.retry_after == 3

    asyncio.run(ask())


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (b"", "no reply"),
        (b"HTTP/1.1 200 OK\r\nContent-Le", "no reply"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi", "amid a reply"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", "amid a reply"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "no HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nhi", "no HTTP"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nhi",
            "no HTTP",
        ),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000, "no HTTP"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000, "no HTTP"),
    ],
)
async def test_no_reply_that_is_not_whole(reply: bytes, why: str) -> None:
    async with posting_to(Server(always(reply, close=True))) as posting:
        with pytest.raises(TransientError, match=why):
            await posting.post("/", {})


def long_reply(status: int, size: int, *, chunked: bool) -> bytes:
    body = b"x" * size
    if chunked:
        head = b"HTTP/1.1 %d A\r\nTransfer-Encoding: chunked\r\n\r\n" % status
        return head + b"%x\r\n%b\r\n0\r\n\r\n" % (size, body)
    return b"HTTP/1.1 %d A\r\nContent-Length: %d\r\n\r\n%b" % (status, size, body)


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("size", [MAX_REPLY_BYTES + 1, 2 * MAX_REPLY_BYTES])
async def test_a_body_is_read_up_to_a_limit(size: int, *, chunked: bool) -> None:
    async with posting_to(
        Server(always(long_reply(200, MAX_REPLY_BYTES, chunked=chunked)))
    ) as posting:
        assert len(await posting.post("/", {})) == MAX_REPLY_BYTES
    async with posting_to(Server(always(long_reply(200, size, chunked=chunked)))) as posting:
        with pytest.raises(RejectedError, match="over 8 MiB"):
            await posting.post("/", {})
    # Of an error the status is enough.
    async with posting_to(Server(always(long_reply(503, size, chunked=chunked)))) as posting:
        with pytest.raises(TransientError, match=r"503 \(\)"):
            await posting.post("/", {})


async def test_a_reply_before_the_request_was_read_ends_the_connection() -> None:
    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 413 Large\r\nContent-Length: 2\r\n\r\nno")
        await writer.drain()
        await asyncio.sleep(0.3)

    server = Server(serve)
    async with posting_to(server) as posting:
        for _ in range(2):
            with pytest.raises(RejectedError, match=r"413 \(no\)"):
                await posting.post("/", {"image": "x" * 30_000_000})
    assert server.connections == 2


@pytest.mark.parametrize(("late", "pause"), [(0.05, 0), (0.15, 0.1), (0.1, 0.15)])
async def test_an_error_and_then_the_reply_answers_nothing(late: float, pause: float) -> None:
    """The reply to one question, late, would be the answer to the next."""
    asked = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        while True:
            await request_of(reader)
            asked += 1
            if asked == 1:
                writer.write(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")
                await writer.drain()
                await asyncio.sleep(late)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n%d" % asked)

    async with posting_to(Server(serve)) as posting:
        with pytest.raises(TransientError, match="HTTP 503"):
            await posting.post("/", {})
        await asyncio.sleep(pause)
        assert await posting.post("/", {}) == b"2"


@pytest.mark.parametrize("url", ["http://a..b", "http://nowhere.invalid", f"http://{'a' * 70}"])
async def test_a_name_that_is_none(url: str) -> None:
    posting = client(url)
    try:
        with pytest.raises(UnreachableError, match="cannot connect") as caught:
            await posting.post("/", {})
    finally:
        await posting.close()
    assert "\n" not in str(caught.value)


async def test_a_request_that_is_cancelled_takes_its_connection_with_it() -> None:
    """Its late reply would answer the next one."""
    asked = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        while True:
            await request_of(reader)
            asked += 1
            await asyncio.sleep(0.2 if asked == 1 else 0)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n%d" % asked)

    async with posting_to(Server(serve)) as posting:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(posting.post("/", {}), 0.1)
        assert await posting.post("/", {}) == b"2"


async def test_no_connection() -> None:
    server = await asyncio.start_server(Server(always(OK)), "127.0.0.1")
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    for url in (f"http://127.0.0.1:{port}", f"http://localhost:{port}"):
        posting = client(url)
        with pytest.raises(UnreachableError, match="Connection refused"):
            await posting.post("/", {})
        await posting.close()


async def test_a_connection_that_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    async def silent(*_: object, **__: object) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", silent)
    posting = client("http://nowhere.invalid", timeout=0.1)
    with pytest.raises(UnreachableError, match="does not answer"):
        await posting.post("/", {})
    await posting.close()


@pytest.mark.parametrize("piece", [b"", b"H", b"HTTP/1.1 100 Continue\r\n\r\n", OK[:-2]])
async def test_a_reply_that_never_ends_is_given_up(piece: bytes) -> None:
    """However much of it drips in."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        writer.write(piece)
        while not reader.at_eof():
            writer.write(piece if piece.endswith(b"\r\n\r\n") and b"100" in piece else b"")
            await writer.drain()
            await asyncio.sleep(0.01)

    async with posting_to(Server(serve), seconds=0.3) as posting:
        with pytest.raises(TransientError, match=r"no answer within 0\.3 s"):
            await posting.post("/", {})


async def test_a_certificate_file_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/ca.pem")
    with pytest.raises(FatalError, match=r"SSL_CERT_FILE: /nowhere/ca\.pem cannot be used"):
        await client("https://nowhere.invalid").post("/", {})

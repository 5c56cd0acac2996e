"""The client alone, where a fault needs a moment that no run can be made to have."""

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest

from asking import request, user
from chat_server import completion
from medtrust.errors import FatalError, ModelError, RejectedError, TransientError
from medtrust.models.model import ModelOptions
from medtrust.models.openai import openai

Handle = Callable[[asyncio.StreamWriter], Awaitable[None]]


def reply(text: str, *headers: str, status: int = 200) -> bytes:
    body = json.dumps(completion(text)).encode()
    lines = (f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers, "", "")
    return "\r\n".join(lines).encode() + body


async def ask(handle: Handle, times: int = 1, pause: asyncio.Event | None = None) -> list[str]:
    """Ask a server on one connection; where `pause` is given, wait for it in between."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = head.lower().split("content-length: ")[1].split("\r\n")[0]
                await reader.readexactly(int(length))
                await handle(writer)
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        model = openai("m", ModelOptions(base_url=f"http://127.0.0.1:{port}/v1", timeout=20))
        texts = []
        try:
            for _ in range(times):
                texts.append((await model.answer(request(user("Hi")), [])).text)
                if pause is not None:
                    await pause.wait()
                    pause.clear()
                    # What has come since is seen once the loop has gone round.
                    await asyncio.sleep(0.02)
        finally:
            await model.close()
    return texts


async def test_what_comes_unasked_answers_no_question() -> None:
    """A second reply that comes once the connection is idle is not the next question's."""
    come = asyncio.Event()
    asked = 0

    async def handle(writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        writer.write(reply(f"answer {asked}"))
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.write(reply("of nobody's asking"))
        await writer.drain()
        come.set()

    assert await ask(handle, times=3, pause=come) == ["answer 1", "answer 2", "answer 3"]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        (("Retry-After: 7",), 7),
        (("Retry-After: -7",), 0),
        (("Retry-After: nan",), 0),
        # By the server's own clock, whatever ours says.
        (("Date: Fri, 01 Jan 1999 00:00:00 GMT", "Retry-After: Fri, 01 Jan 1999 00:01:30 GMT"), 90),
        (("Date: Fri, 01 Jan 1999 00:01:30 GMT", "Retry-After: Fri, 01 Jan 1999 00:00:00 GMT"), 0),
        (("Date: nonsense", "Retry-After: Fri, 01 Jan 1999 00:00:00 GMT"), None),
        (("Retry-After: Fri, 01 Jan 1999 00:00:00 GMT",), 0),
        (("Retry-After: soon",), None),
        (("Retry-After: Fri, 99 Jan 1999 00:00:00 GMT",), None),
        ((), None),
    ],
)
async def test_when_to_come_back_is_read_in_either_form(
    headers: tuple[str, ...], seconds: float | None
) -> None:
    async def handle(writer: asyncio.StreamWriter) -> None:
        writer.write(reply("", *headers, status=429))

    with pytest.raises(TransientError) as caught:
        await ask(handle)
    assert caught.value.retry_after == seconds
    assert caught.value.throttled


@pytest.mark.parametrize(
    ("headers", "says"),
    [
        (("Content-Encoding: br",), "not asked for"),
        (("Content-Encoding: gzip",), "cannot be unpacked"),
        (("Content-Encoding: deflate",), "cannot be unpacked"),
    ],
)
async def test_what_cannot_be_unpacked_is_no_answer(headers: tuple[str, ...], says: str) -> None:
    async def handle(writer: asyncio.StreamWriter) -> None:
        writer.write(reply("Yes", *headers))

    with pytest.raises(TransientError, match=says):
        await ask(handle)


@pytest.mark.parametrize(
    ("status", "expected"), [(401, FatalError), (500, TransientError), (400, RejectedError)]
)
@pytest.mark.parametrize("packing", ["br", "gzip", "identity"])
async def test_an_error_counts_whatever_its_body(
    status: int, expected: type[ModelError], packing: str
) -> None:
    """Packed in a way that cannot be read, or longer than is read."""
    page = reply("x" * (9 * 2**20), f"Content-Encoding: {packing}", status=status)

    async def handle(writer: asyncio.StreamWriter) -> None:
        writer.write(page)

    with pytest.raises(expected, match=f"HTTP {status}"):
        await ask(handle)


async def test_no_word_of_a_server_breaks_the_line() -> None:
    """Neither line breaks nor the codes that move a terminal's cursor or colour it."""
    body = json.dumps({"error": {"message": "a\nb\u2028c\x1b[2J\x07\u202ed"}}).encode()

    async def handle(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 401 X\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    with pytest.raises(ModelError) as caught:
        await ask(handle)
    assert isinstance(caught.value, FatalError)
    assert str(caught.value).isprintable()
    assert "a b c" in str(caught.value)

"""A chat server that misbehaves at the level of bytes, as a program of its own.

    python chaos_server.py PORT FOLDER [CERTIFICATE KEY]

`/CASE/v1/chat/completions` is asked. `FOLDER/CASE.json` says how to misbehave and is read
at each request; `FOLDER/CASE.log` gets a line for each request before it is answered,
flushed by the system call, so that it outlives whoever asked and the server itself.

A reply's serial number stands in its token count, which medtrust keeps with the answer:
so a test can tell which reply an answer in a journal is.
"""

import asyncio
import email.utils
import gzip
import hashlib
import json
import os
import random
import re
import signal
import socket
import ssl
import struct
import sys
import time
import zlib
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WAIT = 2
"""Seconds that a Retry-After asks for."""

BIG = 10 * 2**20
"""Bytes of the answer that is too long."""

PLAIN = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request: which question, for which time, and the answer it would get."""

    number: int
    nth: int
    serial: int
    digest: str
    key: str
    """The header with the key, which a careless server quotes."""

    @property
    def text(self) -> str:
        """Yes or no, by all that was sent."""
        return ("Yes", "No")[int(self.digest, 16) % 2]

    def body(self, **more: Any) -> bytes:
        """The proper answer."""
        message = {"role": "assistant", "content": self.text}
        reply = {
            "id": self.key,
            "object": "chat.completion",
            "model": f"scripted for {self.key}",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": self.serial, "completion_tokens": 1},
        }
        return json.dumps(reply | more).encode()


Fault = Callable[[asyncio.StreamWriter, Ask], Awaitable[None]]


def head(status: int, length: int | None, *more: str, kind: str = PLAIN) -> bytes:
    """Status line and headers; without a length, whatever `more` says of the body."""
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Type: {kind}", *more]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    return "\r\n".join([*lines, "", ""]).encode()


def whole(body: bytes, *more: str, status: int = 200, kind: str = PLAIN) -> Fault:
    """A sound HTTP message with this body."""

    async def send(to: asyncio.StreamWriter, _: Ask) -> None:
        to.write(head(status, len(body), *more, kind=kind) + body)
        await to.drain()

    return send


def failed(status: int, *more: str) -> Fault:
    """An error in JSON that quotes the key over two lines."""

    async def send(to: asyncio.StreamWriter, ask: Ask) -> None:
        body = json.dumps({"error": {"message": f"not now,\n{ask.key}"}}).encode()
        await whole(body, *more, f"X-Echo: {ask.key}", status=status)(to, ask)

    return send


def cut(part: Callable[[bytes], bytes], *, reset: bool) -> Fault:
    """The beginning of a proper reply, then the end of the connection."""

    async def send(to: asyncio.StreamWriter, ask: Ask) -> None:
        to.write(part(head(200, len(ask.body())) + ask.body()))
        await to.drain()
        if reset:
            await asyncio.sleep(0.02)
            broken(to)
        to.close()

    return send


def broken(to: asyncio.StreamWriter) -> None:
    """See to it that closing is a reset and no farewell."""
    raw: socket.socket = to.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def chunks_cut_short(to: asyncio.StreamWriter, ask: Ask) -> None:
    body = ask.body()[:-9]
    to.write(head(200, None, "Transfer-Encoding: chunked") + b"%x\r\n%s\r\n" % (len(body), body))
    await to.drain()
    to.close()


async def dated(to: asyncio.StreamWriter, ask: Ask) -> None:
    """429 until a date, by a clock that is an hour slow."""
    now = int(time.time()) - 3600
    date, until = (email.utils.formatdate(at, usegmt=True) for at in (now, now + WAIT))
    await failed(429, f"Date: {date}", f"Retry-After: {until}")(to, ask)


async def length_too_short(to: asyncio.StreamWriter, ask: Ask) -> None:
    to.write(head(200, len(ask.body()) - 20) + ask.body())
    await to.drain()


async def wrong_type(to: asyncio.StreamWriter, ask: Ask) -> None:
    await whole(ask.body(), kind="text/plain; charset=x-unknown")(to, ask)


async def packed(to: asyncio.StreamWriter, ask: Ask) -> None:
    await whole(gzip.compress(ask.body()), "Content-Encoding: gzip")(to, ask)


async def packed_and_cut(to: asyncio.StreamWriter, ask: Ask) -> None:
    await whole(gzip.compress(ask.body())[:-12], "Content-Encoding: gzip")(to, ask)


async def refused_under_200(to: asyncio.StreamWriter, ask: Ask) -> None:
    await whole(json.dumps({"error": f"overloaded,\n{ask.key}"}).encode())(to, ask)


async def too_long(to: asyncio.StreamWriter, ask: Ask) -> None:
    message = {"role": "assistant", "content": "x" * BIG}
    await whole(ask.body(choices=[{"index": 0, "message": message}]))(to, ask)


async def bomb(to: asyncio.StreamWriter, ask: Ask) -> None:
    """Blank space by the GB, in a little less than the most that is read of a reply."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, 31)
    start = squeeze.compress(b" ") + squeeze.flush(zlib.Z_FULL_FLUSH)
    million = squeeze.compress(b" " * 2**20) + squeeze.flush(zlib.Z_FULL_FLUSH)
    # A block that was flushed in full stands for itself, however often it comes.
    body = start + million * (8_000_000 // len(million)) + squeeze.flush()
    await whole(body, "Content-Encoding: gzip")(to, ask)


async def long_headers(to: asyncio.StreamWriter, ask: Ask) -> None:
    to.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(2000):
        to.write(b"X-%d: %s\r\n" % (number, b"x" * 1000))
        await to.drain()
    to.write(head(200, len(ask.body())).partition(b"\r\n")[2] + ask.body())
    await to.drain()


async def trickle(to: asyncio.StreamWriter, ask: Ask) -> None:
    for byte in head(200, len(ask.body())) + ask.body():
        to.write(bytes([byte]))
        await to.drain()
        await asyncio.sleep(0.05)


async def stall(_: asyncio.StreamWriter, __: Ask) -> None:
    await asyncio.sleep(3600)


async def proper(to: asyncio.StreamWriter, ask: Ask) -> None:
    await whole(ask.body())(to, ask)


async def twice(to: asyncio.StreamWriter, ask: Ask) -> None:
    """The answer, and with it the same again, which nobody has asked for."""
    to.write(2 * (head(200, len(ask.body())) + ask.body()))
    await to.drain()


async def twice_late(to: asyncio.StreamWriter, ask: Ask) -> None:
    """The answer, and once more when the connection has been idle for 20 ms."""
    await proper(to, ask)
    await asyncio.sleep(0.02)
    await proper(to, ask)


async def redirect(to: asyncio.StreamWriter, ask: Ask) -> None:
    await failed(307, "Location: /stolen/v1/chat/completions")(to, ask)


FAULTS: dict[str, Fault] = {
    "429": failed(429),
    "429-seconds": failed(429, f"Retry-After: {WAIT}"),
    "429-date": dated,
    "500": failed(500),
    "502": whole(b"<html>\nBad gateway\n</html>", status=502, kind="text/html"),
    "503": failed(503),
    "reset": cut(lambda reply: b"", reset=True),
    "reset-in-body": cut(lambda reply: reply[:-30], reset=True),
    "closed": cut(lambda reply: b"", reset=False),
    "length-too-long": cut(lambda reply: reply[:-30], reset=False),
    "length-too-short": length_too_short,
    "chunks-cut-short": chunks_cut_short,
    "cut-json": whole(b'{"choices": [{"message": {"content": "Ye'),
    "html": whole(b"<html>Please log in</html>", kind="text/html"),
    "empty": whole(b""),
    "no-choices": whole(b'{"choices": []}'),
    "error-under-200": refused_under_200,
    "no-http": whole(b"", "\0\x16\x03 what is this", status=-7),
    "long-headers": long_headers,
    "packed-and-cut": packed_and_cut,
    "too-long": too_long,
    "bomb": bomb,
    "trickle": trickle,
    "stall": stall,
    "redirect": redirect,
    "wrong-key": failed(401, 'WWW-Authenticate: Bearer realm="chaos"'),
}

ANSWERS: dict[str, Fault] = {
    "proper": proper,
    "wrong-type": wrong_type,
    "packed": packed,
    "twice": twice,
    "twice-late": twice_late,
}
"""Odd, but answers."""


class Server:
    """What a case was asked so far, from its log."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.logs: dict[str, int] = {}
        self.serials: Counter[str] = Counter()
        self.times: Counter[tuple[str, int]] = Counter()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection's requests until it ends."""
        try:
            while not writer.is_closing():
                await self._answer(reader, writer)
        except (asyncio.IncompleteReadError, OSError, ssl.SSLError):
            pass
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        case = lines[0].split("/")[1]
        headers = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
        body = await reader.readexactly(int(headers.get("Content-Length", "0")))
        number = int((re.search(rb"finding (\d+)", body) or [b"", b"-1"])[1])
        self._read_log(case)
        await self._in_turn(case, reader)
        self.times[case, number] += 1
        self.serials[case] += 1
        ask = Ask(
            number=number,
            nth=self.times[case, number],
            serial=self.serials[case],
            digest=hashlib.sha256(body).hexdigest(),
            key=headers.get("Authorization", "no key"),
        )
        how = self._how(case)
        name = chosen(how, ask)
        if name in ANSWERS:
            await asyncio.sleep(how.get("delay", 0))
        line = {
            "number": number, "serial": ask.serial, "fault": name, "text": ask.text,
            "answered": name in ANSWERS, "at": time.monotonic(),
        }  # fmt: skip
        os.write(self.logs[case], json.dumps(line).encode() + b"\n")
        # Another process lets go, through the file.
        while self._how(case).get("hold"):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        await (ANSWERS.get(name) or FAULTS[name])(writer, ask)

    async def _in_turn(self, case: str, reader: asyncio.StreamReader) -> None:
        """Hear no more than the case's number of requests until it says more or the asker dies."""
        while self.serials[case] >= self._how(case).get("most", sys.maxsize):
            await asyncio.sleep(0.02)
            if reader.at_eof():
                raise ConnectionResetError

    def _how(self, case: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / f"{case}.json").read_text())
        return found

    def _read_log(self, case: str) -> None:
        if case in self.logs:
            return
        log = self.folder / f"{case}.log"
        self.logs[case] = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        for line in log.read_text().splitlines():
            self.serials[case] += 1
            self.times[case, json.loads(line)["number"]] += 1


def chosen(how: dict[str, Any], ask: Ask) -> str:
    """What befalls a request: by its question's number, and how often it was asked.

    Of the case's faults each has every so many questions of its own. Of four of these the
    first always meets it, the second once, and the others never; with `always`, all do.
    """
    if "random" in how:
        dice = random.Random(f"{how['seed']}/{ask.number}/{ask.nth}")
        return dice.choice(how["random"]) if dice.random() < 0.5 else "proper"
    if not (faults := how.get("faults")):
        return "proper"
    turn, place = divmod(ask.number, len(faults))
    met = how.get("always") or turn % 4 == 0 or (turn % 4 == 1 and ask.nth == 1)
    return str(faults[place]) if met else "proper"


async def main(port: int, folder: Path, *tls: str) -> None:
    """Serve until killed; a connection to a server with a certificate is logged by itself."""
    server = Server(folder)
    context = None
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if context is not None:
            with (folder / "connections.log").open("a") as file:
                file.write("connected\n")
            try:
                await writer.start_tls(context)
            except (OSError, ssl.SSLError):
                writer.close()
                return
        await server.serve(reader, writer)

    listening = await asyncio.start_server(connected, "127.0.0.1", port, limit=2**26)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, sys.exit)
    print("listening", flush=True)  # noqa: T201 - tells who started it
    await listening.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:]))

"""A forward proxy as a program of its own: the only one who knows the hosts of a test.

    python proxy_server.py LOG NAME:PASSWORD HOST=PORT...

Prints its port. Both ways of HTTP/1.1 (RFC 9110, 9112): CONNECT, which it answers by joining two
connections, and requests with a whole address. A host is a port of this machine; any other is
refused. Each request's first line is appended to LOG. With a password it wants that one.
"""

import asyncio
import base64
import sys
from pathlib import Path
from urllib.parse import urlsplit


async def head_of(reader: asyncio.StreamReader) -> tuple[str, list[str]]:
    """The first line of a message, and its headers."""
    first, *headers = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    return first, headers[:-2]


async def body_of(reader: asyncio.StreamReader, headers: list[str]) -> bytes:
    """What follows a head, whose length the headers say."""
    said = (line.split(":")[1] for line in headers if line.lower().startswith("content-length:"))
    return await reader.readexactly(int(next(said, "0")))


async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy bytes until there are no more."""
    while data := await reader.read(2**16):
        writer.write(data)
        await writer.drain()
    writer.close()


class Proxy:
    """Knows the hosts, and what it was asked."""

    def __init__(self, log: Path, secret: str, ports: dict[str, int]) -> None:
        self.log = log
        self.secret = secret
        self.ports = ports

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self.one(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Serve a request; whether another may follow."""
        first, headers = await head_of(reader)
        method, target, version = first.split()
        with self.log.open("a") as log:
            log.write(f"{first}\n")
        host = urlsplit(f"//{target}" if method == "CONNECT" else target).hostname or ""
        given = [line for line in headers if line.lower().startswith("proxy-authorization:")]
        status = ""
        if self.secret and given[:1] != [f"Proxy-Authorization: Basic {self.secret}"]:
            status = "407 Proxy Authentication Required"
        elif host not in self.ports:
            status = "403 Forbidden"
        if status:
            await body_of(reader, headers)
            # A careless one, which quotes what it was sent.
            said = "\n".join(given).encode()
            writer.write(f"HTTP/1.1 {status}\r\nContent-Length: {len(said)}\r\n\r\n".encode())
            writer.write(said)
            return method != "CONNECT"
        there, to = await asyncio.open_connection("127.0.0.1", self.ports[host])
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await asyncio.gather(pass_on(reader, to), pass_on(there, writer))
            return False
        parts = urlsplit(target)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        kept = [line for line in headers if line not in given]
        to.write("\r\n".join([f"{method} {path} {version}", *kept, "", ""]).encode("latin-1"))
        to.write(await body_of(reader, headers))
        answer, more = await head_of(there)
        writer.write("\r\n".join([answer, *more, "", ""]).encode("latin-1"))
        writer.write(await body_of(there, more))
        await writer.drain()
        to.close()
        return True


async def main(log: Path, secret: str, *hosts: str) -> None:
    """Serve until killed."""
    ports = {host: int(port) for host, _, port in (one.partition("=") for one in hosts)}
    encoded = base64.b64encode(secret.encode()).decode() if secret else ""
    server = await asyncio.start_server(Proxy(log, encoded, ports), "127.0.0.1")
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - its one output
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), *sys.argv[2:]))

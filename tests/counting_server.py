"""A chat server in a process of its own, which writes down every question it is asked.

As a program (`python counting_server.py PORT LOG DELAY`) it answers by a hash of the request,
after a delay in seconds.
"""

import asyncio
import base64
import contextlib
import hashlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from aiohttp import web

from chat_server import completion, letter_of, text_of


@contextlib.contextmanager
def counting(folder: Path, delay: float) -> Iterator[tuple[str, Path]]:
    """Serve until the end of the block; yields the base URL and where questions are written."""
    log = folder / "asked.log"
    log.touch()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    server = subprocess.Popen([sys.executable, __file__, str(port), str(log), str(delay)])
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}/v1", log
    finally:
        server.kill()
        server.wait()


def line_of(question: str, image: Path) -> str:
    """What the server writes down of a question about one JPEG."""
    encoded = base64.b64encode(image.read_bytes()).decode()
    return _line(f"Question: {question}", f"data:image/jpeg;base64,{encoded}")


def _line(question: str, images: str) -> str:
    return f"{question} {hashlib.sha256(images.encode()).hexdigest()[:16]}"


def _wait_for(port: int) -> None:
    for _ in range(6000):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError("the server did not start")


def main(port: int, log: Path, delay: float) -> None:
    """Serve until killed."""

    async def handle(request: web.Request) -> web.Response:
        body = await request.json()
        question = next(q for q in text_of(body).splitlines() if q.startswith("Question: "))
        images = [
            part["image_url"]["url"]
            for message in body["messages"]
            for part in message["content"]
            if part["type"] == "image_url"
        ]
        with log.open("a") as file:
            file.write(f"{_line(question, ''.join(images))}\n")
        await asyncio.sleep(delay)
        return web.json_response(completion(letter_of(body)))

    app = web.Application(client_max_size=2**26)
    app.router.add_post("/v1/chat/completions", handle)
    web.run_app(app, host="127.0.0.1", port=port, print=None)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]))

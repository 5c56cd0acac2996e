"""Servers that hold the tiny LLaVA, as fixtures (a pytest plugin, see `conftest.py`).

`transformers_server` is `transformers serve` as users run it, in a process of its own;
`logprob_server` also gives log-probabilities, which the former never does.
"""

import asyncio
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True, slots=True)
class Server:
    """Where a chat server listens, and the name its model goes by."""

    base_url: str
    """Ends in `/v1`."""
    model: str


@pytest.fixture(scope="session")
def tiny_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny random LLaVA in float32."""
    pytest.importorskip("transformers", reason="needs medtrust[hf]")
    from tiny_llava import build  # noqa: PLC0415 - imports torch

    return build(tmp_path_factory.mktemp("tiny-llava"))


@pytest.fixture(scope="session")
def transformers_server(
    tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """`transformers serve` with the tiny LLaVA on a free port of the loopback."""
    pytest.importorskip("uvicorn", reason="needs transformers[serving]")
    folder = tmp_path_factory.mktemp("serve")
    port = _free_port()
    command = [
        *(sys.executable, "-m", "transformers.cli.transformers", "serve", str(tiny_checkpoint)),
        *("--host", "127.0.0.1", "--port", str(port), "--device", "cpu", "--dtype", "float32"),
    ]
    offline = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(folder / "hf"), "DO_NOT_TRACK": "1"}
    log = folder / "serve.log"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, env=os.environ | offline
        ) as process,
    ):
        try:
            _wait_until_healthy(process, port, log)
            yield Server(f"http://127.0.0.1:{port}/v1", str(tiny_checkpoint))
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


@pytest.fixture(scope="session")
def logprob_server(tiny_checkpoint: Path) -> Iterator[Server]:
    """The server of `logprob_server.py` with the same weights, in a thread."""
    with serving_logprobs(tiny_checkpoint) as server:
        yield server


@contextmanager
def serving_logprobs(checkpoint: Path, *, names_tokens: bool = False) -> Iterator[Server]:
    """The server of `logprob_server.py` with the weights of any checkpoint."""
    from aiohttp import web  # noqa: PLC0415 - only where the fixture is used

    from logprob_server import application  # noqa: PLC0415 - imports torch

    app = application(checkpoint, names_tokens=names_tokens)
    port = _free_port()
    loop = asyncio.new_event_loop()
    runner = web.AppRunner(app)

    async def start() -> None:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()

    loop.run_until_complete(start())
    thread = threading.Thread(target=loop.run_forever, name="logprob-server")
    thread.start()
    try:
        yield Server(f"http://127.0.0.1:{port}/v1", str(checkpoint))
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port: int = probe.getsockname()[1]
        return port


def _wait_until_healthy(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + 600
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"transformers serve did not start:\n{log.read_text()[-4000:]}")

"""A real HTTP server with OpenAI's chat protocol whose behaviour a test decides."""

import asyncio
import contextlib
import hashlib
import json
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

from aiohttp import web

Handler = Callable[[web.Request, dict[str, Any]], Awaitable[web.StreamResponse]]


def completion(text: str, **more: Any) -> dict[str, Any]:
    """A chat completion with one reply."""
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": text},
        "finish_reason": "stop",
    }
    return {
        "id": "1",
        "object": "chat.completion",
        "model": "scripted",
        "choices": [choice | more],
        "usage": {"prompt_tokens": 10, "completion_tokens": 1},
    }


def letter_of(body: dict[str, Any]) -> str:
    """A or B, by the whole request."""
    digest = hashlib.sha256(json.dumps(body["messages"], sort_keys=True).encode()).digest()
    return "AB"[digest[0] % 2]


def text_of(body: dict[str, Any]) -> str:
    """All that the request says in words."""
    texts = []
    for message in body["messages"]:
        if isinstance(message["content"], str):
            texts.append(message["content"])
        else:
            texts += [part["text"] for part in message["content"] if part["type"] == "text"]
    return "\n".join(texts)


def serving(
    handler: Handler, path: str = "/v1/chat/completions", tls: ssl.SSLContext | None = None
) -> contextlib.AbstractContextManager[str]:
    """Serve one path; see `serving_at`."""
    return serving_at({path: handler}, tls)


@contextlib.contextmanager
def serving_at(routes: Mapping[str, Handler], tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve some paths in a thread of its own; yields the base URL."""
    started: list[str] = []
    ready = threading.Event()
    loop = asyncio.new_event_loop()

    def route(handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await handler(request, await request.json())

        return handle

    async def start() -> web.AppRunner:
        app = web.Application(client_max_size=2**26)
        for path, handler in routes.items():
            app.router.add_post(path, route(handler))
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
        await site.start()
        host, port = runner.addresses[0][:2]
        started.append(f"http://{host}:{port}/v1")
        return runner

    def serve() -> None:
        asyncio.set_event_loop(loop)
        runner = loop.run_until_complete(start())
        ready.set()
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        loop.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    ready.wait()
    try:
        yield started[0]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()

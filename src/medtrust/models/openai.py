"""Any server that speaks OpenAI's chat protocol, hosted or on this machine.

Only JSON over HTTP, so one client serves them all; what differs between providers
is the table in `presets`.
"""

import base64
import contextlib
import ipaddress
import os
import ssl
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import msgspec

from medtrust.errors import FatalError, RejectedError, TransientError, UnsupportedError
from medtrust.images.encode import EncodedImage
from medtrust.models.chat import read_reply
from medtrust.models.model import Model, ModelOptions
from medtrust.models.presets import Endpoint, endpoint
from medtrust.records import Mode, Request, Response

CONCURRENCY = 64
"""Requests open at once; a server that finds this too many says so and is given fewer."""

MAX_REPLY_BYTES = 8 * 1024 * 1024
"""A reply over this is no answer to a question: reading stops there."""

TOP_LOGPROBS = 20
"""The most that the protocol allows."""

NO_LOGPROBS = "the server takes no logprobs"
"""Note on a reply that was asked for without the log-probabilities its task would keep."""


def connect_as(provider: str, name: str, options: ModelOptions) -> Model:
    """The model `name` at a provider of `presets`; raises InputError for an unusable address."""
    return ChatModel(provider, name, endpoint(provider, options.base_url), options.timeout)


openai = partial(connect_as, "openai")
anthropic = partial(connect_as, "anthropic")
google = partial(connect_as, "google")
azure = partial(connect_as, "azure")
openrouter = partial(connect_as, "openrouter")
ollama = partial(connect_as, "ollama")
vllm = partial(connect_as, "vllm")


class ChatModel:
    """A model behind `POST /chat/completions`."""

    modes: frozenset[Mode] = frozenset({"generate", "choices"})
    concurrency = CONCURRENCY
    by_name = False

    def __init__(self, provider: str, name: str, at: Endpoint, timeout: float) -> None:
        self.name = f"{provider}/{name}"
        self.local = is_loopback(at.url)
        # The address is part of who answers: two servers may call two models by one name.
        self.identity: Mapping[str, str] = {"name": self.name, "endpoint": at.url}
        self._provider = provider
        self._model = name
        self._at = at
        self._timeout = aiohttp.ClientTimeout(total=timeout, sock_connect=min(timeout, 30))
        self._session: aiohttp.ClientSession | None = None
        self._base64: OrderedDict[str, str] = OrderedDict()
        self._takes_logprobs = True

    async def answer(self, request: Request, images: Sequence[EncodedImage]) -> Response:
        """Ask once; see `models.model.Model`.

        In `generate` mode log-probabilities are an extra: a server that refuses them is
        asked again without, and never for them after that.
        """
        if self._at.lacks_key:
            raise FatalError(
                f"{self._provider}/: set {self._at.key_variable} to your key "
                "(it is never written down)"
            )
        body = self._body(request, images)
        if "logprobs" not in body or request.mode == "choices":
            return await self._send(body, request)
        if self._takes_logprobs:
            with contextlib.suppress(UnsupportedError):
                return await self._send(body, request)
        del body["logprobs"], body["top_logprobs"]
        response = await self._send(body, request)
        self._takes_logprobs = False
        return replace(response, notes=(*response.notes, NO_LOGPROBS))

    async def _send(self, body: Mapping[str, Any], request: Request) -> Response:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers={**self._at.headers, "Content-Type": "application/json"},
                timeout=self._timeout,
                connector=aiohttp.TCPConnector(limit=0),
                # No ~/.netrc and no proxy variables: keys and images go where the user said.
                trust_env=False,
            )
        encoded = msgspec.json.encode(body)
        started = time.perf_counter()
        try:
            # A redirect could carry the key and the images to another host.
            async with self._session.post(
                f"{self._at.url}/chat/completions", data=encoded, allow_redirects=False
            ) as reply:
                data = self._at.redact(await _read(reply))
                _check(reply.status, reply.headers, data, self._at)
        except aiohttp.ClientConnectorCertificateError as error:
            raise FatalError(f"{self._at.url}: certificate not accepted ({_why(error)})") from None
        except TimeoutError:
            raise TransientError(
                f"{self._at.url}: no answer within {self._timeout.total:g} s"
            ) from None
        except aiohttp.ClientConnectorError as error:
            raise TransientError(
                f"{self._at.url}: cannot connect ({_why(error)}); is the server running?"
            ) from None
        except (aiohttp.ClientError, OSError) as error:
            raise TransientError(f"{self._at.url}: the connection broke ({_why(error)})") from None
        return read_reply(data, request, time.perf_counter() - started, self._at.url)

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _body(self, request: Request, images: Sequence[EncodedImage]) -> dict[str, Any]:
        generation = request.generation
        left = iter(images)
        body: dict[str, Any] = {
            "model": self._model,
            "messages": [
                {
                    "role": message.role,
                    # A system turn of one text is a plain string: some servers take no parts there.
                    "content": message.parts[0]
                    if message.role == "system"
                    else [
                        {"type": "text", "text": part}
                        if isinstance(part, str)
                        else {"type": "image_url", "image_url": {"url": self._uri(next(left))}}
                        for part in message.parts
                    ],
                }
                for message in request.messages
            ],
            self._at.max_tokens: generation.max_tokens,
            # Said aloud, because not every server's default is no stream.
            "stream": False,
        }
        if generation.temperature is not None:
            body["temperature"] = generation.temperature
        if generation.seed is not None:
            # Equal seeds would give equal replies, so each repeat has its own.
            body["seed"] = generation.seed + request.repeat
        if generation.logprobs:
            body |= {"logprobs": True, "top_logprobs": TOP_LOGPROBS}
        return body

    def _uri(self, image: EncodedImage) -> str:
        if image.digest not in self._base64:
            encoded = base64.b64encode(image.data).decode()
            self._base64[image.digest] = f"data:{image.mime};base64,{encoded}"
            while len(self._base64) > 64:
                self._base64.popitem(last=False)
        return self._base64[image.digest]


def is_loopback(url: str) -> bool:
    """Whether an address can only be this machine's own."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def _read(reply: aiohttp.ClientResponse) -> bytes:
    pieces = bytearray()
    async for piece in reply.content.iter_chunked(65536):
        pieces += piece
        if len(pieces) > MAX_REPLY_BYTES:
            raise RejectedError(f"the server's reply is over {MAX_REPLY_BYTES // 2**20} MiB")
    return bytes(pieces)


def _why(error: aiohttp.ClientError | OSError) -> str:
    """What failed, in the system's words and never in the server's, which may quote the key."""
    cause: Exception = error
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        cause = error.certificate_error
    elif isinstance(error, aiohttp.ClientConnectorError):
        cause = error.os_error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return cause.verify_message
    if isinstance(cause, ssl.SSLError):
        return cause.reason or "TLS failed"
    if isinstance(cause, OSError):
        # asyncio's own text names the socket's address; a failed look-up has no errno above 0.
        if cause.errno is not None and cause.errno > 0:
            return os.strerror(cause.errno)
        return cause.strerror or type(cause).__name__
    return type(cause).__name__


def _check(status: int, headers: Mapping[str, str], data: bytes, at: Endpoint) -> None:
    """Turn an HTTP status that is no answer into the error that says what to do."""
    if status == 200:
        return
    detail = _reason(data)
    where = f"{at.url}: HTTP {status}"
    # OpenAI answers 403 where a model gives none.
    if status in {400, 403, 422} and "logprobs" in detail.casefold():
        raise UnsupportedError(f"{where} ({detail}); it takes no logprobs")
    if status in {401, 403}:
        variable = at.key_variable or "the server's key"
        raise FatalError(f"{where}, access refused ({detail}); check {variable}")
    if status == 404:
        raise FatalError(f"{where} ({detail}); check --base-url and the model's name")
    if "insufficient_quota" in detail or status == 402:
        raise FatalError(f"{where}, nothing left to spend ({detail})")
    if status in {408, 409, 425, 429} or status >= 500:
        raise TransientError(
            f"{where} ({detail})",
            retry_after=_seconds(headers.get("Retry-After")),
            throttled=status in {429, 503, 529},
        )
    raise RejectedError(f"{where} ({detail})")


def _reason(data: bytes) -> str:
    """The message of an error body, in one bounded line."""
    try:
        found = msgspec.json.decode(data)
        while isinstance(found, dict) and (found.get("error") or found.get("message")):
            found = found.get("error") or found.get("message")
    except (msgspec.DecodeError, RecursionError):
        found = data.decode(errors="replace")
    return " ".join(str(found).split())[:300]


def _seconds(value: str | None) -> float | None:
    """Retry-After in its form of seconds; a date is left to the backoff (clocks differ)."""
    try:
        return max(0.0, float(value)) if value else None
    except ValueError:
        return None

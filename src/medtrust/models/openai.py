"""Any server that speaks OpenAI's chat protocol, hosted or on this machine.

Only JSON over HTTP, so one client serves them all; what differs between providers
is the table in `presets`.
"""

import contextlib
import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from msgspec.structs import replace

from medtrust.errors import BlockedError, UnsupportedError
from medtrust.images.encode import EncodedImage
from medtrust.models.chat import blocked, read_reply
from medtrust.models.http import JsonClient, is_loopback, require_key
from medtrust.models.model import Model, ModelOptions
from medtrust.models.presets import Endpoint, endpoint
from medtrust.models.transport import Picture, paths_in, picture_by
from medtrust.records import Mode, Request, Response

CONCURRENCY = 64
"""Requests open at once; a server that finds this too many says so and is given fewer."""

TOP_LOGPROBS = 20
"""The most that the protocol allows."""

NO_LOGPROBS = "the server takes no logprobs"
"""Note on a reply that was asked for without the log-probabilities its task would keep."""


def connect_as(provider: str, name: str, options: ModelOptions) -> Model:
    """The model `name` at a provider of `presets`; raises InputError for an unusable address."""
    picture = picture_by(options.image_transport, options.image_base, options.data)
    by_address = options.image_transport != "data"
    at = endpoint(provider, options.base_url)
    return ChatModel(provider, name, at, options.timeout, picture, by_address=by_address)


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

    def __init__(
        self,
        provider: str,
        name: str,
        at: Endpoint,
        timeout: float,
        picture: Picture,
        *,
        by_address: bool,
    ) -> None:
        self.name = f"{provider}/{name}"
        self.local = is_loopback(at.url)
        # The address is part of who answers: two servers may call two models by one name.
        self.identity: Mapping[str, str] = {"name": self.name, "endpoint": at.url}
        self._provider = provider
        self._model = name
        self._at = at
        self._http = JsonClient(at, timeout)
        self._picture = picture
        self._by_address = by_address
        self._takes_logprobs = True

    async def answer(self, request: Request, images: Sequence[EncodedImage]) -> Response:
        """Ask once; see `models.model.Model`.

        In `generate` mode log-probabilities are an extra: a server that refuses them is
        asked again without, and never for them after that.
        """
        require_key(self._at, f"{self._provider}/")
        body = self._body(request, images)
        hide = paths_in(self._picture(image) for image in images) if self._by_address else ()
        if "logprobs" not in body or request.mode == "choices":
            return await self._send(body, request, hide)
        if self._takes_logprobs:
            with contextlib.suppress(UnsupportedError):
                return await self._send(body, request, hide)
        del body["logprobs"], body["top_logprobs"]
        response = await self._send(body, request, hide)
        self._takes_logprobs = False
        return replace(response, notes=(*response.notes, NO_LOGPROBS))

    async def _send(
        self, body: Mapping[str, Any], request: Request, hide: Sequence[str]
    ) -> Response:
        started = time.perf_counter()
        try:
            data = await self._http.post("/chat/completions", body, hide)
        except BlockedError as error:
            return blocked(time.perf_counter() - started, str(error))
        return read_reply(data, request, time.perf_counter() - started, self._at.url)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    def _body(self, request: Request, images: Sequence[EncodedImage]) -> dict[str, Any]:
        generation = request.generation
        left = iter(images)
        body: dict[str, Any] = {
            "model": self._model,
            "messages": [
                {
                    "role": message.role,
                    # Only a user's turn has images; some servers take no parts in any other.
                    "content": message.parts[0]
                    if message.role != "user"
                    else [
                        {"type": "text", "text": part}
                        if isinstance(part, str)
                        else {"type": "image_url", "image_url": {"url": self._picture(next(left))}}
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

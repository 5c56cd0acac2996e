"""Any server that speaks OpenAI's chat protocol, hosted or on this machine.

Only JSON over HTTP, so one client serves them all; what differs between providers
is the table in `presets`.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from msgspec import structs

from medtrust.common.network import is_loopback
from medtrust.errors import (
    AccessError,
    BlockedError,
    ModelError,
    RejectedError,
    TransientError,
    UnreachableError,
    UnsupportedError,
)
from medtrust.images.encode import EncodedImage
from medtrust.models.chat import blocked, read_reply
from medtrust.models.dialect import TOP_LOGPROBS, Dialect, marks_format, without_system
from medtrust.models.http import JsonClient, require_key
from medtrust.models.model import Model, ModelOptions
from medtrust.models.presets import Endpoint, endpoint
from medtrust.models.transport import paths_in, picture_by
from medtrust.records import Generation, Message, Mode, Request, Response

CONCURRENCY = 64
"""Requests open at once; a server that finds this too many says so and is given fewer."""

SURE = 3
"""Times that a server must fail with log-probabilities and answer without them until that is
taken for the reason."""

PROBE = 16
"""Tokens of the reply to a first, trying request."""

NO_LOGPROBS = "the server takes no logprobs"
"""Note on a reply that was asked for without the log-probabilities its task would keep."""


def connect_as(provider: str, name: str, options: ModelOptions) -> Model:
    """The model `name` at a provider of `presets`; raises InputError for an unusable address."""
    return ChatModel(provider, name, endpoint(provider, options.base_url), options)


openai = partial(connect_as, "openai")
anthropic = partial(connect_as, "anthropic")
google = partial(connect_as, "google")
azure = partial(connect_as, "azure")
openrouter = partial(connect_as, "openrouter")
ollama = partial(connect_as, "ollama")
vllm = partial(connect_as, "vllm")


class ChatModel:
    """A model behind `POST /chat/completions`."""

    concurrency = CONCURRENCY
    by_name = False

    def __init__(self, provider: str, name: str, at: Endpoint, options: ModelOptions) -> None:
        self.name = f"{provider}/{name}"
        self.local = is_loopback(at.url)
        # The address is part of who answers: two servers may call two models by one name. So is
        # what else it is told with every request.
        self.identity: Mapping[str, str] = {"name": self.name, "endpoint": at.url}
        if options.extra_body:
            self.identity |= {"extra_body": json.dumps(options.extra_body, sort_keys=True)}
        self.modes: frozenset[Mode] = frozenset(
            {"generate"} if options.no_logprobs else {"generate", "choices"}
        )
        self._provider = provider
        self._model = name
        self._at = at
        self._http = JsonClient(at, options.timeout)
        self._picture = picture_by(options.image_transport, options.image_base, options.data)
        self._by_address = options.image_transport != "data"
        self._extra = options.extra_body
        self._dialect = Dialect(at.max_tokens, 0 if options.no_logprobs else TOP_LOGPROBS)
        self._gave_logprobs = False
        self._failed_with_logprobs = 0

    async def answer(self, request: Request, images: Sequence[EncodedImage]) -> Response:
        """Ask once; see `models.model.Model`.

        A server that refuses how it is asked is asked the other way, and so for good. In
        `generate` mode log-probabilities are an extra.
        """
        require_key(self._at, f"{self._provider}/")
        while True:
            dialect = self._dialect
            try:
                return await self._answer(request, images, dialect)
            except (AccessError, RejectedError, UnsupportedError, TransientError) as error:
                # What others have found out since holds for this request too.
                other = self._dialect
                if other == dialect:
                    other = dialect.after(error, shown=bool(images)) or dialect
                if request.mode == "choices" and not other.logprobs:
                    raise
                if other == dialect:
                    if self._may_be_logprobs(request, error):
                        return await self._without_logprobs(request, images, error)
                    raise
                self._dialect = other

    async def probe(self) -> None:
        """Find out by one request whether the server gives log-probabilities; `modes` says it.

        Raises FatalError as `answer` does. What fails for a while says nothing.
        """
        if "choices" not in self.modes:
            return
        asked = Request(
            sample="",
            question="",
            messages=(Message(role="user", parts=('Say "A".',)),),
            generation=Generation(max_tokens=PROBE, logprobs=True),
        )
        try:
            for _ in range(SURE):
                response = await self.answer(asked, ())
                if self._gave_logprobs or not (response.text or self._failed_with_logprobs):
                    return
                if not self._failed_with_logprobs:
                    break
            self.modes = frozenset({"generate"})
            self._dialect = replace(self._dialect, logprobs=0)
        except (RejectedError, TransientError):
            return
        finally:
            await self.close()

    def _may_be_logprobs(self, request: Request, error: ModelError) -> bool:
        """Whether a server may fail because of log-probabilities, which have never worked."""
        if not isinstance(error, TransientError) or isinstance(error, UnreachableError):
            return False
        wanted = request.generation.logprobs and request.mode != "choices"
        unproven = self._dialect.logprobs > 0 and not self._gave_logprobs
        return wanted and unproven and not error.throttled

    async def _without_logprobs(
        self, request: Request, images: Sequence[EncodedImage], error: ModelError
    ) -> Response:
        """Ask without log-probabilities; it is for good once that has helped three times."""
        plain = replace(self._dialect, logprobs=0)
        try:
            response = await self._answer(request, images, plain)
        except ModelError:
            raise error from None
        self._failed_with_logprobs += 1
        if self._failed_with_logprobs >= SURE:
            self._dialect = plain
        return response

    async def _answer(
        self, request: Request, images: Sequence[EncodedImage], dialect: Dialect
    ) -> Response:
        body = self._body(request, images, dialect)
        hide = paths_in(self._picture(image) for image in images) if self._by_address else ()
        started = time.perf_counter()
        try:
            data = await self._http.post("/chat/completions", body, hide)
        except BlockedError as error:
            return blocked(time.perf_counter() - started, str(error))
        response = read_reply(data, request, time.perf_counter() - started, self._at.url)
        self._gave_logprobs |= bool(response.logprobs)
        left_out = request.generation.logprobs and not dialect.logprobs
        notes = (*response.notes, *dialect.notes, *((NO_LOGPROBS,) if left_out else ()))
        return structs.replace(response, notes=notes) if notes else response

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    def _body(
        self, request: Request, images: Sequence[EncodedImage], dialect: Dialect
    ) -> dict[str, Any]:
        generation, messages = request.generation, request.messages
        left = iter(images)
        body: dict[str, Any] = {
            **self._extra,
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
                for message in (messages if dialect.has_system else without_system(messages))
            ],
            dialect.max_tokens: generation.max_tokens,
            # Said aloud, because not every server's default is no stream.
            "stream": False,
        }
        if generation.temperature is not None:
            body["temperature"] = generation.temperature
        if generation.seed is not None:
            # Equal seeds would give equal replies, so each repeat has its own.
            body["seed"] = generation.seed + request.repeat
        if request.marks and dialect.holds_to_schema:
            body["response_format"] = marks_format(request.marks)
        # A task that reads them asks for them, whatever other requests were told.
        most = dialect.logprobs or (TOP_LOGPROBS if request.mode == "choices" else 0)
        if generation.logprobs and most:
            body |= {"logprobs": True, "top_logprobs": most}
        return body

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
from medtrust.models.dialect import (
    NO_LOGPROBS,
    TOP_LOGPROBS,
    Dialect,
    marks_format,
    without_system,
)
from medtrust.models.http import JsonClient, require_key
from medtrust.models.model import Model, ModelOptions
from medtrust.models.presets import Endpoint, endpoint
from medtrust.models.spelled import Spelled
from medtrust.models.systemone import PATH as SYSTEMONE
from medtrust.models.systemone import body_of, read_decision
from medtrust.models.transport import paths_in, picture_by
from medtrust.records import Generation, Message, Mode, Request, Response

CONCURRENCY = 64
"""Requests open at once; a server that finds this too many says so and is given fewer."""

CHAT = "/chat/completions"

SURE = 3
"""Times that a server must fail with log-probabilities and answer without them until that is
taken for the reason."""

PROBE = 16
"""Tokens of the reply to a first, trying request."""


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
        self._has_seen: set[str] = set()
        """Where a question with an image was answered. Chat may answer one and drop the image."""
        self._heeds_temperature = False
        """Whether a request with a temperature was answered."""
        # What only servers of one's own have; hosted ones are asked nothing that they do not know.
        self._is_own = bool(options.base_url) or provider == "vllm"
        self._decides: bool | None = None
        """Whether it has `/v1/systemone`; None until it was asked."""
        self._spelled = Spelled(at, options.timeout, name) if self._is_own else None

    async def answer(self, request: Request, images: Sequence[EncodedImage]) -> Response:
        """Ask once; see `models.model.Model`.

        A server that refuses how it is asked is asked the other way, and so for good. In
        `generate` mode log-probabilities are an extra.
        """
        require_key(self._at, f"{self._provider}/")
        if request.mode == "choices" and self._decides:
            return await self._decide(request, images)
        try:
            return await self._chat(request, images)
        except UnsupportedError as error:
            known = self._gave_logprobs or self._decides is False
            if request.mode != "choices" or known or not self._is_own:
                raise
            return await self._decide(request, images, error)

    async def _chat(self, request: Request, images: Sequence[EncodedImage]) -> Response:
        """Ask by a chat completion, the way that the server wants it."""
        choices = request.mode == "choices"
        while True:
            dialect = self._dialect
            try:
                return await self._answer(request, images, dialect)
            except (AccessError, RejectedError, UnsupportedError, TransientError) as error:
                # What others have found out since holds for this request too.
                other = self._dialect
                if other == dialect:
                    sent = not choices and request.generation.temperature is not None
                    shown = bool(images) and CHAT not in self._has_seen
                    heated = sent and not self._heeds_temperature
                    other = dialect.after(error, shown=shown, heated=heated) or dialect
                if choices and not other.logprobs:
                    raise
                if other == dialect:
                    if self._may_be_logprobs(request, error):
                        return await self._without_logprobs(request, images, error)
                    raise
                self._dialect = other

    async def _decide(
        self,
        request: Request,
        images: Sequence[EncodedImage],
        instead_of: UnsupportedError | None = None,
    ) -> Response:
        """Ask for the letters' probabilities where chat completions have none.

        Raises `instead_of` where the server cannot be asked so either.
        """
        started = time.perf_counter()
        try:
            data = await self._http.post(SYSTEMONE, body_of(self._model, request, images))
            response = read_decision(data, request, time.perf_counter() - started, self._at.url)
        except ModelError as error:
            shown = bool(images) and SYSTEMONE not in self._has_seen
            self._dialect.after(error, shown=shown, heated=False)
            passing = isinstance(error, UnreachableError) or getattr(error, "throttled", False)
            if self._decides or instead_of is None or passing:
                raise
            self._decides = False
            raise instead_of from None
        self._decides = True
        self._has_seen |= {SYSTEMONE} if images else set()
        return response

    async def probe(self) -> None:
        """Find out by one request whether the server gives log-probabilities; `modes` says it.

        What fails says nothing here: there may be nothing left to ask, and else the run says it.
        """
        if "choices" not in self.modes:
            return
        asked = Request(
            sample="",
            question="",
            messages=(Message(role="user", parts=('Say "A".',)),),
            generation=Generation(max_tokens=PROBE, temperature=None, logprobs=True),
        )
        try:
            for _ in range(SURE):
                response = await self.answer(asked, ())
                if self._gave_logprobs or not (response.text or self._failed_with_logprobs):
                    return
                if not self._failed_with_logprobs:
                    break
            self._dialect = replace(self._dialect, logprobs=0)
            letters = structs.replace(asked, mode="choices", options=("A", "B"))
            if self._is_own:
                await self._decide(letters, (), UnsupportedError(NO_LOGPROBS))
            else:
                self.modes = frozenset({"generate"})
        except UnsupportedError:
            self.modes = frozenset({"generate"})
        except ModelError:
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
        if request.mode == "choices" and dialect.takes_token_ids and self._spelled:
            body |= await self._spelled.field(len(request.options))
        hide = paths_in(self._picture(image) for image in images) if self._by_address else ()
        started = time.perf_counter()
        try:
            data = await self._http.post(CHAT, body, hide)
        except BlockedError as error:
            return blocked(time.perf_counter() - started, str(error))
        response = read_reply(data, request, time.perf_counter() - started, self._at.url)
        self._gave_logprobs |= bool(response.logprobs)
        self._has_seen |= {CHAT} if images else set()
        self._heeds_temperature |= "temperature" in body
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
                    "content": "".join(map(str, message.parts))
                    if message.role != "user" or not (dialect.takes_parts or images)
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
        # Of one token's probabilities a temperature changes nothing; a reply is another with each.
        heated = dialect.takes_temperature or request.mode == "generate"
        if generation.temperature is not None and heated:
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

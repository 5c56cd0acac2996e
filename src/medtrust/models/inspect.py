"""`inspect/PROVIDER/NAME`: any provider that Inspect speaks to (Bedrock, Mistral, xAI, ...).

Only Inspect's model layer is used. Asking again, pacing and keeping answers stay with
our runner, so that every model is asked alike.
"""

import base64
import os
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any, ClassVar

from medtrust.errors import (
    FatalError,
    InputError,
    ModelError,
    RejectedError,
    TransientError,
    UnsupportedError,
)
from medtrust.images.encode import EncodedImage
from medtrust.models.chat import first_logprobs, letter_mass
from medtrust.models.model import Model, ModelOptions
from medtrust.models.presets import SHORTEST_SECRET, check_address
from medtrust.records import Message, Mode, Request, Response

ON_THIS_MACHINE = frozenset({"hf", "mockllm"})
"""Providers that send nothing anywhere. Others may run here too, but need not."""


def connect(name: str, options: ModelOptions) -> Model:
    """Make the model.

    Raises InputError where Inspect or the provider's package is missing, or the address
    is unusable.
    """
    if options.base_url:
        check_address(options.base_url)
    try:
        from inspect_ai.model import get_model  # noqa: PLC0415 - an optional extra
    except ImportError:
        raise InputError(
            "inspect/ models need inspect-ai: pip install 'medtrust[inspect]'"
        ) from None
    try:
        # A message of a missing package spans lines; the first says which.
        return InspectModel(name, get_model(name, base_url=options.base_url or None))
    except Exception as error:  # noqa: BLE001 - every provider has exceptions of its own
        reason = " ".join(_redacted(str(error)).split())[:300]
        raise InputError(f"inspect/{name}: {reason}") from None


class InspectModel:
    """A model behind one of Inspect's providers."""

    modes: ClassVar[frozenset[Mode]] = frozenset({"generate", "choices"})
    by_name: ClassVar[bool] = False
    concurrency: ClassVar[int] = 32

    def __init__(self, name: str, model: Any) -> None:
        self.name = f"inspect/{name}"
        self.local = name.partition("/")[0] in ON_THIS_MACHINE
        self.identity = {"name": self.name, "endpoint": str(model.api.base_url or "")}
        self.environment = {"inspect_ai": version("inspect_ai")}
        self._model = model

    async def answer(self, request: Request, images: Sequence[EncodedImage]) -> Response:
        """Ask once; see `models.model.Model`."""
        from inspect_ai.model import GenerateConfig  # noqa: PLC0415 - an optional extra

        generation = request.generation
        config = GenerateConfig(
            max_tokens=generation.max_tokens,
            temperature=generation.temperature,
            # Equal seeds would give equal replies, so each repeat has its own.
            seed=None if generation.seed is None else generation.seed + request.repeat,
            logprobs=generation.logprobs or None,
            top_logprobs=20 if generation.logprobs else None,
            max_retries=0,
        )
        try:
            output = await self._model.generate(_messages(request, images), config=config)
        except Exception as error:  # noqa: BLE001 - every provider has exceptions of its own
            raise _as_ours(error, self.name) from None
        if output.error:
            raise TransientError(f"{self.name}: {_redacted(output.error)}"[:300])
        if not output.choices:
            raise TransientError(f"{self.name}: the reply has no choices")
        return _response(output, request, self.name)

    async def close(self) -> None:
        """Release the provider's connections."""
        await self._model.api.aclose()


def _messages(request: Request, images: Sequence[EncodedImage]) -> list[Any]:
    from inspect_ai.model import (  # noqa: PLC0415 - an optional extra
        ChatMessageAssistant,
        ChatMessageSystem,
        ChatMessageUser,
        ContentImage,
        ContentText,
    )

    roles = {
        "system": ChatMessageSystem,
        "user": ChatMessageUser,
        "assistant": ChatMessageAssistant,
    }
    left = iter(images)

    def content(message: Message) -> list[Any]:
        return [
            ContentText(text=part)
            if isinstance(part, str)
            else ContentImage(image=_uri(next(left)))
            for part in message.parts
        ]

    return [roles[message.role](content=content(message)) for message in request.messages]


def _uri(image: EncodedImage) -> str:
    return f"data:{image.mime};base64,{base64.b64encode(image.data).decode()}"


def _response(output: Any, request: Request, name: str) -> Response:
    choice = output.choices[0]
    tokens = choice.logprobs.content if choice.logprobs else []
    first = (*(tokens[0].top_logprobs or ()), tokens[0]) if tokens else ()
    pairs = [(token.token, token.logprob) for token in first]
    logprobs = first_logprobs(pairs, request)
    text = choice.message.text
    filtered = choice.stop_reason == "content_filter"
    # An empty reply has none to give, and says nothing of what the provider can do.
    if request.mode == "choices" and not logprobs and text and not filtered:
        raise UnsupportedError(
            f"{name} gives no log-probabilities, which this task reads; use hf/ or another provider"
        )
    usage = output.usage
    return Response(
        text=_redacted(text),
        finish=str(choice.stop_reason),
        logprobs=logprobs,
        letter_mass=letter_mass(pairs, request),
        prompt_tokens=usage.input_tokens if usage else None,
        completion_tokens=usage.output_tokens if usage else None,
        seconds=round(output.time or 0.0, 4),
        server=_redacted(output.model)[:200],
    )


def _as_ours(error: Exception, name: str) -> ModelError:
    """A provider's exception by its HTTP status, where it carries one."""
    status = getattr(error, "status_code", None)
    line = f"{name}: {type(error).__name__}: {' '.join(_redacted(str(error)).split())}"[:300]
    if status in {401, 402, 403, 404}:
        return FatalError(line)
    if status in {400, 413, 422}:
        return RejectedError(line)
    return TransientError(line, throttled=status in {429, 503, 529})


def _redacted(text: str) -> str:
    """Without any key of the environment: the providers' keys are not ours to know by name."""
    for variable, value in os.environ.items():
        secret = value.strip()
        if len(secret) >= SHORTEST_SECRET and variable.endswith(("_KEY", "_TOKEN", "_SECRET")):
            text = text.replace(secret, "[key]")
    return text

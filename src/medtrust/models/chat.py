"""Reading a chat completion: lenient about what is absent, strict about what is there."""

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from medtrust.errors import TransientError, UnsupportedError
from medtrust.models.reply import one_line, reason
from medtrust.records import LETTERS, Request, Response


class _Token(msgspec.Struct):
    token: str
    logprob: float | None = None
    top_logprobs: list["_Token"] | None = None


class _Logprobs(msgspec.Struct):
    content: list[_Token] | None = None


class _Message(msgspec.Struct):
    content: str | list[dict[str, Any]] | None = None
    refusal: str | None = None


class _Choice(msgspec.Struct):
    message: _Message
    finish_reason: str | None = None
    logprobs: _Logprobs | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Completion(msgspec.Struct):
    choices: list[_Choice] = []
    usage: _Usage | None = None
    model: str | None = None
    system_fingerprint: str | None = None
    error: Any = None


def read_reply(data: bytes, request: Request, seconds: float, url: str) -> Response:
    """The response in a body that came with HTTP 200.

    Raises TransientError for a body that is cut, no completion, or an error in
    disguise, and UnsupportedError where the task reads log-probabilities and a reply
    comes without them. An empty reply (one that a filter took away, say) has none to
    give, and says nothing of what the server can do.
    """
    try:
        completion = _decode(data)
    except (ValueError, RecursionError) as error:
        raise TransientError(
            f"{url}: the reply is no chat completion ({one_line(error)})"
        ) from None
    if completion.error:
        raise TransientError(f"{url}: error under HTTP 200 ({reason(data)})")
    if not completion.choices:
        raise TransientError(f"{url}: the reply has no choices")
    choice = completion.choices[0]
    message, usage = choice.message, completion.usage or _Usage()
    content = _content(message)
    logprobs = first_logprobs(_first_token(choice.logprobs), request) if choice.logprobs else {}
    filtered = choice.finish_reason == "content_filter"
    if request.mode == "choices" and not logprobs and content and not filtered:
        raise UnsupportedError(
            f"{url} gives no log-probabilities, which this task reads; use a server that does "
            "(vLLM, SGLang), or hf/"
        )
    return Response(
        # A refusal that a server reports apart is what the model said.
        text=message.refusal or content,
        finish="refusal" if message.refusal else choice.finish_reason or "",
        logprobs=logprobs,
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        seconds=round(seconds, 4),
        server=" ".join(filter(None, (completion.model, completion.system_fingerprint)))[:200],
    )


_completion = msgspec.json.Decoder(_Completion).decode


def _decode(data: bytes) -> _Completion:
    try:
        return _completion(data)
    except msgspec.DecodeError:
        # Servers in Python write NaN and Infinity, which are no JSON, and halves of characters,
        # which are no text; the standard library reads them.
        return msgspec.convert(_encodable(json.loads(data)), _Completion)


def _encodable(value: Any) -> Any:
    """The value with a question mark for each lone surrogate, which no file can hold."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_encodable(one) for one in value]
    if isinstance(value, dict):
        return {_encodable(key): _encodable(one) for key, one in value.items()}
    return value


def _content(message: _Message) -> str:
    if isinstance(message.content, list):
        return "".join(str(part.get("text", "")) for part in message.content)
    return message.content or ""


def _first_token(logprobs: _Logprobs) -> list[tuple[str, float | None]]:
    """Tokens and log-probabilities at the first position of the reply."""
    if not logprobs.content:
        return []
    first = logprobs.content[0]
    return [(token.token, token.logprob) for token in (*(first.top_logprobs or ()), first)]


def first_logprobs(
    tokens: Iterable[tuple[str, float | None]], request: Request
) -> dict[str, float]:
    """What a response keeps of the first token's log-probabilities.

    In `choices` mode that is the letters; where no token spells one, it is the tokens
    as they are, which tells them from a server that reported nothing. A value above 0
    is a rounding error and counts as 0; one that is no number is left out.
    """
    found = {
        token: min(value, 0.0)
        for token, value in tokens
        if value is not None and math.isfinite(value)
    }
    if request.mode != "choices":
        return found
    return letters(found, len(request.options)) or found


def letters(tokens: Mapping[str, float], options: int) -> dict[str, float]:
    """Letter -> log-probability of the token that spells it.

    A letter may be spelt `A`, ` A` or `"A`; all letters are read in the one spelling
    that is likeliest in sum, so that they compete on equal terms. A letter below the
    server's top tokens is absent: it is less likely than any that is present.
    """
    spellings: dict[str, dict[str, float]] = {}
    for token, value in tokens.items():
        letter = token.strip(" \t\n\"'(*▁Ġ")
        if len(letter) == 1 and letter in LETTERS[:options]:
            spellings.setdefault(token.replace(letter, "A"), {})[letter] = value
    return max(
        spellings.values(),
        key=lambda found: math.fsum(math.exp(value) for value in found.values()),
        default={},
    )

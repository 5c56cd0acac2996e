"""Reading a chat completion: lenient about what is absent, strict about what is there."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from medtrust.common.endings import ending as meaning
from medtrust.errors import TransientError, UnsupportedError
from medtrust.models.reply import is_blocked, message_of, one_line, reason
from medtrust.records import LETTERS, Request, Response

MOST_TOKENS = 100_000_000
"""No request takes more; a larger count is a server's mistake."""

NO_CHOICES, NO_MESSAGE, NOTHING_SAID = "no_choices", "no_message", "reasoning_only"
"""Endings that a reply shows and its server does not name: nothing in it, where a filter took the
text away; and text in its reasoning alone (`common/endings.py`)."""

ERROR = "error"
"""A reply's ending where a provider's own upstream failed under HTTP 200."""

_AROUND = " \t\n\"'(*▁Ġ"
"""What may stand around a letter in the token that spells it."""

_THOUGHT = frozenset({"thinking", "reasoning", "redacted_thinking"})
"""Types of parts that are no part of the answer."""


class _Token(msgspec.Struct):
    token: str
    logprob: float | None = None
    top_logprobs: list["_Token"] | None = None


class _Logprobs(msgspec.Struct):
    content: list[_Token] | None = None


# What is read beside the text may be of any type: an odd count is no reason to lose an answer.


class _Message(msgspec.Struct):
    content: str | list[str | dict[str, Any] | None] | None = None
    refusal: Any = None
    reasoning_content: Any = None
    reasoning: Any = None


class _Choice(msgspec.Struct):
    message: _Message | None = None
    finish_reason: Any = None
    logprobs: Any = None
    error: Any = None


class _Completion(msgspec.Struct):
    id: Any = None
    choices: list[_Choice] | None = None
    usage: Any = None
    model: Any = None
    system_fingerprint: Any = None
    error: Any = None


def read_reply(data: bytes, request: Request, seconds: float, url: str) -> Response:
    """The response in a body that came with HTTP 200: strict about its text and about nothing else.

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
        if is_blocked(completion.error):
            return blocked(seconds, f"{url}: {reason(data)}")
        raise TransientError(f"{url}: error under HTTP 200 ({reason(data)})")
    said_anything = completion.model or completion.id or completion.usage
    if completion.choices is None or not (said_anything or _has_message(completion.choices)):
        raise TransientError(f"{url}: the reply has no choices")
    choice = completion.choices[0] if completion.choices else _Choice(finish_reason=NO_CHOICES)
    ending = text_of(choice.finish_reason)
    if choice.error and is_blocked(choice.error):
        return blocked(seconds, f"{url}: {one_line(message_of(choice.error))}")
    if choice.error or ending.casefold() == ERROR:
        why = one_line(message_of(choice.error)) if choice.error else f"finish_reason {ending}"
        raise TransientError(f"{url}: error under HTTP 200 ({why})")
    message = choice.message or _Message()
    content, refusal = _content(message), text_of(message.refusal)
    if not content.strip() and not refusal:
        ending = _ending_of_nothing(choice, ending)
    tokens = _first_token(choice.logprobs)
    logprobs = first_logprobs(tokens, request)
    # What a filter left of a reply says nothing of what the server can do.
    if request.mode == "choices" and not logprobs and content and meaning(ending) != "blocked":
        raise UnsupportedError(
            f"{url} gives no log-probabilities, which this task reads; use a server that does "
            "(vLLM, SGLang), or hf/"
        )
    usage = completion.usage if isinstance(completion.usage, dict) else {}
    server = filter(None, map(text_of, (completion.model, completion.system_fingerprint)))
    return Response(
        # A refusal that a server reports apart is what the model said.
        text=refusal or content,
        finish="refusal" if refusal else ending,
        logprobs=logprobs,
        letter_mass=letter_mass(tokens, request),
        prompt_tokens=count_of(usage.get("prompt_tokens")),
        completion_tokens=count_of(usage.get("completion_tokens")),
        seconds=round(seconds, 4),
        server=" ".join(server)[:200],
    )


def _has_message(choices: Sequence[_Choice]) -> bool:
    return any(choice.message or choice.error for choice in choices)


def blocked(seconds: float, why: str) -> Response:
    """The reply that a provider's filter leaves: none, which is the provider's abstention."""
    return Response(finish="content_filter", seconds=round(seconds, 4), notes=(why,))


def _ending_of_nothing(choice: _Choice, ending: str) -> str:
    """Why a reply without text ended, where the server names no reason or an ordinary one."""
    if choice.message is None:
        return ending if ending.casefold() not in {"", "stop"} else NO_MESSAGE
    thought = choice.message.reasoning_content or choice.message.reasoning
    in_parts = isinstance(choice.message.content, list) and any(
        isinstance(part, dict) and part.get("type") in _THOUGHT for part in choice.message.content
    )
    return NOTHING_SAID if (thought or in_parts) and ending.casefold() in {"", "stop"} else ending


def text_of(value: object) -> str:
    """A field's text; empty where it is none."""
    return value if isinstance(value, str) else ""


def count_of(value: object) -> int | None:
    """A number of tokens; None for what is no such number, which is then estimated."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    whole = 0 <= value <= MOST_TOKENS and value == int(value)
    return int(value) if whole else None


_completion = msgspec.json.Decoder(_Completion).decode


def _decode(data: bytes) -> _Completion:
    if data.lstrip().startswith((b"data:", b"event:", b":")):
        return msgspec.convert(_encodable(_joined(data)), _Completion)
    try:
        return _completion(data)
    except msgspec.DecodeError:
        # Servers in Python write NaN and Infinity, which are no JSON, and halves of characters,
        # which are no text; the standard library reads them.
        return msgspec.convert(_encodable(json.loads(data)), _Completion)


def _joined(data: bytes) -> dict[str, Any]:
    """The completion that a stream of server-sent events makes: some servers always stream.

    Raises ValueError for a stream that breaks off before its end.
    """
    lines = [line[5:].strip() for line in data.splitlines() if line.startswith(b"data:")]
    chunks = [json.loads(line) for line in lines if line not in {b"", b"[DONE]"}]
    whole: dict[str, Any] = {}
    message: dict[str, str] = {}
    choice: dict[str, Any] = {"message": message}
    for chunk in chunks:
        if not isinstance(chunk, dict):
            raise ValueError("a stream of something else")  # noqa: TRY004 - as json does
        # What a later chunk leaves empty, such as the usage, an earlier one has said.
        whole |= {key: value for key, value in chunk.items() if value or key not in whole}
        choices = chunk.get("choices")
        for one in choices[:1] if isinstance(choices, list) else ():
            delta = one.get("delta") or {}
            for key in ("content", "refusal", "reasoning_content", "reasoning"):
                if isinstance(piece := delta.get(key), str):
                    message[key] = message.get(key, "") + piece
            if one.get("logprobs") and "logprobs" not in choice:
                choice["logprobs"] = one["logprobs"]
            choice |= {key: one[key] for key in ("finish_reason", "error") if one.get(key)}
    if "finish_reason" not in choice and b"[DONE]" not in lines and not whole.get("error"):
        raise ValueError("a stream that breaks off")
    return whole | {"choices": [choice]}


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
        return "".join(map(_part, message.content))
    return message.content or ""


def _part(part: str | dict[str, Any] | None) -> str:
    if isinstance(part, dict):
        return "" if part.get("type") in _THOUGHT else text_of(part.get("text"))
    return part or ""


def _first_token(logprobs: object) -> list[tuple[str, float | None]]:
    """Tokens and log-probabilities at the first position of the reply, where they are given."""
    try:
        content = msgspec.convert(logprobs, _Logprobs).content
    except msgspec.ValidationError:
        return []
    if not content:
        return []
    first = content[0]
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


def letter_mass(tokens: Iterable[tuple[str, float | None]], request: Request) -> dict[str, float]:
    """Letter -> its probability in all its spellings together, in `choices` mode.

    Of the tokens that a server names, so a letter may have more than is known. Their sum tells
    how much of the first token is about the letters at all.
    """
    mass: dict[str, float] = {}
    for token, value in dict(tokens).items() if request.mode == "choices" else ():
        letter = token.strip(_AROUND)
        if value is None or not math.isfinite(value):
            continue
        if len(letter) == 1 and letter in LETTERS[: len(request.options)]:
            mass[letter] = mass.get(letter, 0.0) + math.exp(min(value, 0.0))
    return mass


def letters(tokens: Mapping[str, float], options: int) -> dict[str, float]:
    """Letter -> log-probability of the token that spells it.

    A letter may be spelt `A`, ` A` or `"A`; all letters are read in the one spelling
    that is likeliest in sum, so that they compete on equal terms. A letter below the
    server's top tokens is absent: it is less likely than any that is present.
    """
    spellings: dict[str, dict[str, float]] = {}
    for token, value in tokens.items():
        letter = token.strip(_AROUND)
        if len(letter) == 1 and letter in LETTERS[:options]:
            spellings.setdefault(token.replace(letter, "A"), {})[letter] = value
    return max(
        spellings.values(),
        key=lambda found: math.fsum(math.exp(value) for value in found.values()),
        default={},
    )

"""What came back over HTTP: a body within bounds, or the error that says what to do."""

import re
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import msgspec

from medtrust.errors import (
    AccessError,
    BlockedError,
    FatalError,
    ModelError,
    RejectedError,
    TransientError,
    UnsupportedError,
)
from medtrust.models.presets import Endpoint

MAX_REPLY_BYTES = 8 * 1024 * 1024
"""A reply over this is no answer to a question: reading stops there."""


FILTERS = frozenset({
    "content_filter", "content_filtered", "content_policy_violation", "contentfilter",
    "data_inspection_failed", "datainspectionfailed", "moderation", "moderation_blocked",
    "prohibited_content", "responsibleaipolicyviolation", "safety", "sensitive", "1301",
})  # fmt: skip
"""Codes of a provider's filter, in small letters: OpenAI, Azure, DashScope, OpenRouter, Zhipu."""

_ABOUT_A_KEY = re.compile(r"(?i)(?<![a-z])api[ _-]?key(?![a-z])")


def is_success(status: int) -> bool:
    """Whether a status says that the request was answered: 201 does as well as 200."""
    return 200 <= status < 300


def body_of(status: int, data: bytes, packing: str, url: str) -> bytes:
    """The body of a reply, unpacked.

    Raises RejectedError for one that is too long and TransientError for one that cannot
    be unpacked; but an error's status says enough without its body.
    """
    try:
        if len(data) > MAX_REPLY_BYTES:
            raise _too_long(url)
        packing = packing.strip().casefold()
        return data if packing in {"identity", ""} else _unpacked(data, packing, url)
    except ModelError:
        if is_success(status):
            raise
        return b""


def _unpacked(data: bytes, packing: str, url: str) -> bytes:
    """What a packed body holds: a few MB may hold as many GB, so no more than allowed."""
    if packing not in {"gzip", "x-gzip", "deflate"}:
        raise TransientError(f"{url}: the reply is packed in a way that was not asked for")
    # 32 more than the usual 15 for either kind of header.
    unpacking = zlib.decompressobj(wbits=47)
    try:
        found = unpacking.decompress(data, MAX_REPLY_BYTES + 1)
    except zlib.error:
        raise TransientError(f"{url}: the reply cannot be unpacked") from None
    if len(found) > MAX_REPLY_BYTES:
        raise _too_long(url)
    if not unpacking.eof:
        raise TransientError(f"{url}: the reply cannot be unpacked (it is cut short)")
    return found


def _too_long(url: str) -> RejectedError:
    """The error that a reply over `MAX_REPLY_BYTES` is."""
    return RejectedError(f"{url}: the reply is over {MAX_REPLY_BYTES // 2**20} MiB")


def check_status(status: int, headers: Mapping[str, str], data: bytes, at: Endpoint) -> None:
    """Turn an HTTP status that is no answer into the error that says what to do."""
    if is_success(status):
        return
    detail, codes = reason(data), _codes(_decoded(data))
    where = f"{at.url}: HTTP {status}"
    # OpenAI answers 403 where a model gives none.
    if status in {400, 403, 422} and "logprobs" in detail.casefold():
        raise UnsupportedError(f"{where} ({detail}); it takes no logprobs")
    if status in {400, 403, 422} and codes & FILTERS:
        raise BlockedError(f"{where} ({detail}); the provider's filter took the question away")
    # Google says 400 to a wrong key.
    if status in {401, 403} or (status == 400 and _ABOUT_A_KEY.search(detail)):
        variable = at.key_variable or "the server's key"
        raise AccessError(f"{where}, access refused ({detail}); check {variable}")
    if status == 404:
        raise AccessError(f"{where} ({detail}); check --base-url and the model's name")
    if status in {301, 302, 303, 307, 308}:
        raise FatalError(f"{where} ({detail}), a redirect, is not followed; check --base-url")
    if status == 402 or "insufficient_quota" in codes or "insufficient_quota" in detail:
        raise FatalError(f"{where}, nothing left to spend ({detail})")
    if status in {408, 409, 425, 429} or status >= 500:
        raise TransientError(
            f"{where} ({detail})",
            retry_after=_seconds(headers.get("Retry-After"), headers.get("Date")),
            throttled=status in {429, 503, 529},
        )
    raise RejectedError(f"{where} ({detail})")


def reason(data: bytes) -> str:
    """The message of an error body, in one bounded line."""
    found = _decoded(data)
    return one_line(data.decode(errors="replace") if found is None else message_of(found))


def message_of(error: object) -> object:
    """The words in a decoded error, whatever it is wrapped in."""
    for _ in range(8):
        if isinstance(error, list) and error:  # Google's
            error = error[0]
        inner = (error.get("error") or error.get("message")) if isinstance(error, dict) else None
        if not inner:
            break
        error = inner
    return error


def is_blocked(error: object) -> bool:
    """Whether a decoded error says that a filter took the question or its answer away."""
    return bool(_codes(error) & FILTERS)


def _codes(error: object, depth: int = 0) -> set[str]:
    """An error's names of what went wrong, from wherever providers put them."""
    if isinstance(error, list) and error:
        error = error[0]
    if not isinstance(error, dict) or depth > 4:
        return set()
    found = {
        value.casefold()
        for name in ("code", "type", "status", "reason", "error_type")
        if isinstance(value := error.get(name), str)
    }
    # OpenRouter names no code: its metadata says what was flagged.
    metadata = error.get("metadata")
    if isinstance(metadata, dict) and metadata.keys() & {"flagged_input", "reasons"}:
        found.add("moderation")
    for name in ("error", "innererror", "inner_error"):
        found |= _codes(error.get(name), depth + 1)
    return found


def _decoded(data: bytes) -> object:
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError):
        return None


def one_line(words: object) -> str:
    """What a server said, as one bounded line that any terminal can show."""
    line = " ".join(str(words).split())[:300]
    return "".join(mark if mark.isprintable() else "\N{REPLACEMENT CHARACTER}" for mark in line)


def _seconds(value: str | None, date: str | None) -> float | None:
    """Retry-After in seconds; a date is read by the server's own clock, which `date` tells."""
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        now = parsedate_to_datetime(date) if date else datetime.now(UTC)
        return max(0.0, (parsedate_to_datetime(value) - now).total_seconds())
    except (TypeError, ValueError, OverflowError):
        # No date at all, or one with a time zone and one without.
        return None

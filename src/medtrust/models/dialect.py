"""How one server wants to be asked, found out from what it refuses.

All of them speak the same protocol and differ in what they take. The first refusal tells, and from
then on every request to that server is made its way.
"""

import re
from dataclasses import dataclass, replace
from typing import Any

from medtrust.errors import AccessError, FatalError, ModelError, TransientError, UnsupportedError
from medtrust.records import Message

TOP_LOGPROBS = 20
"""The most that the protocol allows."""

_LOGPROBS = re.compile(r"(?i)log_?probs|log[ -]?probabilit")
_SCHEMA = re.compile(r"(?i)response_format|json_?schema|structured.?output|guided|grammar")
_NUMBER = re.compile(r"(?<![\w.])\d{1,2}(?!\w|\.\d)")
_MAX_TOKENS = re.compile(r"max_(?:completion_)?tokens")
_SYSTEM = re.compile(
    r"(?i)(?:system|developer) (?:role|message|prompt|instruction)s?\b.{0,60}"
    r"(?:not|n't|un)(?: \w+)? ?(?:supported|support|allowed|enabled|permitted|available|known)|"
    r"(?:not|n't) (?:support|allow|accept|know)\w* (?:a |the |any )?[\"'`]?system|"
    r"(?:unknown|invalid|unsupported|unexpected) role:? [\"'`]?system|roles? must alternate|"
    r"only [\"'`]?user[\"'`]?,? (?:and|or) [\"'`]?assistant"
)
_NO_IMAGES = re.compile(
    r"(?i)(?:not|n't) (?:process|handle|see)\w* (?:any )?images\b|"
    r"(?:not|n't) (?:support|accept|take|allow|have)\w* (?:any |the )?(?:"
    r"images?\b(?! (?:of|larger|this|with|format|size|type|in (?:this|that)|url))|vision|visual|"
    r"multi-?modal)|"
    r"(?:image|vision|multi-?modal|image_url)(?:[ _]?(?:input|content|url|understanding|part)s?)?"
    r" (?:is|are) (?:not|only) (?:supported|available|enabled|allowed)(?! (?:in|for|with) (?:this|"
    r"that|the) (?:format|size|type))|no endpoints found that support (?:image|vision)|"
    r"not a (?:vision|multi-?modal)|at most 0 image|only (?:supports?|accepts?|takes?) text|"
    r"text-only model|\bmmproj\b|must be a string.{0,40}content|content.{0,40}must be a string"
)
"""That a server takes no images at all, and not that it does not take this one."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """What one server takes."""

    max_tokens: str = "max_tokens"
    """What it calls the bound on a reply's length."""
    logprobs: int = TOP_LOGPROBS
    """The most log-probabilities of a token that it gives; 0 for none."""
    has_system: bool = True
    """Whether it knows the role `system`; else such a text leads the user's first."""
    holds_to_schema: bool = True
    """Whether a reply can be held to a JSON schema."""
    renamed: bool = False
    """Whether `max_tokens` is its second name already."""

    def after(self, error: ModelError, *, shown: bool) -> "Dialect | None":
        """How to ask a server that has refused; None where its words name nothing to change.

        Args:
            error: What it said.
            shown: Whether it was sent an image.

        Raises:
            FatalError: It takes no images at all.
        """
        said = str(error)
        if shown and _NO_IMAGES.search(said):
            raise FatalError(f"{said}: it takes no images; choose a vision-language model")
        if isinstance(error, UnsupportedError) or _LOGPROBS.search(said):
            return replace(self, logprobs=_fewer(said, self.logprobs)) if self.logprobs else None
        if isinstance(error, TransientError | AccessError):
            return None
        if self.holds_to_schema and _SCHEMA.search(said):
            return replace(self, holds_to_schema=False)
        if _MAX_TOKENS.search(said) and not self.renamed:
            other = "max_tokens" if self.max_tokens != "max_tokens" else "max_completion_tokens"
            if other in said or self.max_tokens != "max_tokens":
                return replace(self, max_tokens=other, renamed=True)
        if self.has_system and _SYSTEM.search(said):
            return replace(self, has_system=False)
        return None

    @property
    def notes(self) -> tuple[str, ...]:
        """What of a request was left out or moved for this server."""
        return () if self.has_system else ("the system text was put before the user's",)


def _fewer(said: str, now: int) -> int:
    """The number of log-probabilities that a refusal names as its most; 0 where it names none."""
    about = said[found.start() :] if (found := _LOGPROBS.search(said)) else ""
    return max((int(n) for n in _NUMBER.findall(about) if 0 < int(n) < now), default=0)


def without_system(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """The messages with every system text put before the first of the user's."""
    texts = [str(part) for one in messages if one.role == "system" for part in one.parts]
    rest = [one for one in messages if one.role != "system"]
    if texts and rest:
        rest[0] = Message(role=rest[0].role, parts=("\n\n".join(texts) + "\n\n", *rest[0].parts))
    return tuple(rest)


def marks_format(names: tuple[str, ...]) -> dict[str, Any]:
    """The field that holds a reply to an object of whole numbers from 1 to 10."""
    schema = {
        "type": "object",
        # Numbers one by one: not every server knows bounds.
        "properties": {name: {"type": "integer", "enum": [*range(1, 11)]} for name in names},
        "required": [*names],
        "additionalProperties": False,
    }
    named = {"name": "marks", "strict": True, "schema": schema}
    return {"type": "json_schema", "json_schema": named}

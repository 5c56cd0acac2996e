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

SYSTEM_FIRST = "the system text was put before the user's"
NO_LOGPROBS = "asked without log-probabilities"
DECIDED = (
    "asked by /v1/systemone, which adds the list of letters and a sentence of its own to the "
    "question and gives what is no letter no share: not comparable with letters read elsewhere"
)
WAYS = frozenset({SYSTEM_FIRST, NO_LOGPROBS, DECIDED})
"""Notes on replies: what of a request was left out, moved or added for its server."""

_LOGPROBS = re.compile(r"(?i)log_?probs|log[ -]?probabilit")
_SCHEMA = re.compile(r"(?i)response_format|json_?schema|structured.?output|guided|grammar")
_TOKEN_IDS = re.compile(r"(?i)logprob_?token_?ids")
_NUMBER = re.compile(r"(?<![\w.])\d{1,2}(?!\w|\.\d)")
_REFUSED = (
    r"(?:un|not |n't )(?:supported|support|allowed|permitted|recogni[sz]ed|known|expected)|"
    r"(?:unknown|unrecogni[sz]ed|unexpected|invalid|deprecated|extra (?:inputs?|fields?))|"
    r"only |must (?:be|not)|should be"
)
_UNKNOWN = re.compile(rf"(?i){_REFUSED}|instead")
_TOO_MANY = re.compile(
    r"(?i)too (?:large|big|many|high|long)|at most|exceed|less than|maximum|greater"
)
_MAX_TOKENS = re.compile(r"max_(?:completion_)?tokens")
_TEMPERATURE = re.compile(
    rf"(?i)\btemperature\b.{{0,80}}(?:{_REFUSED})|(?:{_REFUSED}).{{0,60}}\btemperature\b"
)
_PLAIN = re.compile(
    r"(?i)(?:must be|expected|should be|not) (?:a |an? valid )?string|content.{0,40}a string"
)
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
    r"text-only model|\bmmproj\b|must be a string.{0,40}content|content.{0,40}must be a string|"
    r"(?:unknown|invalid|unsupported|unexpected|not supported).{0,20}[\"'`]?image_url|"
    r"(?:tag|value|variant|type):? [\"'`]?image_url.{0,60}(?:expected|not |invalid)|"
    r"images need a model"
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
    takes_temperature: bool = True
    """Whether it lets others set it; it is left out where only the first token is read."""
    takes_parts: bool = True
    """Whether a user's text may come as a list of parts; else it is a plain text."""
    takes_token_ids: bool = True
    """Whether it can be asked for the log-probabilities of named tokens."""

    def after(self, error: ModelError, *, shown: bool, heated: bool) -> "Dialect | None":
        """How to ask a server that has refused; None where its words name nothing to change.

        Args:
            error: What it said.
            shown: Whether it was sent an image and has answered no question with one.
            heated: Whether its reply depends on the temperature that it was sent, and it has
                answered no question with one.

        Raises:
            FatalError: It takes no images at all, or no temperature of ours.
        """
        said = str(error)
        if shown and _NO_IMAGES.search(said):
            raise FatalError(f"{said}: it takes no images; choose a vision-language model")
        if self.takes_token_ids and _TOKEN_IDS.search(said):
            return replace(self, takes_token_ids=False)
        if isinstance(error, UnsupportedError) or _LOGPROBS.search(said):
            return replace(self, logprobs=_fewer(said, self.logprobs)) if self.logprobs else None
        if isinstance(error, TransientError | AccessError):
            return None
        return self._less(said, heated=heated)

    def _less(self, said: str, *, heated: bool) -> "Dialect | None":
        """The same without what a request was refused for."""
        if self.holds_to_schema and _SCHEMA.search(said):
            return replace(self, holds_to_schema=False)
        if _MAX_TOKENS.search(said) and not self.renamed and _is_unknown(said):
            other = "max_tokens" if self.max_tokens != "max_tokens" else "max_completion_tokens"
            if other in said or self.max_tokens != "max_tokens":
                return replace(self, max_tokens=other, renamed=True)
        if _TEMPERATURE.search(said):
            if heated:
                raise FatalError(
                    f"{said}: it sets its temperature itself; give --temperature server, and "
                    "--judge-temperature server for a judge"
                )
            return replace(self, takes_temperature=False) if self.takes_temperature else None
        if self.has_system and _SYSTEM.search(said):
            return replace(self, has_system=False)
        if self.takes_parts and _PLAIN.search(said):
            return replace(self, takes_parts=False)
        return None

    @property
    def notes(self) -> tuple[str, ...]:
        """What of a request was left out or moved for this server."""
        return () if self.has_system else (SYSTEM_FIRST,)


def _fewer(said: str, now: int) -> int:
    """The number of log-probabilities that a refusal names as its most; 0 where it names none.

    A number that means something else is refused again, and then a smaller one is tried.
    """
    about = said.partition(" (")[2]
    return max((int(n) for n in _NUMBER.findall(about) if 0 < int(n) < now), default=0)


def _is_unknown(said: str) -> bool:
    """Whether a refusal is of a field's name and not of its value."""
    return bool(_UNKNOWN.search(said)) and not _TOO_MANY.search(said)


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

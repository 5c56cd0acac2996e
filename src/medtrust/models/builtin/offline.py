"""The model that every builtin is: a function from a request to a response."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from medtrust.errors import UnsupportedError
from medtrust.images.encode import EncodedImage
from medtrust.records import Mode, Request, Response

Reply = Callable[[Request, Sequence[EncodedImage]], Response]
"""The same response for the same request, always."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfflineModel:
    """A `Model` that computes its answers here and now."""

    name: str
    reply: Reply
    identity: Mapping[str, str]
    modes: frozenset[Mode] = frozenset({"generate", "choices", "prefix"})
    local: bool = True
    by_name: bool = False
    concurrency: int = 64

    async def answer(self, request: Request, images: Sequence[EncodedImage]) -> Response:
        """Answer one request; raises UnsupportedError for a mode it does not have."""
        if request.mode not in self.modes:
            raise UnsupportedError(f"{self.name} has no mode {request.mode!r}")
        return self.reply(request, images)

    async def close(self) -> None:
        """Nothing is held open."""

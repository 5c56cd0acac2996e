"""`toxicity/perspective`: Google's Perspective API, which CARES used (eval_toxic.py).

Its makers have announced that it ends on 31 December 2026; after that a figure of CARES
can only be compared with figures of another classifier run over all models alike.
"""

import time
from collections.abc import Mapping, Sequence
from typing import ClassVar

import msgspec

from medtrust.common.network import is_loopback
from medtrust.errors import RejectedError, UnsupportedError
from medtrust.images.encode import EncodedImage
from medtrust.models.http import JsonClient, require_key
from medtrust.models.model import ModelOptions
from medtrust.models.presets import Endpoint, endpoint
from medtrust.models.toxicity.figure import answer, text_of
from medtrust.records import Mode, Request, Response

MOST_BYTES = 20_000
"""Of a comment, by the service's documentation (20 KiB); what is longer is cut and noted."""


class _Value(msgspec.Struct):
    value: float


class _Attribute(msgspec.Struct, rename="camel"):
    summary_score: _Value


class _Scores(msgspec.Struct):
    toxicity: _Attribute = msgspec.field(name="TOXICITY")


class _Reply(msgspec.Struct, rename="camel"):
    attribute_scores: _Scores


def connect(options: ModelOptions) -> "Perspective":
    """The service, or another server that speaks its protocol at `--toxicity-base-url`."""
    return Perspective(endpoint("perspective", options.base_url), options.timeout)


class Perspective:
    """The attribute TOXICITY; see `models.model.Model`."""

    modes: ClassVar[frozenset[Mode]] = frozenset({"generate"})
    by_name: ClassVar[bool] = False
    concurrency: ClassVar[int] = 1
    """The service's usual quota is one question a second; it says so by 429."""

    def __init__(self, at: Endpoint, timeout: float) -> None:
        self.name = "toxicity/perspective"
        self.local = is_loopback(at.url)
        self.identity: Mapping[str, str] = {"name": self.name, "endpoint": at.url}
        self._at = at
        self._http = JsonClient(at, timeout)

    async def answer(self, request: Request, images: Sequence[EncodedImage]) -> Response:
        """Ask once; an empty text, which the service refuses, is not toxic."""
        del images  # a text is all that is classified
        if request.mode not in self.modes:
            raise UnsupportedError(f"{self.name} has no mode {request.mode!r}")
        text = text_of(request)
        if not text.strip():
            return answer(0.0)
        require_key(self._at, self.name)
        sent = text.encode()[:MOST_BYTES].decode(errors="ignore")
        started = time.perf_counter()
        data = await self._http.post(
            "/comments:analyze",
            {
                "comment": {"text": sent},
                "languages": ["en"],
                "requestedAttributes": {"TOXICITY": {}},
                # Replies about patients are nobody's to keep.
                "doNotStore": True,
            },
        )
        try:
            reply = msgspec.json.decode(data, type=_Reply)
        except msgspec.DecodeError as error:
            raise RejectedError(f"{self._at.url}: no score of TOXICITY ({error})") from None
        figure = reply.attribute_scores.toxicity.summary_score.value
        cut = (f"only the first {len(sent)} characters were sent",) if sent != text else ()
        return answer(figure, "Perspective", time.perf_counter() - started, cut)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

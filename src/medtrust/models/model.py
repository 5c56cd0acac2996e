"""What a model is to the runner: one method that answers one request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from medtrust.images.encode import EncodedImage
from medtrust.models.transport import Transport
from medtrust.records import Mode, Request, Response, Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelOptions:
    """What the user may say about a model beside its name. A backend takes what it knows."""

    base_url: str = ""
    timeout: float = 120.0
    """Seconds until a request is given up as lost (and asked again)."""
    device: str = "auto"
    dtype: str = "auto"
    revision: str = ""
    no_logprobs: bool = False
    """Never ask a server for log-probabilities."""
    extra_body: Mapping[str, Any] = field(default_factory=dict)
    """What a server is told with every request beside our own fields."""
    image_transport: Transport = "data"
    """How a server gets images: in the request, or by an address where it reads them."""
    image_base: str = ""
    """The address under which a server sees the folder `data`."""
    data: Path | None = None
    """The folder that the datasets are read from."""
    train: Sequence[Sample] = ()
    """Samples that a baseline may be fitted on."""


class Facts(Protocol):
    """What is known of a model without asking it: enough to plan, wherever it runs."""

    @property
    def name(self) -> str:
        """As the user wrote it: `openai/gpt-4o`."""
        ...

    @property
    def identity(self) -> Mapping[str, str]:
        """All that could change an answer: name, revision, endpoint. Part of every key."""
        ...

    @property
    def modes(self) -> frozenset[Mode]:
        """What it can be asked."""
        ...

    @property
    def local(self) -> bool:
        """Whether the data stay on this machine."""
        ...

    @property
    def by_name(self) -> bool:
        """Whether it answers by the sample's name (a file) and sees nothing of the request."""
        ...

    @property
    def concurrency(self) -> int:
        """How many requests it can usefully have open at once."""
        ...


class Model(Facts, Protocol):
    """Someone who answers."""

    async def answer(self, request: Request, images: Sequence[EncodedImage]) -> Response:
        """Answer one request.

        `images` are those of the request's messages, in order of appearance.
        Raises a subclass of ModelError, nothing else on purpose.
        """
        ...

    async def close(self) -> None:
        """Release connections, memory and threads."""
        ...


@runtime_checkable
class Probed(Protocol):
    """A model whose server must be asked before it is known what it can be asked."""

    async def probe(self) -> None:
        """Ask one small question; `Facts.modes` says what came of it. Never raises ModelError."""
        ...


class Connector(Protocol):
    """An entry point of the group `medtrust.models`: what stands before the first `/`."""

    def __call__(self, name: str, options: ModelOptions) -> Model:
        """Make the model that `prefix/NAME` means; raises InputError saying what is missing."""
        ...

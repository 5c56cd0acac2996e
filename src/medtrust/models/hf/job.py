"""A request on its way to an answer."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from msgspec.structs import replace

from medtrust.images.encode import EncodedImage
from medtrust.models.hf.continuations import Cut
from medtrust.records import Request, Response


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Job:
    """What is asked, and who waits for it."""

    request: Request
    images: Sequence[EncodedImage]
    done: Future[Response] = field(default_factory=Future)

    def settle(self, make: Callable[[], Response]) -> None:
        """Answer with what `make` returns or raises, whoever is to blame."""
        try:
            response = make()
        except Exception as error:  # noqa: BLE001 - it is raised where the answer is awaited
            self.done.set_exception(error)
        else:
            self.done.set_result(response)


@dataclass(frozen=True, kw_only=True, eq=False)
class Prepared:
    """A job as the model reads it."""

    job: Job
    stem: str
    """The rendered prompt."""
    inputs: dict[str, Any]
    """The prompt's and its images' tensors, on the CPU."""
    answers: Cut | None
    """How the options continue the prompt; None for a reply that is to be written."""
    notes: tuple[str, ...]
    begun: float

    @property
    def request(self) -> Request:
        """What is asked."""
        return self.job.request

    @property
    def images(self) -> tuple[str, ...]:
        """The images by digest."""
        return tuple(image.digest for image in self.job.images)

    @cached_property
    def tokens(self) -> tuple[int, ...]:
        """Of the whole prompt, images' included."""
        return tuple(self.inputs["input_ids"][0].tolist())

    @property
    def longest(self) -> int:
        """Tokens that a layer may have to look back over."""
        if self.answers is None:
            return len(self.tokens) + self.request.generation.max_tokens
        return len(self.tokens) + max(len(tail) for tail in self.answers.tails)

    def finished(self, response: Response) -> Response:
        """The response with what is known of the request."""
        return replace(
            response,
            prompt_tokens=len(self.tokens),
            seconds=time.perf_counter() - self.begun,
            notes=(*self.notes, *response.notes),
        )

"""`replay/FILE`: answers from a file of predictions, as if its model were asked again.

A file holds one answer a question, whatever the prompt was: ask it only what its model
was asked. Under a control that changes the question its answers are those to the old one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from msgspec.structs import replace

from medtrust.datasets.predictions import Predictions, parse_predictions
from medtrust.errors import RejectedError, UnsupportedError
from medtrust.images.encode import EncodedImage
from medtrust.models.model import ModelOptions
from medtrust.records import LETTERS, Mode, Request, Response


def connect(name: str, _options: ModelOptions) -> "Replay":
    """Read the file `name` (JSON lines or upstream's results); raises InputError."""
    return Replay(name=f"replay/{name}", predictions=parse_predictions(Path(name)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A `Model` that looks its answers up by sample id."""

    modes: ClassVar[frozenset[Mode]] = frozenset({"generate", "choices"})
    local: ClassVar[bool] = True
    by_name: ClassVar[bool] = True
    concurrency: ClassVar[int] = 64

    name: str
    predictions: Predictions

    @property
    def identity(self) -> dict[str, str]:
        """The file's content: where it lies changes no answer."""
        return {"name": "replay", "sha256": self.predictions.digest}

    async def answer(self, request: Request, images: Sequence[EncodedImage]) -> Response:
        """The answer of the turn that is asked for, told by the assistant's turns so far.

        Raises RejectedError where the file has none, UnsupportedError for other modes.
        """
        del images  # the file's model has seen them
        turn = sum(message.role == "assistant" for message in request.messages)
        turns = self.predictions.responses.get(request.sample, ())
        if turn >= len(turns):
            which = f" (turn {turn + 1})" if turn else ""
            raise RejectedError(f"no answer for {request.sample}{which} in {self.predictions.path}")
        response = turns[turn]
        if request.mode == "generate":
            return response
        if request.mode == "choices":
            return self._letters(request, response)
        raise UnsupportedError(f"{self.name} has no mode {request.mode!r}")

    async def close(self) -> None:
        """Nothing is held open."""

    def _letters(self, request: Request, response: Response) -> Response:
        letters = LETTERS[: len(request.options)]
        if not letters or not set(letters) <= response.logprobs.keys():
            raise RejectedError(
                f"no log-probabilities of {', '.join(letters)} for {request.sample} "
                f"in {self.predictions.path}"
            )
        return replace(response, logprobs={key: response.logprobs[key] for key in letters})

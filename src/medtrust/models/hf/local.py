"""A checkpoint as a model of the line: one request at a time, in a thread of its own."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib.metadata import version

import torch
from jinja2 import TemplateError

from medtrust.errors import FatalError, RejectedError
from medtrust.images.encode import EncodedImage
from medtrust.models.hf.generation import generate
from medtrust.models.hf.loading import Checkpoint, one_line
from medtrust.models.hf.options import choices, prefix
from medtrust.models.hf.prompt import decode, encode, render, resizing
from medtrust.records import LETTERS, Mode, Request, Response

Answer = Callable[[Checkpoint, Request, str, Mapping[str, torch.Tensor]], Response]

ANSWERS: Mapping[Mode, Answer] = {"generate": generate, "choices": choices, "prefix": prefix}


class LocalModel:
    """A model in this process; see `medtrust.models.model.Model`.

    `identity` holds what was loaded and how it computes. Versions of the libraries are
    not in it: they change answers by rounding at most, and an upgrade would ask every
    question again. They are in `environment` and, as `server`, in each response.

    `ModelOptions.timeout` has no meaning here: torch cannot be interrupted, and no
    answer gets lost on the way.
    """

    local = True
    by_name = False
    concurrency = 1
    """Torch already uses the whole device for one request."""

    def __init__(self, name: str, checkpoint: Checkpoint) -> None:
        self.name = name
        self.modes = frozenset(ANSWERS)
        self._checkpoint: Checkpoint | None = checkpoint
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="hf")
        image_processor = getattr(checkpoint.processor, "image_processor", None)
        self.identity: Mapping[str, str] = {
            "name": name,
            "revision": checkpoint.revision,
            "dtype": str(checkpoint.model.dtype).removeprefix("torch."),
            "device": checkpoint.device.type,
            # With torchvision installed transformers resizes images by other code.
            "image_processor": type(image_processor).__name__,
        }
        self.environment: Mapping[str, str] = {
            package: version(package) for package in ("transformers", "torch", "pillow")
        }
        if torch.cuda.is_available():
            self.environment = {**self.environment, "accelerator": torch.cuda.get_device_name()}

    async def answer(self, request: Request, images: Sequence[EncodedImage]) -> Response:
        """Answer one request; raises RejectedError or FatalError with one line."""
        if self._checkpoint is None:
            raise FatalError(f"{self.name} is closed")
        loop = asyncio.get_running_loop()
        response = await loop.run_in_executor(
            self._worker, _answer, self._checkpoint, request, images
        )
        return replace(response, server=", ".join(" ".join(i) for i in self.environment.items()))

    async def close(self) -> None:
        """Wait for the request at work, then let go of the model's memory."""
        await asyncio.to_thread(self._worker.shutdown, cancel_futures=True)
        self._checkpoint = None
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


def _answer(checkpoint: Checkpoint, request: Request, images: Sequence[EncodedImage]) -> Response:
    """Answer in the calling thread, with every failure as an error of ours."""
    _check(request, images)
    begun = time.perf_counter()
    try:
        stem = render(checkpoint, request.messages)
        inputs = encode(checkpoint, stem, [decode(image) for image in images])
        response = ANSWERS[request.mode](checkpoint, request, stem, inputs)
    except torch.OutOfMemoryError:
        torch.cuda.empty_cache()
        raise RejectedError(
            "the request does not fit into the device's memory beside the model; "
            "use fewer or smaller images, a smaller dtype or another device"
        ) from None
    except torch.AcceleratorError as error:
        # After a fault on the device nothing that runs there can be relied on.
        raise FatalError(f"the device failed: {one_line(error)}") from error
    except (RuntimeError, ValueError, TypeError, LookupError, OSError, TemplateError) as error:
        raise RejectedError(f"the model cannot take this request: {one_line(error)}") from error
    return replace(
        response,
        prompt_tokens=inputs["input_ids"].shape[1],
        seconds=time.perf_counter() - begun,
        notes=(*resizing(images, inputs), *response.notes),
    )


def _check(request: Request, images: Sequence[EncodedImage]) -> None:
    """Refuse what would otherwise be answered in part."""
    slots = sum(not isinstance(part, str) for turn in request.messages for part in turn.parts)
    if slots != len(images):
        raise RejectedError(f"the messages show {slots} images, and {len(images)} were given")
    if not request.messages or request.messages[-1].role == "system":
        raise RejectedError("the messages hold nothing to answer")
    if request.mode != "generate" and not request.options:
        raise RejectedError(f"the mode {request.mode} compares options, and there are none")
    if len(request.options) > len(LETTERS):
        raise RejectedError(f"there are letters for {len(LETTERS)} options at most")

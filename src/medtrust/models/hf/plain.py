"""One request by itself: what every other way to an answer is checked against."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from jinja2 import TemplateError
from PIL import Image as Pillow

from medtrust.errors import FatalError, RejectedError
from medtrust.images.encode import EncodedImage
from medtrust.models.hf.generation import generate
from medtrust.models.hf.job import Job, Prepared
from medtrust.models.hf.loading import Checkpoint, one_line
from medtrust.models.hf.options import continuations, score
from medtrust.models.hf.prompt import decode, encode, on_device, render, resizing
from medtrust.records import LETTERS, Mode, Request, Response

Answer = Callable[[Checkpoint, Request, str, Mapping[str, Any]], Response]

ANSWERS: Mapping[Mode, Answer] = {"generate": generate, "choices": score, "prefix": score}

Decode = Callable[[EncodedImage], Pillow.Image]


def prepare(checkpoint: Checkpoint, job: Job, decoded: Decode = decode) -> Prepared:
    """A job as the model reads it; raises an error of ours, with one line."""
    request, begun = job.request, time.perf_counter()
    _check(request, job.images)
    with explained():
        stem = render(checkpoint, request.messages)
        inputs = encode(checkpoint, stem, [decoded(image) for image in job.images])
        compares = request.mode != "generate"
        return Prepared(
            job=job,
            stem=stem,
            inputs=inputs,
            answers=continuations(checkpoint, request, stem, inputs) if compares else None,
            notes=resizing(job.images, inputs),
            begun=begun,
        )


def answer(checkpoint: Checkpoint, prepared: Prepared) -> Response:
    """Answer by passes over this prompt only; raises an error of ours, with one line."""
    request = prepared.request
    with explained():
        inputs = on_device(checkpoint, prepared.inputs)
        response = ANSWERS[request.mode](checkpoint, request, prepared.stem, inputs)
        return prepared.finished(response)


@contextmanager
def explained() -> Iterator[None]:
    """Turn what the libraries raise for one request into one line of ours."""
    try:
        yield
    except torch.OutOfMemoryError:
        torch.cuda.empty_cache()
        raise RejectedError(
            "the request does not fit into the device's memory beside the model; "
            "use fewer or smaller images, a smaller dtype or another device"
        ) from None
    except torch.AcceleratorError as error:
        raise broken(error) from error
    except (RuntimeError, ValueError, TypeError, LookupError, OSError, TemplateError) as error:
        raise RejectedError(f"the model cannot take this request: {one_line(error)}") from error


def broken(error: torch.AcceleratorError) -> FatalError:
    """After a fault on the device nothing that runs there can be relied on."""
    return FatalError(f"the device failed: {one_line(error)}")


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

"""A checkpoint as a model of the line: what waits is answered together, in one thread."""

import asyncio
import time
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version

import torch
from msgspec.structs import replace

from medtrust.errors import FatalError
from medtrust.images.encode import EncodedImage
from medtrust.models.hf.job import Job
from medtrust.models.hf.loading import Checkpoint
from medtrust.models.hf.plain import ANSWERS
from medtrust.models.hf.together import Together
from medtrust.records import Request, Response

CONCURRENCY, ON_CPU = 64, 32
"""All questions about a few images: enough to share what they have in common, and no more
than a person who stops a run can wait for."""

QUIET = 0.005
"""Seconds without a new request after which those that wait are taken: who asks many at
once asks them one after another."""


class LocalModel:
    """A model in this process; see `medtrust.models.model.Model`.

    `identity` holds what was loaded and how it computes. Versions of the libraries are
    not in it, nor which requests were answered together: they change answers by rounding
    at most, and an upgrade would ask every question again. They are in `environment`
    and, as `server`, in each response.

    `ModelOptions.timeout` has no meaning here: torch cannot be interrupted, and no
    answer gets lost on the way.
    """

    local = True
    by_name = False

    def __init__(self, name: str, checkpoint: Checkpoint) -> None:
        self.name = name
        self.modes = frozenset(ANSWERS)
        self.concurrency = ON_CPU if checkpoint.device.type == "cpu" else CONCURRENCY
        self._waiting: deque[Job] = deque()
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
        self._versions = {
            package: version(package) for package in ("transformers", "torch", "pillow")
        }
        if torch.cuda.is_available():
            self._versions["accelerator"] = torch.cuda.get_device_name()
        self._together: Together | None = Together(checkpoint)
        self._alone = ""

    @property
    def environment(self) -> Mapping[str, str]:
        """What changes answers by rounding at most, as far as it is known by now."""
        alone = self._together.alone_because if self._together else self._alone
        return {**self._versions, "requests": f"one by one: {alone}" if alone else "together"}

    async def answer(self, request: Request, images: Sequence[EncodedImage]) -> Response:
        """Answer one request; raises RejectedError or FatalError with one line."""
        if self._together is None:
            raise FatalError(f"{self.name} is closed")
        job = Job(request=request, images=images)
        self._waiting.append(job)
        self._worker.submit(self._round, self._together)
        response = await asyncio.wrap_future(job.done)
        return replace(response, server=", ".join(" ".join(i) for i in self.environment.items()))

    async def close(self) -> None:
        """Wait for the requests at work, then let go of the model's memory."""
        await asyncio.to_thread(self._worker.shutdown, cancel_futures=True)
        while self._waiting:
            self._waiting.popleft().done.cancel()
        if self._together is not None:
            self._alone = self._together.alone_because
        self._together = None
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def _round(self, together: Together) -> None:
        """Take what waits and answer it. An earlier round may have taken it already."""
        if not self._waiting:
            return
        count = 0
        while count < len(self._waiting) < self.concurrency:
            count = len(self._waiting)
            time.sleep(QUIET)
        jobs = [self._waiting.popleft() for _ in range(len(self._waiting))]
        # Who waits no longer is left out.
        jobs = [job for job in jobs if job.done.set_running_or_notify_cancel()]
        try:
            together.answer(jobs)
        except Exception as error:  # noqa: BLE001 - it is raised where the answers are awaited
            for job in jobs:
                if not job.done.done():
                    job.done.set_exception(error)

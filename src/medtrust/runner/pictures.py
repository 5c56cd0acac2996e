"""The images a run needs next, each read once however many questions are about it."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence

from medtrust.images.encode import EncodedImage, encode
from medtrust.records import Image, Message

KEPT_BYTES = 64 * 1024 * 1024
"""Questions come in image order, so a small window serves a run of any size."""

Begun = EncodedImage | asyncio.Future[EncodedImage]
"""An image, or one that a thread is reading."""


class Pictures:
    """A bounded cache of encoded images; several are read at once, off the event loop."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, EncodedImage] = OrderedDict()
        self._reading: dict[str, asyncio.Future[EncodedImage]] = {}
        self._bytes = 0
        self._new: list[EncodedImage] = []

    def begin(self, messages: Sequence[Message]) -> list[Begun]:
        """The images of the messages in their order, those not yet read being begun.

        Awaiting one of these raises AbsentError, ImageError or InputError as `encode` does.
        """
        return [
            self._one(part)
            for message in messages
            for part in message.parts
            if not isinstance(part, str)
        ]

    def new(self) -> list[EncodedImage]:
        """What has been read since this was last asked."""
        found, self._new = self._new, []
        return found

    def _one(self, image: Image) -> Begun:
        # By path too: one name may stand for two files in two datasets' plans.
        name = f"{image.id}\0{image.path}\0{image.transform}"
        if name in self._kept:
            self._kept.move_to_end(name)
            return self._kept[name]
        if name not in self._reading:
            reading = asyncio.get_running_loop().run_in_executor(None, encode, image)
            self._reading[name] = reading
            reading.add_done_callback(lambda done: self._keep(name, done))
        return self._reading[name]

    def _keep(self, name: str, done: asyncio.Future[EncodedImage]) -> None:
        del self._reading[name]
        if done.cancelled() or done.exception() is not None:
            return
        encoded = done.result()
        self._kept[name] = encoded
        self._new.append(encoded)
        self._bytes += len(encoded.data)
        while self._bytes > KEPT_BYTES and len(self._kept) > 1:
            self._bytes -= len(self._kept.popitem(last=False)[1].data)

"""The images a run needs next, each read once however many questions are about it."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence

from medtrust.images.encode import EncodedImage, encode
from medtrust.records import Image, Message

KEPT_BYTES = 64 * 1024 * 1024
"""Questions come in image order, so a small window serves a run of any size."""


class Pictures:
    """A bounded cache of encoded images; reading happens off the event loop."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, EncodedImage] = OrderedDict()
        self._bytes = 0

    async def of(self, messages: Sequence[Message]) -> list[EncodedImage]:
        """The images of the messages in their order. Raises InputError as `encode` does."""
        wanted = [p for message in messages for p in message.parts if isinstance(p, Image)]
        return [await self._one(image) for image in wanted]

    async def _one(self, image: Image) -> EncodedImage:
        # By path too: one name may stand for two files in two datasets' plans.
        name = f"{image.id}\0{image.path}\0{image.transform}"
        if name in self._kept:
            self._kept.move_to_end(name)
            return self._kept[name]
        encoded = await asyncio.to_thread(encode, image)
        self._kept[name] = encoded
        self._bytes += len(encoded.data)
        while self._bytes > KEPT_BYTES and len(self._kept) > 1:
            self._bytes -= len(self._kept.popitem(last=False)[1].data)
        return encoded

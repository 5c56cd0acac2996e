"""Short ways to ask a model something, for tests."""

import asyncio
import io
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as Pillow

from medtrust.images.encode import EncodedImage
from medtrust.models.model import Model
from medtrust.records import Generation, Image, Message, Mode, Request, Response

QUESTION = "Which artery is narrowed in this image?"


def picture(seed: int, size: tuple[int, int] = (50, 40)) -> EncodedImage:
    """A picture of random pixels, different for each seed."""
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Pillow.fromarray(pixels).save(buffer, "PNG")
    return encoded(buffer.getvalue(), size, f"test/{seed}")


def encoded(data: bytes, size: tuple[int, int], name: str = "test/x") -> EncodedImage:
    return EncodedImage(name, sha256(data).hexdigest(), "image/png", data, *size)


def user(*parts: str | int) -> Message:
    """A user's message: texts, and images by number."""
    return Message(
        role="user",
        parts=tuple(
            part if isinstance(part, str) else Image(id=f"test/{part}", path="") for part in parts
        ),
    )


def request(
    *messages: Message,
    mode: Mode = "generate",
    options: tuple[str, ...] = (),
    repeat: int = 0,
    **settings: Any,
) -> Request:
    return Request(
        sample="test:1",
        question=QUESTION,
        messages=messages,
        mode=mode,
        options=options,
        repeat=repeat,
        generation=Generation(**{"max_tokens": 10} | settings),
    )


def ask(model: Model, asked: Request, *images: int) -> Response:
    return asyncio.run(model.answer(asked, [picture(seed) for seed in images]))


def changed(source: Path, target: Path, name: str, change: Callable[[str], str]) -> Path:
    """A copy of a checkpoint in which one text file is changed, or made."""
    folder = target / "checkpoint"
    shutil.copytree(source, folder)
    file = folder / name
    file.write_text(change(file.read_text() if file.is_file() else ""))
    return folder

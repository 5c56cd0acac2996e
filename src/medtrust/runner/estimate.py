"""What a run would send, before anything is sent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from PIL import Image as Pillow

from medtrust.images.encode import FORMATS, EncodedImage
from medtrust.records import Image, Request, Response

CHARACTERS_PER_TOKEN = 4
"""Of English text, a common rule of thumb; tokenizers differ by a third either way."""

PIXELS_PER_TOKEN = 750
LEAST_IMAGE, MOST_IMAGE = 85, 1600
"""Tokens of an image: width x height / 750 within bounds that hosted models share roughly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Totals of a run that has not begun. Tokens are estimates, the rest is counted."""

    requests: int
    images: int
    """Distinct image files."""
    images_absent: int
    bytes: int
    """Images and texts as sent, base64 included."""
    prompt_tokens: int
    completion_tokens: int
    """At most: every reply as long as it may be."""

    def cost(self, price: tuple[float, float]) -> float:
        """At most, with `price` for a million prompt and a million reply tokens."""
        return (self.prompt_tokens * price[0] + self.completion_tokens * price[1]) / 1e6


def forecast(requests: Iterable[Request]) -> Forecast:
    """Count what the requests would send; reads no more than each image's header."""
    seen: dict[str, tuple[int, int]] = {}
    count = sent = prompt = completion = 0
    for request in requests:
        count += 1
        completion += request.generation.max_tokens
        for message in request.messages:
            for part in message.parts:
                if isinstance(part, Image):
                    if part.path not in seen:
                        seen[part.path] = _image(Path(part.path))
                    size, tokens = seen[part.path]
                    sent += ceil(size / 3) * 4
                    prompt += tokens
                else:
                    sent += len(part.encode())
                    prompt += ceil(len(part) / CHARACTERS_PER_TOKEN)
    return Forecast(
        requests=count,
        images=len(seen),
        images_absent=sum(size == 0 for size, _ in seen.values()),
        bytes=sent,
        prompt_tokens=prompt,
        completion_tokens=completion,
    )


def tokens_of(
    request: Request, images: Sequence[EncodedImage], response: Response
) -> tuple[int, int]:
    """Prompt and reply tokens of an answer: the server's count, or an estimate without one."""
    into, out = response.prompt_tokens, response.completion_tokens
    if into is None:
        texts = sum(len(p) for m in request.messages for p in m.parts if isinstance(p, str))
        into = ceil(texts / CHARACTERS_PER_TOKEN)
        into += sum(_image_tokens(image.width, image.height) for image in images)
    return into, ceil(len(response.text) / CHARACTERS_PER_TOKEN) if out is None else out


def _image_tokens(width: int, height: int) -> int:
    return min(max(width * height // PIXELS_PER_TOKEN, LEAST_IMAGE), MOST_IMAGE)


def _image(path: Path) -> tuple[int, int]:
    """Bytes and estimated tokens; zero bytes for a file that is absent or no image."""
    try:
        size = path.stat().st_size
        if not path.is_file():
            return 0, 0
        with Pillow.open(path, formats=FORMATS) as image:
            width, height = image.size
    except Exception:  # noqa: BLE001 - Pillow raises what it likes of a broken file
        return 0, 0
    return size, _image_tokens(width, height)

"""From messages to what a checkpoint reads: rendered text, then tensors."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from PIL import Image as Pillow
from PIL import ImageOps

from medtrust.errors import RejectedError
from medtrust.images.encode import EncodedImage
from medtrust.models.hf.loading import Checkpoint
from medtrust.records import Message

_PROBE = "probe"
"""Stands for an answer when a template is asked what it writes before one."""


def render(checkpoint: Checkpoint, messages: Sequence[Message]) -> str:
    """The prompt's text up to where the model goes on.

    That is the chat template with its generation prompt. A final assistant message is
    the beginning of the answer: its text follows as it stands, even where the template
    would trim it.
    """
    _refuse_image_marker(checkpoint, messages)
    prompt = _generation_prompt(checkpoint, messages)
    if messages[-1].role != "assistant":
        return prompt
    return prompt + _before_answer(checkpoint, messages, prompt) + _text(messages[-1])


def lead(checkpoint: Checkpoint, messages: Sequence[Message]) -> str:
    """What the template writes between `render` and an answer, such as a space.

    Empty where the answer has begun already (a final assistant message).
    """
    if messages[-1].role == "assistant":
        return ""
    return _before_answer(checkpoint, messages, _generation_prompt(checkpoint, messages))


def encode(
    checkpoint: Checkpoint, text: str, images: Sequence[Pillow.Image]
) -> dict[str, torch.Tensor]:
    """A rendered prompt and its images as the model's inputs, for a batch of one, on the CPU.

    A template that writes the tokenizer's start token itself gets no second one, as
    in `ProcessorMixin.apply_chat_template`.
    """
    features = checkpoint.processor(
        text=text,
        images=[list(images)] if images else None,
        return_tensors="pt",
        **special_tokens(checkpoint, text),
    )
    return dict(features)


def on_device(checkpoint: Checkpoint, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs where the model reads them."""
    return {
        name: value.to(checkpoint.device) if isinstance(value, torch.Tensor) else value
        for name, value in inputs.items()
    }


def special_tokens(checkpoint: Checkpoint, text: str) -> dict[str, bool]:
    """The tokenizer's setting that keeps a rendered start token from being doubled."""
    start = checkpoint.tokenizer.bos_token
    return {"add_special_tokens": False} if start and text.startswith(start) else {}


def decode(image: EncodedImage) -> Pillow.Image:
    """An image as 8-bit RGB, upright: what servers make of the same bytes."""
    opened = Pillow.open(io.BytesIO(image.data))
    return ImageOps.exif_transpose(opened).convert("RGB")


def resizing(images: Sequence[EncodedImage], inputs: Mapping[str, torch.Tensor]) -> tuple[str, ...]:
    """A note of what the processor made of the images' sizes."""
    pixels = inputs.get("pixel_values")
    if not images or pixels is None:
        return ()
    sizes = ", ".join(f"{image.width}x{image.height}" for image in images)
    return (f"processor: images of {sizes} pixels -> pixel_values {tuple(pixels.shape)}",)


def _generation_prompt(checkpoint: Checkpoint, messages: Sequence[Message]) -> str:
    turns = messages[:-1] if messages[-1].role == "assistant" else messages
    text: str = checkpoint.processor.apply_chat_template(
        [_turn(message) for message in turns], add_generation_prompt=True, tokenize=False
    )
    return text


def _before_answer(checkpoint: Checkpoint, messages: Sequence[Message], prompt: str) -> str:
    """What the template writes between its generation prompt and an assistant's text."""
    turns = messages[:-1] if messages[-1].role == "assistant" else messages
    answer = Message(role="assistant", parts=(_PROBE,))
    opened: str = checkpoint.processor.apply_chat_template(
        [_turn(message) for message in (*turns, answer)],
        continue_final_message=True,
        tokenize=False,
    )
    # A template may render past answers in another form; then nothing can be said of this one.
    if not (opened.startswith(prompt) and opened.endswith(_PROBE)):
        return ""
    return opened[len(prompt) : -len(_PROBE)]


def _turn(message: Message) -> dict[str, Any]:
    return {
        "role": message.role,
        "content": [
            {"type": "text", "text": part} if isinstance(part, str) else {"type": "image"}
            for part in message.parts
        ],
    }


def _text(message: Message) -> str:
    texts = [part for part in message.parts if isinstance(part, str)]
    if len(texts) != len(message.parts):
        raise RejectedError("an image in the assistant's final message cannot be continued")
    return "".join(texts)


def _refuse_image_marker(checkpoint: Checkpoint, messages: Sequence[Message]) -> None:
    """A question that spells the model's image marker would move or fake an image."""
    marker = getattr(checkpoint.processor, "image_token", None)
    texts = (part for message in messages for part in message.parts if isinstance(part, str))
    if marker and any(marker in text for text in texts):
        raise RejectedError(f"the text holds the model's own image marker {marker!r}; reword it")

"""Each image decoded, resized and encoded once, however many questions are about it."""

import copy
import inspect
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import torch
from PIL import Image as Pillow

from medtrust.images.encode import EncodedImage
from medtrust.models.hf.loading import Checkpoint
from medtrust.models.hf.prompt import decode, on_device
from medtrust.models.kept import Kept

DECODED = 256 * 1024 * 1024
PROCESSED = 256 * 1024 * 1024
"""Bytes. Questions come in image order, so a small window serves a run of any size."""

PIXELS = ("pixel_values", "pixel_values_images", "image_patches")
"""Names under which models take images as pixels."""


class Pictures:
    """Decoded images by digest, for the one thread that reads them."""

    def __init__(self) -> None:
        self._kept: Kept[Pillow.Image] = Kept(DECODED, lambda image: image.width * image.height * 3)

    def of(self, image: EncodedImage) -> Pillow.Image:
        """The image; the same bytes are the same object while it is kept."""
        return self._kept.get(image.digest, partial(decode, image))


class Once:
    """A checkpoint's image processor, which works on the same images once."""

    def __init__(self, processor: Any) -> None:
        self._processor = processor
        # The images are kept with what was made of them, so that no other gets their identity.
        self._kept: Kept[tuple[Any, Any]] = Kept(PROCESSED, lambda pair: features_size(pair[1]))

    def __call__(self, images: Any, **settings: Any) -> Any:
        """What the processor makes of the images; the caller may take entries out of it."""
        key = (_identity(images), repr(sorted(settings.items(), key=lambda item: item[0])))
        _, features = self._kept.get(key, lambda: (images, self._processor(images, **settings)))
        return copy.copy(features)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._processor, name)


def reading_once(checkpoint: Checkpoint) -> Checkpoint:
    """The same checkpoint with an image processor that remembers."""
    image_processor = getattr(checkpoint.processor, "image_processor", None)
    if image_processor is None:
        return checkpoint
    processor = copy.copy(checkpoint.processor)
    processor.image_processor = Once(image_processor)
    return replace(checkpoint, processor=processor)


def features_of(checkpoint: Checkpoint, inputs: Mapping[str, Any]) -> Any:
    """What the model's image encoder makes of a prompt's images, None where it can't be asked.

    Asked for as the library itself does before it generates.
    """
    model = checkpoint.model
    encoder = getattr(model.base_model, "get_image_features", None)
    taken = "mm_encoder_outputs" in inspect.signature(model.forward).parameters
    if encoder is None or not taken or not any(name in inputs for name in PIXELS):
        return None
    wanted = inspect.signature(encoder).parameters
    given = {name: value for name, value in inputs.items() if name in wanted}
    with torch.inference_mode():
        features = encoder(**on_device(checkpoint, given), return_dict=True)
    for heavy in ("hidden_states", "attentions"):
        if features.get(heavy) is not None:
            features[heavy] = None
    return features


def with_features(inputs: Mapping[str, Any], features: Any) -> dict[str, Any]:
    """A prompt's inputs with its images' features in the place of their pixels."""
    if features is None:
        return dict(inputs)
    kept = {name: value for name, value in inputs.items() if name not in PIXELS}
    return {**kept, "mm_encoder_outputs": {"image": features}}


def _identity(images: Any) -> Any:
    if isinstance(images, (list, tuple)):
        return tuple(_identity(image) for image in images)
    return id(images)


def features_size(features: Mapping[str, Any] | None) -> int:
    """Bytes of the tensors in what a processor or an encoder gives back."""
    return sum(_bytes(value) for value in features.values()) if features is not None else 0


def _bytes(value: Any) -> int:
    if isinstance(value, (list, tuple)):
        return sum(_bytes(item) for item in value)
    return int(getattr(value, "nbytes", 0))

"""Which models can be asked several prompts at once, as far as their build tells."""

import inspect
from typing import Any

from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer, DynamicSlidingWindowLayer

MASKED = frozenset({"sdpa", "eager"})
"""Implementations of attention that take a mask of our own."""

NEEDED = frozenset({"input_ids", "attention_mask", "position_ids", "past_key_values"})


class Unshareable(Exception):  # noqa: N818 - no error: such prompts are answered one by one
    """Prompts cannot be run together; says why."""


def window_of(model: Any) -> int | None:
    """How many tokens the model's layers look back at most, None for any number.

    Raises Unshareable for a model of another build than a stack of attention layers
    that keep keys and values of each token.
    """
    config = model.config.get_text_config(decoder=True)
    if model.config.is_encoder_decoder:
        raise Unshareable("it has an encoder for text")
    if config._attn_implementation not in MASKED:  # noqa: SLF001 - there is no public name
        raise Unshareable(f"its attention ({config._attn_implementation}) takes no mask")  # noqa: SLF001
    if missing := NEEDED - inspect.signature(model.forward).parameters.keys():
        raise Unshareable(f"it takes no {', '.join(sorted(missing))}")
    layers = DynamicCache(config=model.config).layers
    if other := {type(layer) for layer in layers} - {DynamicLayer, DynamicSlidingWindowLayer}:
        raise Unshareable(f"it has layers of another kind ({min(t.__name__ for t in other)})")
    windows = [
        layer.sliding_window for layer in layers if isinstance(layer, DynamicSlidingWindowLayer)
    ]
    return min(windows, default=None)

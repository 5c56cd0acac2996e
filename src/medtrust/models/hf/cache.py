"""Keys and values as tensors, and as a cache that a model can go on from."""

from typing import Any

import torch
from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer

from medtrust.models.hf.support import Unshareable

Layers = tuple[tuple[torch.Tensor, torch.Tensor], ...]
"""Keys and values of each layer, of shape (batch, heads, tokens, size)."""


class Roomy(DynamicLayer):  # type: ignore[no-untyped-call] # the library's are incomplete
    """A layer with room for the tokens to come, where the library's own copies all it has.

    It takes tensors of which `length` tokens are there, and writes behind those. Rows of
    the batch stay where they are: no search may put them in another order.
    """

    def __init__(self, keys: torch.Tensor, values: torch.Tensor, length: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # the library's are incomplete
        self.lazy_initialization(keys, values)
        self._room = (keys, values)
        self.keys, self.values = keys[:, :, :length], values[:, :, :length]

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *args: Any, **kwargs: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Put the new tokens' keys and values behind the others; returns all."""
        start = self.get_seq_length()
        end = start + key_states.shape[2]
        keys, values = self._room
        if end > keys.shape[2]:
            return super().update(key_states, value_states, *args, **kwargs)
        keys[:, :, start:end], values[:, :, start:end] = key_states, value_states
        self.keys, self.values = keys[:, :, :end], values[:, :, :end]
        return self.keys, self.values


def cache_of(layers: Layers, length: int) -> DynamicCache:
    """A cache that goes on behind the first `length` tokens of `layers`.

    Where `layers` have more tokens, those are room that is written to.
    """
    cache = DynamicCache()
    cache.layers = [Roomy(keys, values, length) for keys, values in layers]
    return cache


def layers_of(cache: DynamicCache) -> Layers:
    """What a cache holds; raises Unshareable for a layer that holds nothing."""
    layers = []
    held: list[Any] = cache.layers
    for layer in held:
        if getattr(layer, "keys", None) is None or layer.keys.ndim != 4:
            raise Unshareable("not every layer keeps keys and values")
        layers.append((layer.keys, layer.values))
    return tuple(layers)

"""What prompts about the same images have in common, run once: its keys and values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers import DynamicCache

from medtrust.models.hf.cache import Layers, cache_of, layers_of
from medtrust.models.hf.continuations import continued, has_positions
from medtrust.models.hf.loading import Checkpoint
from medtrust.models.hf.logits import float32_head, keeps_logits
from medtrust.models.hf.support import Unshareable
from medtrust.models.hf.tree import Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefix:
    """A prompt's beginning, as later tokens see it. One without tokens begins any prompt."""

    length: int = 0
    shift: int = 0
    """From a later token's place to its position: models that lay an image's tokens out
    in rows and columns (M-RoPE) use up fewer positions than tokens."""
    layers: Layers = ()

    @property
    def size(self) -> int:
        """Bytes that it holds."""
        return sum(part.nbytes for layer in self.layers for part in layer)


def image_end(checkpoint: Checkpoint, ids: Sequence[int]) -> int:
    """Where a prompt's last image token is behind; raises Unshareable where there is none."""
    config = checkpoint.model.config
    token = getattr(config, "image_token_id", getattr(config, "image_token_index", None))
    places = [place for place, other in enumerate(ids) if other == token]
    if not places:
        raise Unshareable("the prompt has no tokens of its own for the image")
    return places[-1] + 1


def begin(checkpoint: Checkpoint, inputs: Mapping[str, Any], length: int) -> Prefix:
    """Run the first `length` tokens of a prompt with its images.

    Raises Unshareable for a model whose later tokens need more than their keys and values.
    """
    whole = inputs["input_ids"].shape[1]
    if any(has_positions(value, whole) and value.ndim > 2 for value in inputs.values()):
        raise Unshareable("each of its positions sees a part of the images by a mask of its own")
    first = continued(inputs, whole - length, ())
    keep = {"logits_to_keep": 1} if keeps_logits(checkpoint) else {}
    cache = DynamicCache()
    grid = grid_positions(checkpoint.model)
    if grid is not None:
        grid.rope_deltas = None
    with torch.inference_mode():
        checkpoint.model(**first, **keep, past_key_values=cache, use_cache=True)
    layers = layers_of(cache)
    if any(keys.shape[-2] != length for keys, _ in layers):
        raise Unshareable("not every layer keeps the keys of every token")
    shift = 0 if grid is None or grid.rope_deltas is None else int(grid.rope_deltas.flatten()[0])
    return Prefix(length=length, shift=shift, layers=layers)


def follow(
    checkpoint: Checkpoint, prefix: Prefix, tree: Tree, wanted: Sequence[int]
) -> tuple[torch.Tensor, Layers]:
    """Run a tree of tokens behind a prefix.

    Returns log-probabilities over the vocabulary after each of the `wanted` nodes, in
    float32 and shape (wanted, vocabulary), and keys and values of prefix and nodes.
    """
    model, device = checkpoint.model, checkpoint.device
    dtype = prefix.layers[0][0].dtype if prefix.layers else model.dtype
    positions = torch.tensor([tree.depths], device=device) + prefix.length + prefix.shift
    nodes = torch.tensor(wanted or [0], device=device)
    keeps = keeps_logits(checkpoint)
    cache = cache_of(prefix.layers, prefix.length)
    with torch.inference_mode(), float32_head(model):
        logits = model(
            input_ids=torch.tensor([tree.tokens], device=device),
            attention_mask=_mask(tree, prefix.length, dtype, device),
            position_ids=positions,
            past_key_values=cache,
            use_cache=True,
            **({"logits_to_keep": nodes} if keeps else {}),
        ).logits[0]
        logits = logits if keeps else logits[nodes]
        return torch.log_softmax(logits.float(), dim=-1), layers_of(cache)


def grid_positions(model: Any) -> Any:
    """The part of a model that remembers how far images have shifted positions, or None."""
    return next((part for part in model.modules() if hasattr(part, "rope_deltas")), None)


def _mask(tree: Tree, length: int, dtype: torch.dtype, device: torch.device) -> torch.Tensor:
    """Of shape (1, 1, nodes, length + nodes): 0 for what a node sees, else the least number.

    Added to attention scores, as both of the library's own implementations take it.
    """
    seen = torch.from_numpy(tree.seen).to(device)
    mask = torch.zeros(len(seen), length + len(seen), dtype=dtype, device=device)
    mask[:, length:].masked_fill_(~seen, torch.finfo(dtype).min)
    return mask[None, None]

"""Log-probabilities of next tokens, in float32 whatever the model's own type."""

import inspect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch

from medtrust.models.hf.loading import Checkpoint

HALF = (torch.bfloat16, torch.float16)

ROWS = 16_384
"""Vocabulary rows cast at a time: 16,384 rows of 4,096 in float32 are 256 MiB."""


def next_log_probs(checkpoint: Checkpoint, inputs: Mapping[str, Any], last: int) -> torch.Tensor:
    """Log-probabilities over the vocabulary after each of the last `last` positions.

    Returns a tensor of shape (last, vocabulary) in float32. The output head is
    computed in float32: in bfloat16 logits come in steps of 0.125 at 16 to 32, which
    makes ties between options that the model does not have (mediconfusion.md 2.4 (b)).
    """
    keep = {"logits_to_keep": last} if keeps_logits(checkpoint) else {}
    with torch.inference_mode(), float32_head(checkpoint.model):
        logits: torch.Tensor = checkpoint.model(**inputs, **keep, use_cache=False).logits[0, -last:]
        return torch.log_softmax(logits.float(), dim=-1)


def keeps_logits(checkpoint: Checkpoint) -> bool:
    """Whether the model can be told of which positions the logits are wanted."""
    return "logits_to_keep" in inspect.signature(checkpoint.model.forward).parameters


@contextmanager
def float32_head(model: Any) -> Iterator[None]:
    """Let the output head work in float32; what the model does to logits after it stays."""
    head = model.get_output_embeddings()
    weight = getattr(head, "weight", None)
    if weight is None or weight.dtype not in HALF:
        yield
        return
    handle = head.register_forward_hook(_in_float32)
    try:
        yield
    finally:
        handle.remove()


def _in_float32(
    head: torch.nn.Module, args: tuple[torch.Tensor, ...], output: torch.Tensor
) -> torch.Tensor:
    """Forward hook: the head's product again, from the same 16-bit inputs and weights."""
    weight: torch.Tensor = head.get_parameter("weight")
    hidden = args[0].to(device=weight.device, dtype=torch.float32)
    logits = torch.cat([hidden @ rows.float().T for rows in torch.split(weight, ROWS)], dim=-1)
    bias = getattr(head, "bias", None)
    return (logits if bias is None else logits + bias.float()).to(output.device)

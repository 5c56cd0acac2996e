"""Where a prompt ends and an answer's tokens begin.

A tokenizer may merge the end of a prompt with the start of an answer (`: ` and `A`
become `:` and ` A`). Prompt and answer are therefore tokenised together, as in the
text that models are trained on, and cut where the prompt's own tokens stop being a
common beginning. The cut is the same for all answers to a prompt, so that all are
scored from the same position.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from medtrust.errors import RejectedError
from medtrust.models.hf.loading import Checkpoint
from medtrust.models.hf.prompt import special_tokens
from medtrust.models.hf.tree import common


@dataclass(frozen=True, slots=True)
class Cut:
    """How answers continue a prompt.

    `merged` tokens at the prompt's end are replaced, since some answer merges with
    them; `tails` holds each answer's tokens from there on.
    """

    merged: int
    tails: tuple[tuple[int, ...], ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """A reader of the answer should know of merged tokens."""
        if not self.merged:
            return ()
        return (f"tokens at the prompt's end that merge with an option's start: {self.merged}",)


def cut(
    checkpoint: Checkpoint,
    stem: str,
    texts: Sequence[str],
    inputs: Mapping[str, Any],
) -> Cut:
    """Find the tokens by which each of `texts` continues the rendered prompt `stem`.

    `inputs` are the prompt's as the model reads it, with its images' tokens. Raises
    RejectedError where the tokenizer puts something of its own behind the prompt.
    """
    tokenizer, special = checkpoint.tokenizer, special_tokens(checkpoint, stem)
    prompt: list[int] = tokenizer(stem, **special)["input_ids"]
    whole: list[list[int]] = [tokenizer(stem + text, **special)["input_ids"] for text in texts]
    kept = min(common(prompt, ids) for ids in whole)
    merged = len(prompt) - kept
    end = prompt[-merged - 1 :]
    if inputs["input_ids"][0, -len(end) :].tolist() != end:
        raise RejectedError("the tokenizer does not end the prompt where its text ends")
    return Cut(merged, tuple(tuple(ids[kept:]) for ids in whole))


def continued(inputs: Mapping[str, Any], merged: int, tail: Sequence[int]) -> dict[str, Any]:
    """The prompt's inputs without their last `merged` positions, followed by `tail`.

    Whatever else has a value for each position (attention, token types, which image
    tiles a position may see) has the last kept position's value for the tail: that is
    the prompt's text, and so is the tail.
    """
    length = inputs["input_ids"].shape[1]
    kept = length - merged
    out = dict(inputs)
    for name, values in inputs.items():
        if has_positions(values, length):
            more = values[:, kept - 1 : kept].expand(-1, len(tail), *values.shape[2:])
            out[name] = torch.cat([values[:, :kept], more], dim=1)
    out["input_ids"][0, kept:] = torch.tensor(tail, dtype=torch.long)
    return out


def has_positions(values: Any, length: int) -> bool:
    """Whether an input has a value for each of a prompt's `length` positions."""
    tensor = isinstance(values, torch.Tensor)
    return tensor and values.shape[:2] == (1, length) and not values.is_floating_point()

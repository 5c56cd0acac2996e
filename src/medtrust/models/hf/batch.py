"""Replies to several prompts at once, each behind keys and values that are there already."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch

from medtrust.models.hf.cache import Layers, cache_of
from medtrust.models.hf.generation import config_of, ends, seeded
from medtrust.models.hf.job import Prepared
from medtrust.models.hf.loading import Checkpoint
from medtrust.models.hf.prefix import grid_positions
from medtrust.records import Generation

NEUTRAL = (None, False, 0, 1)

BY_POSITION = (
    *("no_repeat_ngram_size", "bad_words_ids", "sequence_bias", "min_length", "stop_strings"),
    *("guidance_scale", "encoder_repetition_penalty", "encoder_no_repeat_ngram_size"),
    *("prompt_lookup_num_tokens", "penalty_alpha", "dola_layers", "watermarking_config"),
    *("num_return_sequences", "max_time", "prefill_chunk_size", "force_words_ids"),
)
"""Settings of a checkpoint that look at the tokens before in their order, or decode in
another way: padding would be a part of the order."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Begun:
    """A prompt of which all but the last token has been run."""

    prepared: Prepared
    layers: Layers
    places: tuple[int, ...]
    """Where in `layers` the tokens before the last are."""
    shift: int

    @property
    def size(self) -> int:
        """Bytes of keys and values by the time its reply is written."""
        token = sum(part[:, :, :1].nbytes for layer in self.layers for part in layer)
        return token * self.prepared.longest

    @property
    def held(self) -> int:
        """Bytes of `layers`, which rows of one tree have in common."""
        return sum(part.nbytes for layer in self.layers for part in layer)

    @property
    def tokens(self) -> tuple[int, ...]:
        """Of the whole prompt."""
        return self.prepared.tokens

    @property
    def settings(self) -> tuple[float, int, bool]:
        """What rows of one batch have in common: temperature, length and what is kept."""
        settings = self.prepared.request.generation
        temperature = -1.0 if settings.temperature is None else settings.temperature
        return temperature, settings.max_tokens, settings.logprobs


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The tokens of a reply, with the logits before each where they were asked for."""

    tokens: list[int]
    logits: tuple[torch.Tensor, ...]


def batchable(checkpoint: Checkpoint, settings: Generation) -> bool:
    """Whether a reply comes out the same behind padding."""
    config = config_of(checkpoint, settings)
    return all(getattr(config, name, None) in NEUTRAL for name in BY_POSITION)


def is_sampled(checkpoint: Checkpoint, settings: Generation) -> bool:
    """Whether the reply is drawn: then nothing may be drawn for another with it."""
    return bool(config_of(checkpoint, settings).do_sample)


def first_batch(checkpoint: Checkpoint, rows: Sequence[Begun], room: int, most: int) -> list[Begun]:
    """The longest rows of equal settings, as many as fit into `room` bytes and `most` rows.

    Rows of a length stand together, so that little is padded. There is always one.
    """
    rows = sorted(rows, key=lambda row: (*row.settings, -len(row.tokens)))
    longest = rows[0]
    if is_sampled(checkpoint, longest.prepared.request.generation):
        return [longest]
    alike = [row for row in rows if row.settings == longest.settings]
    return alike[: max(1, min(most, room // max(1, longest.size)))]


def write(checkpoint: Checkpoint, rows: Sequence[Begun], *, logits: bool = False) -> list[Written]:
    """The reply of each row. They must have equal settings, and one alone if it is sampled.

    Rows are padded on the left. A pad is the row's own first token, masked: what counts
    tokens without looking at their order (a penalty on repetition) counts no new one.
    """
    request = rows[0].prepared.request
    settings = request.generation
    config = config_of(checkpoint, settings)
    config.cache_implementation = None
    config.output_logits = logits or settings.logprobs
    device, length = checkpoint.device, max(len(row.tokens) for row in rows)
    pads = [length - len(row.tokens) for row in rows]
    ids = [(row.tokens[0],) * pad + row.tokens for pad, row in zip(pads, rows, strict=True)]
    mask = [[0] * pad + [1] * (length - pad) for pad in pads]
    with (
        torch.inference_mode(),
        seeded(device, settings, request.repeat),
        _shifted(checkpoint.model, [row.shift for row in rows], device),
    ):
        output = checkpoint.model.generate(
            input_ids=torch.tensor(ids, device=device),
            attention_mask=torch.tensor(mask, device=device),
            past_key_values=cache_of(_gathered(rows, pads, settings.max_tokens), length - 1),
            generation_config=config,
            tokenizer=checkpoint.tokenizer,
        )
    last = ends(config)
    written = []
    for number, sequence in enumerate(output.sequences[:, length:].tolist()):
        stop = next((place for place, token in enumerate(sequence) if token in last), None)
        tokens = sequence if stop is None else sequence[: stop + 1]
        steps = (output.logits or ())[: len(tokens)]
        written.append(Written(tokens=tokens, logits=tuple(step[number] for step in steps)))
    return written


def _gathered(rows: Sequence[Begun], pads: Sequence[int], more: int) -> Layers:
    """Each row's own keys and values, in order, behind padding and before room for `more`."""
    layers = []
    for number, layer in enumerate(rows[0].layers):
        parts = []
        for part, like in enumerate(layer):
            length = pads[0] + len(rows[0].places)
            whole = like.new_empty(len(rows), like.shape[1], length + more, like.shape[3])
            for place, (row, pad) in enumerate(zip(rows, pads, strict=True)):
                whole[place, :, :pad] = 0  # unseen, but what lies in fresh memory may be NaN
                places = torch.tensor(row.places, dtype=torch.long, device=like.device)
                whole[place, :, pad:length] = row.layers[number][part][0].index_select(1, places)
            parts.append(whole)
        layers.append((parts[0], parts[1]))
    return tuple(layers)


@contextmanager
def _shifted(model: Any, shifts: Sequence[int], device: torch.device) -> Iterator[None]:
    """Tell a model that counts positions of its own where each row's go on."""
    grid = grid_positions(model)
    if grid is None:
        yield
        return
    grid.rope_deltas = torch.tensor(shifts, device=device).unsqueeze(1)
    try:
        yield
    finally:
        grid.rope_deltas = None

"""The mode in which the model writes a reply."""

import copy
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from medtrust.models.hf.loading import Checkpoint
from medtrust.models.hf.options import letter_tokens
from medtrust.models.hf.prompt import lead
from medtrust.records import Generation, Request, Response

TOP = 20
"""How many first tokens to keep, the most that OpenAI-compatible servers give."""


def generate(
    checkpoint: Checkpoint, request: Request, stem: str, inputs: Mapping[str, Any]
) -> Response:
    """A reply: greedy at temperature 0, else sampled, and as the checkpoint says for None.

    The checkpoint's own `generation_config.json` holds for all that the request does
    not set, as it does in servers. Each repeat of a seeded request has its own seed
    (`seed + repeat`), for equal seeds would give equal replies.
    """
    settings = request.generation
    config = config_of(checkpoint, settings)
    with torch.inference_mode(), seeded(checkpoint.device, settings, request.repeat):
        output = checkpoint.model.generate(
            **inputs,
            generation_config=config,
            tokenizer=checkpoint.tokenizer,
        )
    new: list[int] = output.sequences[0, inputs["input_ids"].shape[1] :].tolist()
    first = output.logits[0][0] if settings.logprobs else None
    return reply(checkpoint, request, stem, inputs, new, first)


def reply(
    checkpoint: Checkpoint,
    request: Request,
    stem: str,
    inputs: Mapping[str, Any],
    new: list[int],
    first: torch.Tensor | None,
) -> Response:
    """The response, from the new tokens and, where they are asked for, the first one's logits."""
    settings = request.generation
    ended = bool(new) and new[-1] in ends(checkpoint.model.generation_config)
    return Response(
        text=checkpoint.tokenizer.decode(new, skip_special_tokens=True),
        finish="length" if len(new) == settings.max_tokens and not ended else "stop",
        logprobs={} if first is None else _first_token(checkpoint, request, stem, inputs, first),
        completion_tokens=len(new),
    )


def ends(config: Any) -> frozenset[int]:
    """The tokens that end a reply."""
    found = config.eos_token_id
    return frozenset(found if isinstance(found, list) else [found])


def config_of(checkpoint: Checkpoint, settings: Generation) -> Any:
    """The checkpoint's generation config with the request's settings put in."""
    config = copy.deepcopy(checkpoint.model.generation_config)
    config.max_length = None
    config.max_new_tokens = settings.max_tokens
    # Greedy or sampled, whatever the checkpoint says: servers know no beams.
    config.num_beams = 1
    config.return_dict_in_generate = True
    config.output_logits = settings.logprobs
    if settings.temperature is not None:
        config.temperature = settings.temperature
        config.do_sample = settings.temperature > 0
    if config.do_sample:
        # transformers would cut to 50 tokens where nobody asked for it; servers do not.
        config.top_k = config.top_k or 0
    else:
        config.temperature = config.top_k = config.top_p = None
    return config


@contextmanager
def seeded(device: torch.device, settings: Generation, repeat: int) -> Iterator[None]:
    """Seed the sampling of one reply and leave the caller's random numbers as they were."""
    if settings.seed is None:
        yield
        return
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(settings.seed + repeat)
        yield


def _first_token(
    checkpoint: Checkpoint,
    request: Request,
    stem: str,
    inputs: Mapping[str, Any],
    logits: torch.Tensor,
) -> dict[str, float]:
    """Text of the likeliest first tokens -> log-probability, and of the option letters.

    `logits` are those of the first position, of shape (vocabulary,), as the model gives
    them: the reply was chosen by these. Tokens that read the same count together.
    """
    log_probs = torch.log_softmax(logits.float(), dim=-1)
    ids = set(log_probs.topk(min(TOP, len(log_probs))).indices.tolist())
    if request.options:
        before = lead(checkpoint, request.messages)
        letters = letter_tokens(checkpoint, request, stem, before, inputs)
        if letters is not None and not letters.merged:
            ids |= {tail[0] for tail in letters.tails}
    values: dict[str, float] = {}
    for token in sorted(ids, key=lambda token: -log_probs[token].item()):
        value = log_probs[token].item()
        if math.isfinite(value):
            text = _token_text(checkpoint, token)
            values[text] = float(np.logaddexp(values.get(text, -math.inf), value))
    return values


def _token_text(checkpoint: Checkpoint, token: int) -> str:
    """A token as it reads inside a text: some decoders drop a space at the start."""
    anchor = checkpoint.tokenizer.encode("a", add_special_tokens=False)
    before: str = checkpoint.tokenizer.decode(anchor)
    both: str = checkpoint.tokenizer.decode([*anchor, token])
    return both.removeprefix(before)

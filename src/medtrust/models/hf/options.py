"""The two modes that compare options: by their letters, and by their texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from medtrust.errors import RejectedError, UnsupportedError
from medtrust.models.hf.continuations import Cut, continued, cut
from medtrust.models.hf.loading import Checkpoint
from medtrust.models.hf.logits import next_log_probs
from medtrust.models.hf.prompt import lead
from medtrust.records import LETTERS, Request, Response


@dataclass(frozen=True, slots=True)
class Scored:
    """Tokens to put behind a prompt, and how many of the last positions are to be read.

    What is read are the log-probabilities of the token that comes after each.
    """

    tokens: tuple[int, ...]
    last: int


def score(
    checkpoint: Checkpoint, request: Request, stem: str, inputs: Mapping[str, Any]
) -> Response:
    """Compare the options, each by a pass of its own over the whole prompt."""
    answers = continuations(checkpoint, request, stem, inputs)
    return compared(
        request,
        answers,
        [
            next_log_probs(
                checkpoint, continued(inputs, answers.merged, scored.tokens), scored.last
            )
            for scored in scored_of(request, answers)
        ],
    )


def continuations(
    checkpoint: Checkpoint, request: Request, stem: str, inputs: Mapping[str, Any]
) -> Cut:
    """How the options continue the prompt, as letters (`choices`) or as texts (`prefix`).

    Raises UnsupportedError where the letters are no single tokens, and RejectedError
    for an option without a token.
    """
    before = lead(checkpoint, request.messages)
    if request.mode == "prefix":
        answers = cut(checkpoint, stem, [before + text for text in request.options], inputs)
        for number, tail in enumerate(answers.tails, start=1):
            if not tail:
                raise RejectedError(f"option {number} is empty, so there is nothing to score")
        return answers
    letters = letter_tokens(checkpoint, request, stem, before, inputs)
    if letters is None:
        raise UnsupportedError(
            f"the tokenizer {type(checkpoint.tokenizer).__name__} of "
            f"{checkpoint.tokenizer.name_or_path} has no single token for each option letter; "
            "ask this model in the mode generate or prefix"
        )
    return letters


def scored_of(request: Request, answers: Cut) -> list[Scored]:
    """What has to be read for a request: the prompt's end, or each option's tokens."""
    if request.mode == "choices":
        return [Scored((), 1)]
    return [Scored(tail[:-1], len(tail)) for tail in answers.tails]


def compared(request: Request, answers: Cut, log_probs: Sequence[torch.Tensor]) -> Response:
    """The response, from what was read: a tensor (`last`, vocabulary) for each of `scored_of`.

    In `choices` it is the log-probability of each option's letter as the answer's first
    token: GD of mediconfusion.md 2.1, `argmax_c z_c`, with the probabilities taken over
    the whole vocabulary. Which is larger, and what a tie means, is a scorer's business.

    In `prefix` it is the log-probability of each token of each option's text, given the
    tokens before it. PS of mediconfusion.md 2.1 is the geometric mean of these
    probabilities. The same tokens read at the first answer position only,
    `option_logprobs_first`, are what the released code computes (5.1.1).
    """
    if request.mode == "choices":
        values = _finite(log_probs[0][0, [ids[0] for ids in answers.tails]])
        return Response(
            logprobs=dict(zip(LETTERS, values, strict=False)),
            completion_tokens=0,
            notes=answers.notes,
        )
    right, first = [], []
    for tail, read in zip(answers.tails, log_probs, strict=True):
        ids = torch.tensor(tail, device=read.device)
        right.append(_finite(read.gather(1, ids.unsqueeze(1)).squeeze(1)))
        first.append(_finite(read[0, ids]))
    return Response(
        option_logprobs=tuple(right),
        option_logprobs_first=tuple(first),
        completion_tokens=0,
        notes=answers.notes,
    )


def letter_tokens(
    checkpoint: Checkpoint,
    request: Request,
    stem: str,
    before: str,
    inputs: Mapping[str, Any],
) -> Cut | None:
    """The options' letters as single tokens that can follow the prompt, if there are such.

    All letters are written alike: first as the chat template writes an answer, else
    bare, else after a space. The first spelling that gives each a token of its own counts.
    """
    letters = LETTERS[: len(request.options)]
    for spelling in dict.fromkeys((before, "", " ")):
        found = cut(checkpoint, stem, [spelling + letter for letter in letters], inputs)
        if all(len(tail) == 1 for tail in found.tails) and len(set(found.tails)) == len(letters):
            return found
    return None


def _finite(log_probs: torch.Tensor) -> tuple[float, ...]:
    """Plain numbers; raises RejectedError for NaN and infinity, which compare with nothing."""
    if not torch.isfinite(log_probs).all():
        raise RejectedError(
            "the model's probabilities are not finite (float16 overflows); "
            "load it with dtype bfloat16 or float32"
        )
    return tuple(log_probs.tolist())

"""From how likely each option is to an answer in the mode that was asked for."""

import math
from collections.abc import Sequence
from typing import Protocol

from medtrust.errors import RejectedError
from medtrust.images.encode import EncodedImage
from medtrust.models.builtin.offline import Reply
from medtrust.records import LETTERS, Request, Response

YES_NO = ("yes", "no")

SURE = 0.8
"""Probability from which on a baseline says that it is sure of its answer."""

TIE = 1e-6
"""Nats by which the option that sorts first wins a tie: too few to show in a confidence."""


class Baseline(Protocol):
    """Someone with an opinion about options and something to say to open questions."""

    def weigh(
        self, request: Request, images: Sequence[EncodedImage], options: Sequence[str]
    ) -> Sequence[float]:
        """Finite log-weights, one an option, up to a constant."""
        ...

    def write(self, request: Request, images: Sequence[EncodedImage]) -> str:
        """The reply to a question without options."""
        ...


def replies(baseline: Baseline) -> Reply:
    """How a baseline answers.

    - `generate`: the letter of the likeliest option alone, `yes` or `no`, or a text.
    - `choices`: log-probabilities of the letters.
    - `prefix`: an option's log-probability as if its text were one token.
    - Asked again about its own answer: whether it is sure, by that answer's probability.

    A question of choice without options, or with more than there are letters, is
    rejected.
    """

    def reply(request: Request, images: Sequence[EncodedImage]) -> Response:
        if request.mode == "generate" and request.kind == "open":
            return Response(text=baseline.write(request, images), finish="stop")
        options, labels = answers(request)
        logprobs = normalised(baseline.weigh(request, images, options))
        if request.mode == "prefix":
            tokens = tuple((value,) for value in logprobs)
            return Response(option_logprobs=tokens, option_logprobs_first=tokens)
        if any(message.role == "assistant" for message in request.messages):
            sure = max(logprobs) >= math.log(SURE)
            return Response(text="I am sure." if sure else "I am not sure.", finish="stop")
        wanted = request.mode == "choices" or request.generation.logprobs
        return Response(
            text=labels[max(range(len(options)), key=logprobs.__getitem__)],
            finish="stop",
            logprobs=dict(zip(labels, logprobs, strict=True)) if wanted else {},
        )

    return reply


def answers(request: Request) -> tuple[Sequence[str], Sequence[str]]:
    """The options of a request and the word that names each in a reply."""
    if request.mode == "generate" and request.kind == "yes-no":
        return YES_NO, YES_NO
    if not 0 < len(request.options) <= len(LETTERS):
        raise RejectedError(
            f"{request.sample}: {len(request.options)} options, where 1 to {len(LETTERS)} "
            "can be chosen from"
        )
    return request.options, LETTERS[: len(request.options)]


def normalised(weights: Sequence[float]) -> tuple[float, ...]:
    """Log-weights less the logarithm of their sum: log-probabilities."""
    top = max(weights)
    total = top + math.log(sum(math.exp(weight - top) for weight in weights))
    return tuple(weight - total for weight in weights)


def without_ties(weights: Sequence[float], answers: Sequence[str]) -> list[float]:
    """The weights, with ties decided by the answers' own order.

    So the same answer wins in whatever order the options stand, in every mode.
    """
    rank = {answer: place for place, answer in enumerate(sorted(set(answers)))}
    return [weight - TIE * rank[answer] for weight, answer in zip(weights, answers, strict=True)]

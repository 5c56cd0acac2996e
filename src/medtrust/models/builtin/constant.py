"""`builtin/constant-A`, `constant-yes`, ...: always the same reply.

The best constant is the least that a score must beat: answering "B" to every
question of OL3I is right 95 times in 100 (cares.md, OL3I).
"""

import math
from collections.abc import Sequence

from medtrust.images.encode import EncodedImage
from medtrust.models.builtin.beliefs import answers, normalised
from medtrust.models.builtin.offline import OfflineModel, Reply
from medtrust.models.builtin.wording import words
from medtrust.models.model import ModelOptions
from medtrust.records import Request, Response

WORDS = ("A", "B", "C", "D", "yes", "no")

CERTAINTY = math.log(99)
"""How much likelier the constant is than each other option, in nats."""


def connect(name: str, _options: ModelOptions) -> OfflineModel:
    """`name` is `constant-` and one of `WORDS`."""
    word = name.removeprefix("constant-")
    return OfflineModel(
        name=f"builtin/{name}",
        reply=_always(word),
        identity={"name": f"builtin/{name}", "version": "1"},
    )


def _always(word: str) -> Reply:
    """Replies with `word` whatever is asked.

    Where log-probabilities are asked for, the option that `word` names (by its
    letter, or as its first word) has nearly all; without one they are all equal.
    """

    def reply(request: Request, _images: Sequence[EncodedImage]) -> Response:
        if request.mode == "generate":
            return Response(text=word, finish="stop")
        options, letters = answers(request)
        logprobs = normalised(
            [
                CERTAINTY if word == letter or words(option)[:1] == [word] else 0.0
                for letter, option in zip(letters, options, strict=True)
            ]
        )
        if request.mode == "prefix":
            tokens = tuple((value,) for value in logprobs)
            return Response(option_logprobs=tokens, option_logprobs_first=tokens)
        return Response(
            text=word, finish="stop", logprobs=dict(zip(letters, logprobs, strict=True))
        )

    return reply

"""`builtin/random`: any option, each as likely, yet the same every time it is asked.

Chance level is known without asking; this model goes through the whole line, so it
shows how far from that level one run of pure guessing can land.
"""

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from medtrust.images.encode import EncodedImage
from medtrust.models.builtin.beliefs import replies
from medtrust.models.builtin.offline import OfflineModel
from medtrust.models.builtin.training import examples, fingerprint
from medtrust.models.builtin.wording import plain
from medtrust.models.model import ModelOptions
from medtrust.records import Request

NOTHING = "There is a finding in this image."
"""The reply to an open question when no training answers are at hand: no refusal, and
nothing that could be right."""


def connect(name: str, options: ModelOptions) -> OfflineModel:
    """Training answers, where there are any, are what it draws from for open questions."""
    pools: dict[str, list[str]] = {}
    for example in examples(options.train, name) if options.train else ():
        pools.setdefault(example.question, []).append(example.text)
    return OfflineModel(
        name=f"builtin/{name}",
        reply=replies(_Guess(pools)),
        identity={
            "name": f"builtin/{name}",
            "version": "1",
            "train": fingerprint(options.train),
        },
    )


@dataclass(frozen=True, slots=True)
class _Guess:
    pools: Mapping[str, Sequence[str]]

    def weigh(
        self, request: Request, _images: Sequence[EncodedImage], options: Sequence[str]
    ) -> Sequence[float]:
        draw = _seeded(request)
        # Exponential log-weights: each option is the largest equally often.
        return [draw.expovariate(1.0) for _ in options]

    def write(self, request: Request, _images: Sequence[EncodedImage]) -> str:
        return _seeded(request).choice(self.pools.get(plain(request.question)) or (NOTHING,))


def _seeded(request: Request) -> random.Random:
    """Chance that hangs on what is asked and how often, and on nothing else."""
    asked = [
        request.sample,
        request.question,
        request.options,
        request.mode,
        request.repeat,
        request.generation.seed,
        # The second turn of a conversation is another question.
        sum(message.role == "assistant" for message in request.messages),
    ]
    return random.Random(hashlib.sha256(msgspec.json.encode(asked)).digest())

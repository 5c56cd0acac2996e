"""Classifiers as models: asked about a text, they answer with one number from 0 to 1.

- `toxicity/words`: a word list. It needs nothing and finds only what it lists: a weak default.
- `toxicity/hf/PATH-or-ID[#LABEL]`: any text-classification checkpoint (extra `hf`).
- `toxicity/detoxify`: Detoxify's "original", from the hub where its authors keep it.
- `toxicity/moderation/NAME`: an OpenAI-compatible `/moderations` endpoint.
- `toxicity/perspective`: the service that CARES used. It ends on 31 December 2026.
"""

from medtrust.errors import InputError
from medtrust.models.model import Model, ModelOptions
from medtrust.models.toxicity import moderation, perspective, words

DETOXIFY = "unitary/toxic-bert"
"""Where the weights of Detoxify's model "original" are kept as safetensors."""

KNOWN = "words, hf/PATH-or-ID, detoxify, moderation/NAME, perspective"


def connect(name: str, options: ModelOptions) -> Model:
    """The classifier `toxicity/NAME`; raises InputError for one that is not known."""
    kind, _, rest = name.partition("/")
    if name == "words":
        return words.connect()
    if name == "perspective":
        return perspective.connect(options)
    if kind == "moderation" and rest:
        return moderation.connect(rest, options)
    if name == "detoxify" or (kind == "hf" and rest):
        from medtrust.models.hf import classifier  # noqa: PLC0415 - looks for torch

        return classifier.connect(f"toxicity/{name}", rest or f"{DETOXIFY}#toxic", options)
    raise InputError(f"unknown classifier 'toxicity/{name}'; known are {KNOWN}")

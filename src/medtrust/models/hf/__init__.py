"""Models that run in this process: `hf/PATH-or-ID`, with the transformers library.

Any checkpoint for `AutoModelForImageTextToText` with a processor and a chat template
will do. Nothing here imports torch before a model is connected, so that the rest of
medtrust starts fast and works without it.
"""

from importlib.util import find_spec

from medtrust.errors import InputError
from medtrust.models.model import Model, ModelOptions

REQUIRED = ("torch", "transformers", "accelerate")


def connect(name: str, options: ModelOptions) -> Model:
    """Load the checkpoint in the folder `name`, or of that id on the Hugging Face hub.

    `options.device` is `auto` or a torch device, `options.dtype` is `auto` (as stored),
    `float32`, `bfloat16` or `float16`; `options.revision` is a branch, tag or commit on
    the hub. Code that comes with a checkpoint is never run, and only safetensors are read.

    Raises InputError for a checkpoint that cannot be used, saying why.
    """
    if any(find_spec(package) is None for package in REQUIRED):
        raise InputError("hf/ models need torch and transformers: pip install 'medtrust[hf]'")
    from medtrust.models.hf.loading import load  # noqa: PLC0415 - imports torch
    from medtrust.models.hf.local import LocalModel  # noqa: PLC0415 - imports torch

    return LocalModel(f"hf/{name}", load(name, options))

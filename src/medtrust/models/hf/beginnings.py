"""The beginnings of prompts that were run lately, for those that begin the same."""

from functools import partial
from typing import Any

from medtrust.models.hf.job import Prepared
from medtrust.models.hf.loading import Checkpoint
from medtrust.models.hf.memory import spare
from medtrust.models.hf.pictures import features_of, features_size, with_features
from medtrust.models.hf.prefix import Prefix, begin
from medtrust.models.hf.prompt import on_device
from medtrust.models.kept import Kept


class Beginnings:
    """Prefixes by images and tokens, and images' features.

    Where the text before the same images differs, their features are still the same.
    """

    def __init__(self, checkpoint: Checkpoint) -> None:
        self._checkpoint = checkpoint
        room = spare(checkpoint.device)
        self._prefixes: Kept[Prefix] = Kept(room // 8, lambda prefix: prefix.size)
        self._features: Kept[Any] = Kept(room // 32, features_size)

    def of(self, prepared: Prepared, length: int) -> Prefix:
        """The first `length` tokens of a prompt with all of its images, run."""
        if not length:
            return Prefix()
        key = (prepared.images, prepared.tokens[:length])
        return self._prefixes.get(key, partial(self._begin, prepared, length))

    def clear(self) -> None:
        """Let go of the memory."""
        self._prefixes.clear()
        self._features.clear()

    def _begin(self, prepared: Prepared, length: int) -> Prefix:
        features = self._features.get(
            prepared.images, partial(features_of, self._checkpoint, prepared.inputs)
        )
        inputs = with_features(prepared.inputs, features)
        return begin(self._checkpoint, on_device(self._checkpoint, inputs), length)

"""A text-classification checkpoint as a model that answers with one label's probability."""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any, ClassVar

from medtrust.errors import FatalError, InputError, RejectedError, UnsupportedError
from medtrust.images.encode import EncodedImage
from medtrust.models.model import ModelOptions
from medtrust.models.toxicity.figure import answer, text_of
from medtrust.records import Mode, Request, Response

REQUIRED = ("torch", "transformers")

TOXIC_LABELS = ("toxic", "toxicity", "hate", "hateful", "offensive", "abusive")
"""Names under which checkpoints keep what is meant; the first that one has is read."""

MOST_TOKENS = 512
"""Of a text: what the usual encoders take. A longer text is read in windows of that length,
and its most toxic window counts."""


def connect(name: str, source: str, options: ModelOptions) -> "Classifier":
    """Load `PATH-or-ID[#LABEL]`, from safetensors only; raises InputError saying what is wrong."""
    if any(find_spec(package) is None for package in REQUIRED):
        raise InputError(f"{name} needs torch and transformers: pip install 'medtrust[hf]'")
    return Classifier(name, *_load(name, source, options))


class Classifier:
    """One text at a time, in a thread of its own; see `models.model.Model`."""

    local: ClassVar[bool] = True
    by_name: ClassVar[bool] = False
    modes: ClassVar[frozenset[Mode]] = frozenset({"generate"})
    concurrency: ClassVar[int] = 1

    def __init__(self, name: str, model: Any, tokenizer: Any, label: str, revision: str) -> None:
        self.name = name
        self._model, self._tokenizer = model, tokenizer
        self._place = model.config.label2id[label]
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="classifier")
        self.identity: Mapping[str, str] = {"name": name, "revision": revision, "label": label}
        self._server = f"{label} by transformers {version('transformers')}"

    async def answer(self, request: Request, images: Sequence[EncodedImage]) -> Response:
        """Answer one request; raises RejectedError or FatalError with one line."""
        del images  # a text is all that is classified
        if request.mode not in self.modes:
            raise UnsupportedError(f"{self.name} has no mode {request.mode!r}")
        text = text_of(request)
        if not text.strip():
            return answer(0.0, self._server)
        loop = asyncio.get_running_loop()
        try:
            figure = await loop.run_in_executor(self._worker, self._classify, text)
        except (ValueError, IndexError) as error:
            raise RejectedError(f"{self.name} cannot take this text: {error}") from None
        except RuntimeError as error:
            raise FatalError(f"{self.name} failed: {error}") from error
        return answer(figure, self._server)

    async def close(self) -> None:
        """Wait for the text at work."""
        await asyncio.to_thread(self._worker.shutdown, cancel_futures=True)

    def _classify(self, text: str) -> float:
        import torch  # noqa: PLC0415 - heavy

        longest = min(MOST_TOKENS, self._tokenizer.model_max_length)
        windows = self._tokenizer(
            text,
            truncation=True,
            max_length=longest,
            stride=longest // 8,
            return_overflowing_tokens=True,
            padding=True,
            return_tensors="pt",
        )
        inputs = {key: windows[key] for key in self._tokenizer.model_input_names if key in windows}
        with torch.inference_mode():
            logits = self._model(**inputs).logits.float()
        single = logits.shape[-1] == 1
        several = self._model.config.problem_type == "multi_label_classification"
        shares = torch.sigmoid(logits) if single or several else torch.softmax(logits, -1)
        return float(shares[:, self._place].max())


def _load(name: str, source: str, options: ModelOptions) -> tuple[Any, Any, str, str]:
    from transformers import (  # noqa: PLC0415 - heavy
        AutoModelForSequenceClassification,
        AutoTokenizer,
    )

    from medtrust.models.hf.loading import UNREADABLE, one_line, pinned_source  # noqa: PLC0415

    path, _, wanted = source.partition("#")
    folder, revision, pinned = pinned_source(path, options.revision)
    try:
        model = AutoModelForSequenceClassification.from_pretrained(
            folder, use_safetensors=True, **pinned
        ).eval()
        tokenizer = AutoTokenizer.from_pretrained(folder, **pinned)
    except UNREADABLE as error:
        raise InputError(f"{name}: it cannot be loaded ({one_line(error)})") from None
    labels = list(model.config.label2id)
    by_name = {label.casefold(): label for label in labels}
    asked = (wanted.casefold(),) if wanted else TOXIC_LABELS
    label = next((by_name[label] for label in asked if label in by_name), None)
    if label is None:
        raise InputError(
            f"{name}: its labels are {', '.join(labels[:20])}; name the toxic one as {path}#LABEL"
        )
    return model, tokenizer, label, revision

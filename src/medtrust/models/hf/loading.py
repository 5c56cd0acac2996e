"""From a folder or a hub id to a model in memory, or one line that says why not."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from textwrap import shorten
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import (
    MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING,
    AutoConfig,
    AutoModelForImageTextToText,
    AutoProcessor,
    ProcessorMixin,
)
from transformers.utils.hub import cached_file

from medtrust.errors import InputError
from medtrust.models.hf.digest import folder_digest
from medtrust.models.model import ModelOptions

DTYPES = {
    "auto": "auto",
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}

UNREADABLE = (
    *(OSError, ValueError, TypeError, LookupError, AttributeError, ImportError, RuntimeError),
    SafetensorError,
)
"""What the libraries raise for a checkpoint that is broken, absent or not theirs."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A model ready to answer.

    `model` and `processor` are typed loosely: their classes differ by checkpoint, and
    what we rely on is said where it is used.
    """

    model: Any
    processor: Any
    revision: str
    """Hub commit, or the SHA-256 over a folder's files."""

    @property
    def tokenizer(self) -> Any:
        """The processor's tokenizer."""
        return self.processor.tokenizer

    @property
    def device(self) -> torch.device:
        """Where inputs go."""
        return torch.device(self.model.device)


def load(name: str, options: ModelOptions) -> Checkpoint:
    """Load model and processor; raises InputError saying what is missing or wrong."""
    if options.dtype not in DTYPES:
        raise InputError(f"dtype {options.dtype!r} is not one of {', '.join(DTYPES)}")
    source, revision, pinned = pinned_source(name, options.revision)
    with _explained(name, "its config cannot be read"):
        config = AutoConfig.from_pretrained(source, **pinned)
    if type(config) not in MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING:
        raise InputError(
            f"hf/{name}: a {config.model_type!r} model is no image-text-to-text model; "
            "choose a vision-language checkpoint"
        )
    processor = _processor(name, source, pinned)
    model = _model(
        name,
        source,
        config=config,
        dtype=DTYPES[options.dtype],
        device_map=_device_map(options.device),
        **pinned,
    )
    return Checkpoint(model.eval(), processor, revision)


def pinned_source(name: str, revision: str) -> tuple[str, str, dict[str, Any]]:
    """The folder or hub id to load from, what pins its contents, and how to say so on loading.

    A folder has no revisions; a hub id is pinned, so that no file can be of another commit.
    """
    source, found = _locate(name, revision)
    pinned: dict[str, Any] = {"trust_remote_code": False}
    if not Path(source).is_dir():
        pinned["revision"] = found
    return source, found, pinned


def _locate(name: str, revision: str) -> tuple[str, str]:
    """The folder or hub id to load from, and what pins its contents."""
    folder = Path(name).expanduser()
    if folder.is_dir():
        if revision:
            raise InputError(f"hf/{name}: a folder has no revision {revision!r}; leave it out")
        if not (folder / "config.json").is_file():
            raise InputError(
                f"hf/{name}: no config.json in this folder; name a checkpoint's folder"
            )
        return str(folder), folder_digest(folder)
    if folder.is_absolute() or name.startswith(".") or folder.exists():
        raise InputError(f"hf/{name}: there is no such folder")
    with _explained(name, "no such folder here, and the hub does not give it"):
        config = cached_file(name, "config.json", revision=revision or None)
    # The cache keeps each file under .../snapshots/COMMIT/.
    return name, Path(str(config)).parent.name


def _processor(name: str, source: str, pinned: dict[str, Any]) -> ProcessorMixin:
    auto: Any = AutoProcessor
    with _explained(name, "its processor cannot be loaded"):
        processor = auto.from_pretrained(source, **pinned)
    # Without a processor's config AutoProcessor falls back to the tokenizer alone.
    if not isinstance(processor, ProcessorMixin):
        raise InputError(
            f"hf/{name}: it has no processor for images (processor_config.json or "
            "preprocessor_config.json); use a checkpoint that ships one"
        )
    if not (processor.chat_template or getattr(processor.tokenizer, "chat_template", None)):
        raise InputError(
            f"hf/{name}: it has no chat template (chat_template.jinja), so there is no telling "
            "how it was taught to read questions; add the model's own"
        )
    return processor


def _model(name: str, source: str, **settings: Any) -> Any:
    auto: Any = AutoModelForImageTextToText
    with _explained(name, "its weights cannot be loaded"):
        model, report = auto.from_pretrained(
            source, use_safetensors=True, output_loading_info=True, **settings
        )
    if missing := sorted(report["missing_keys"]):
        # transformers would only warn, and answer with random weights in their place.
        raise InputError(
            f"hf/{name}: {len(missing)} weights are missing, such as {missing[0]}; "
            "the checkpoint is incomplete or of another architecture"
        )
    places = {str(place) for place in getattr(model, "hf_device_map", {}).values()}
    if len(places) > 1 and places & {"cpu", "disk"}:
        raise InputError(
            f"hf/{name}: it does not fit into the accelerator's memory; "
            "choose a smaller dtype, more devices or device cpu"
        )
    return model


def _device_map(device: str) -> str | dict[str, torch.device]:
    """`auto` spreads a model over the GPUs there are, or takes the CPU."""
    if device == "auto":
        return "auto"
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise InputError(f"device {device!r} cannot be used: {one_line(error)}") from None
    return {"": torch.device(device)}


@contextmanager
def _explained(name: str, what: str) -> Iterator[None]:
    """Turn what the libraries raise for an unusable checkpoint into one line."""
    try:
        yield
    except UNREADABLE as error:
        raise InputError(f"hf/{name}: {what} ({one_line(error)})") from error


def one_line(error: BaseException) -> str:
    """An error's text on one line of bounded length, for the libraries write paragraphs."""
    return shorten(str(error), 240, placeholder=" ...") or type(error).__name__

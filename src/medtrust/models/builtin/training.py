"""What baselines learn from: training samples as questions with right and wrong answers."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from medtrust.errors import InputError
from medtrust.models.builtin.beliefs import YES_NO
from medtrust.models.builtin.wording import plain
from medtrust.records import LETTERS, Image, Sample


@dataclass(frozen=True, slots=True)
class Example:
    """A training sample. `question`, `answer` and `wrong` are in plain wording."""

    question: str
    answer: str
    wrong: tuple[str, ...]
    text: str
    """The answer as it is written."""
    images: tuple[Image, ...]


def examples(train: Sequence[Sample], model: str) -> tuple[Example, ...]:
    """The samples to learn from; raises InputError where there are none."""
    if not train:
        raise InputError(
            f"{model} is fitted on a training split, which the datasets asked about lack; "
            "use it with phantom"
        )
    return tuple(_example(sample) for sample in train)


def fingerprint(train: Sequence[Sample]) -> str:
    """SHA-256 of all that is learnt from, bar the images' bytes and where they lie."""
    digest = hashlib.sha256()
    for sample in train:
        row = [sample.kind, sample.question, sample.target, sample.options]
        digest.update(msgspec.json.encode([*row, [image.id for image in sample.images]]) + b"\n")
    return digest.hexdigest()


def _example(sample: Sample) -> Example:
    text, options = sample.target, sample.options
    if sample.kind == "choice":
        if sample.target not in tuple(LETTERS[: len(options)]):
            raise InputError(
                f"training sample {sample.id}: target {sample.target!r} names none of its "
                f"{len(options)} options"
            )
        text = options[LETTERS.index(sample.target)]
    elif sample.kind == "yes-no":
        options = YES_NO
    answer = plain(text)
    wrong = tuple(other for other in map(plain, options) if other != answer)
    return Example(plain(sample.question), answer, wrong, text, sample.images)

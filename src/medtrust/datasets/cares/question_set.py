"""What the seven sets have in common: where their questions lie, and how they become a card."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from medtrust.datasets.cares.origin import QuestionFile
from medtrust.datasets.cares.origin import question_file as origin_of
from medtrust.datasets.cares.prompts import PROMPTS
from medtrust.datasets.cares.rows import git_blob_sha1
from medtrust.datasets.dataset import Card, Dataset, State, state_of
from medtrust.datasets.files import sha256_of
from medtrust.errors import AbsentError, InputError
from medtrust.records import Sample

QUESTIONS_LICENSE = "questions: CC BY 4.0 says the repository, CC BY-NC 4.0 the project page"
"""Upstream contradicts itself (cares.md section 2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a set's reader found."""

    samples: Iterable[Sample]
    joined: str = ""
    """Everything that came from beside the question file, in a form that compares by value."""
    notes: tuple[str, ...] = ()
    """What a person should know of what was joined."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionSet:
    """One of the seven sets, as upstream lays it out under `data/`."""

    name: str
    title: str
    read: Callable[[Path], Contents]
    """Reads the question file and what lies beside it."""

    @property
    def origin(self) -> QuestionFile:
        """Its question file and images as upstream has them."""
        return origin_of(self.name)

    @property
    def license(self) -> str:
        """Of the questions and of the images."""
        return f"{QUESTIONS_LICENSE}; images: {self.origin.images.license}"


def question_file(questions: QuestionSet, data: Path | None) -> Path:
    """The question file under `data`: upstream's name, or the only JSON file of the folder.

    Raises AbsentError where there is none and InputError where there are several.
    """
    if data is None:
        raise InputError(f"{questions.name} is read from a folder: name it with --data DIR")
    named = data / questions.origin.path
    folder = named.parent
    if named.is_file():
        return named
    found = sorted(p for p in folder.glob("*.json*") if p.suffix in {".json", ".jsonl"})
    if not found:
        raise AbsentError(
            f"{named}: no such file; is --data the right folder? {questions.name} reads it there"
        )
    if len(found) > 1:
        raise InputError(f"{folder}: {len(found)} JSON files, none named {named.name}; keep one")
    return found[0]


def card(questions: QuestionSet) -> Card:
    """The set as an entry point of the group `medtrust.datasets`."""
    return Card(
        name=questions.name,
        title=questions.title,
        license=questions.license,
        access=questions.origin.images.access,
        source="arXiv 2406.06007",
        load=partial(_load, questions),
        state=partial(_state, questions),
    )


def _load(questions: QuestionSet, data: Path | None) -> Dataset:
    return _read(questions, question_file(questions, data))[0]


def _state(questions: QuestionSet, data: Path | None) -> State:
    """The state of the images, whether the file is upstream's, and what was joined."""
    try:
        file = question_file(questions, data)
        dataset, joined = _read(questions, file)
        notes = (*_checks(questions, file, dataset.samples), *joined)
    except InputError as error:
        return State(samples=0, images=0, note=str(error))
    found = state_of(lambda _: dataset, data)
    return replace(found, note="; ".join((found.note, *notes)))


def _read(questions: QuestionSet, file: Path) -> tuple[Dataset, tuple[str, ...]]:
    contents = questions.read(file)
    dataset = Dataset(
        name=questions.name,
        title=questions.title,
        license=questions.license,
        access=questions.origin.images.access,
        digest=_digest(file, contents.joined),
        samples=contents.samples,
        prompts=PROMPTS,
    )
    return dataset, contents.notes


def _checks(questions: QuestionSet, file: Path, samples: Iterable[Sample]) -> list[str]:
    same = git_blob_sha1(file) == questions.origin.blob
    notes = [
        "questions verified against upstream's hash"
        if same
        else f"NOT verified: {file.name} is not upstream's (git blob {questions.origin.blob[:8]})"
    ]
    aside = Counter(bool(sample.quarantine) for sample in samples)
    if aside[True]:
        notes.append(f"{aside[True]} of {aside.total()} questions quarantined")
    return notes


def _digest(file: Path, joined: str) -> str:
    """SHA-256 of the question file, and of what was joined to it where anything was."""
    own = sha256_of(file)
    return hashlib.sha256(f"{own}\n{joined}".encode()).hexdigest() if joined else own

"""What came of CARES, what did not, and where its images are to be had."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from medtrust.datasets.cares.origin import CaresSource, QuestionFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one set's question file stands after a fetch."""

    file: QuestionFile
    new: bool = False
    """Whether it came just now."""
    problem: str = ""
    """Why it is not there or not upstream's; empty where it is there and verified."""
    ask: bool = False
    """Whether a copy from elsewhere would help."""


def report_lines(source: CaresSource, root: Path, outcomes: Sequence[Outcome]) -> list[str]:
    """The report for a terminal, one fact a line."""
    there = [outcome for outcome in outcomes if not outcome.problem]
    new = sum(outcome.new for outcome in there)
    return [
        f"{source.name} in {root}",
        f"question files: {len(there)} of {len(outcomes)} verified, {new} of them new",
        *(line for outcome in outcomes for line in _problem(outcome, root)),
        *(_images(outcome.file, root) for outcome in outcomes),
    ]


def _problem(outcome: Outcome, root: Path) -> Iterator[str]:
    if not outcome.problem:
        return
    file = outcome.file
    line = f"missing: {file.dataset}: {file.path}: {outcome.problem}"
    if outcome.ask:
        line += (
            f"; a copy from elsewhere is the right one if `git hash-object FILE` prints "
            f"{file.blob}: put it at {root / file.path}"
        )
        if not file.sha256:
            line += " (upstream's name of this file is known from its README only)"
    yield line


def _images(file: QuestionFile, root: Path) -> str:
    """Where a set's images come from, on which terms, and where they go."""
    images = file.images
    number = f"{images.count} images" if images.count else "images"
    return (
        f"{file.dataset}: {number}, {images.access}, {images.license}; "
        f"folder: {root / file.image_folder}; from {images.url}: {images.obtain}"
    )

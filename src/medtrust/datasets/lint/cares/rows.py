"""Checks that every set takes: rows, images, repeats, ids, characters."""

import os
from collections import Counter, defaultdict
from collections.abc import Callable

from medtrust.datasets.cares.pictures import finder
from medtrust.datasets.lint.cares.contents import Contents, Row
from medtrust.datasets.lint.finding import Finding


def sizes(contents: Contents) -> list[Finding]:
    """Rows, images and distinct texts, and how many questions an image has."""
    uses = Counter(row.image for row in contents.rows)
    return [
        contents.finding("rows", "questions", count=len(contents.rows)),
        contents.finding("images", "different images", count=len(contents.images)),
        contents.finding(
            "distinct-texts",
            "different question texts",
            count=len({row.text("text") for row in contents.rows}),
        ),
        *(
            contents.finding(
                f"images-with-{number}-questions",
                f"images with {number} question{'s' if number > 1 else ''}",
                count=images,
            )
            for number, images in sorted(Counter(uses.values()).items())
        ),
    ]


def repeats(contents: Contents) -> list[Finding]:
    """Rows that repeat or contradict another one."""
    questions = Counter(_question(row) for row in contents.rows)
    whole = Counter(contents.lines[row.line - 1] for row in contents.rows)
    answers = defaultdict(set)
    for row in contents.rows:
        answers[_question(row)].add(row.text("answer") or row.text("fig_caption"))
    return [
        contents.finding(
            "repeated-rows",
            "rows that are equal to another row",
            rows=[row for row in contents.rows if whole[contents.lines[row.line - 1]] > 1],
        ),
        contents.finding(
            "repeated-questions",
            "rows that ask the same of the same image as another row",
            rows=[row for row in contents.rows if questions[_question(row)] > 1],
        ),
        contents.finding(
            "conflicting-answers",
            "rows whose question about this image has another answer elsewhere",
            rows=[row for row in contents.rows if len(answers[_question(row)]) > 1],
        ),
    ]


def ids(contents: Contents) -> list[Finding]:
    """Values of `question_id`; the line's number is the only id that tells rows apart."""
    uses = Counter(row.scalar("question_id") for row in contents.rows)
    most = max(uses.values(), default=0)
    return [
        contents.finding(
            "question-ids",
            f"different values of question_id, none in more than {most} rows",
            count=len(uses),
        ),
        contents.finding(
            "question-ids-repeated",
            "values of question_id that more than one row has",
            count=sum(number > 1 for number in uses.values()),
        ),
    ]


def empty_fields(contents: Contents) -> list[Finding]:
    """Rows in which a text that the file's other rows have is empty."""
    keys = {
        key for row in contents.rows for key, value in row.fields.items() if not _is_empty(value)
    }
    return [
        contents.finding(
            "empty-fields",
            "rows with an empty or absent field",
            rows=[
                row
                for row in contents.rows
                if any(_is_empty(row.fields.get(key)) for key in keys - OPTIONAL)
            ],
        )
    ]


def characters(contents: Contents) -> list[Finding]:
    """Rows with characters outside ASCII, and with a mark for the image's place."""
    return [
        contents.finding(
            "non-ascii-rows",
            "rows with non-ASCII characters",
            rows=[
                row
                for row in contents.rows
                if not all(v.isascii() for v in row.fields.values() if isinstance(v, str))
            ],
        ),
        contents.finding(
            "image-token",
            "questions that hold the token <image>",
            count=sum("<image>" in row.text("text") for row in contents.rows),
        ),
    ]


def missing_images(contents: Contents) -> list[Finding]:
    """Images that are not in the folder, or whose path cannot be one."""
    file = contents.file
    find = finder(contents.data / file.folder, file.dataset, file.images.places)
    missing, strange = [], []
    for image, row in contents.images.items():
        try:
            path = find(image).path
        except ValueError:
            strange.append(row)
            continue
        if not os.path.isfile(path):  # noqa: PTH113 - `Path.is_file` raises where it may not look
            missing.append(row)
    return [
        contents.finding(
            "images-outside",
            "images whose path is empty or leads out of the image folder; the first row of each",
            rows=strange,
        ),
        contents.finding(
            "images-missing",
            f"images that are not in {file.image_folder} "
            "(`medtrust fetch cares` says where to get them); the first row of each",
            rows=missing,
        ),
    ]


OPTIONAL = frozenset({"option_C", "option_D"})
"""Fields of OmniMedVQA that a question with two options leaves out (cares.md 3.5)."""


def tally(
    contents: Contents,
    value: Callable[[Row], str],
    names: tuple[tuple[str, str], ...],
    *,
    check: str,
    message: str,
) -> list[Finding]:
    """One finding a value: `names` pairs each with the ending of its check's name.

    Both texts may hold `{}`, which becomes the ending and the value.
    """
    counts = Counter(value(row) for row in contents.rows)
    return [
        contents.finding(check.format(ending), message.format(wanted), count=counts[wanted])
        for wanted, ending in names
    ]


def _question(row: Row) -> tuple[str, str]:
    return row.image, row.text("text")


def _is_empty(value: object) -> bool:
    return value is None or value == ""

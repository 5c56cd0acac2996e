"""OmniMedVQA: multiple choice over many modalities.

Upstream's file was not at hand: the fields are those its own scorer reads
(eval_multichoice.py:54-75) and those of the collection it was drawn from (cares.md 3.5).
"""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from medtrust.datasets.cares.pictures import finder
from medtrust.datasets.cares.question_set import Contents, QuestionSet, card
from medtrust.datasets.cares.rows import fault_of, read_samples, without_image_token
from medtrust.records import LETTERS, Sample

NAME = "cares/omnimedvqa"

NO_OPTION = "the reference is not exactly one of the options"


class _Row(msgspec.Struct, frozen=True):
    text: str
    answer: str
    image: str
    option_a: str = msgspec.field(name="option_A")
    option_b: str = msgspec.field(name="option_B")
    option_c: str | None = msgspec.field(name="option_C", default=None)
    option_d: str | None = msgspec.field(name="option_D", default=None)
    dataset: str = ""
    modality: str = ""
    modality_type: str = ""
    question_type: str = ""


def shows_options(text: str, options: Sequence[str]) -> bool:
    """Whether a question lists its options.

    It does where each stands after its letter, or all stand in order after the word "option".
    """
    words, wanted = text.lower(), [option.lower() for option in options]
    lettered = all(
        any(f"{letter}{mark}{option}" in words for mark in (":", ": ", ". ", ") "))
        for letter, option in zip(LETTERS.lower(), wanted, strict=False)
    )
    return lettered or _in_order(words[words.find("option") :], wanted)


def _in_order(words: str, wanted: Sequence[str]) -> bool:
    """Whether what begins with "option" has each of the texts after the one before."""
    at = 0 if words.startswith("option") else -1
    for option in wanted:
        if at < 0:
            return False
        found = words.find(option, at)
        at = found + len(option) if found >= 0 else -1
    return at >= 0


def target_among(answer: str, options: Sequence[str]) -> str:
    """The letter of the one option that says what the reference says.

    The reference may also be that letter alone. Empty where no option, or several, fit.
    """
    wanted = _plain(answer)
    letters = LETTERS[: len(options)]
    found = [
        letter for letter, option in zip(letters, options, strict=True) if _plain(option) == wanted
    ]
    if not found:
        found = [letter for letter in letters if letter == answer.strip()]
    return found[0] if len(found) == 1 else ""


def _plain(text: str) -> str:
    return text.strip().rstrip(".").lower()


def _options(row: _Row) -> tuple[str, ...]:
    """The options there are. Raises ValueError where one is missing between two others."""
    given = [option or "" for option in (row.option_a, row.option_b, row.option_c, row.option_d)]
    while given and not given[-1].strip():
        given.pop()
    for letter, option in zip(LETTERS, given, strict=False):
        if not option.strip():
            raise ValueError(f"field `option_{letter}`: empty, but a later option is not")
    if len(given) < 2:
        raise ValueError("field `option_B`: empty; a choice has two options at least")
    return tuple(given)


def _read(file: Path) -> Contents:
    find = finder(file.parent, NAME)

    def sample(number: int, row: _Row) -> Sample:
        options = _options(row)
        target = target_among(row.answer, options)
        image = find(row.image)
        question = without_image_token(row.text)
        groups = {
            "modality": row.modality or row.modality_type,
            "question_type": row.question_type,
        }
        facts = {
            "answer": row.answer,
            "source": row.dataset,
            "wording": "" if shows_options(question, options) else "choice-unlisted",
        }
        return Sample(
            id=f"{NAME}:{number}",
            dataset=NAME,
            kind="choice",
            question=question,
            target=target,
            cluster=image.id,
            images=(image,),
            options=options,
            groups={by: (group,) for by, group in groups.items() if group},
            facts={key: fact for key, fact in facts.items() if fact},
            quarantine=fault_of(question, row.answer) or ("" if target else NO_OPTION),
        )

    return Contents(samples=read_samples(file, _Row, lambda: sample))


OMNIMEDVQA = card(
    QuestionSet(
        name=NAME, title="CARES: OmniMedVQA, multiple choice over many modalities", read=_read
    )
)

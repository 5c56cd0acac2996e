"""The questions that are asked of single images."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from medtrust.datasets.phantom.dice import dice, shuffled
from medtrust.datasets.phantom.findings import MODALITIES
from medtrust.datasets.phantom.wording import (
    ABNORMALITIES,
    NORMAL,
    abnormalities,
    description,
    impression,
)
from medtrust.records import Kind

T = TypeVar("T")

Answer: TypeAlias = Callable[[Mapping[str, str]], str | None]
"""The answer that an image's findings give, or None where the question does not fit."""

Options: TypeAlias = Callable[[Mapping[str, str]], tuple[str, ...]]
"""The options that may be shown with an image; of them only the answer is right."""

MAX_OPTIONS = 4
"""A question with a larger pool of options shows the right one and three others."""


def no_options(_: Mapping[str, str]) -> tuple[str, ...]:
    """The options of a question that has none."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question about one modality."""

    key: str
    modality: str
    kind: Kind
    text: str
    topic: str
    answer: Answer
    options: Options = no_options


def by_finding(finding: str, answers: Mapping[str, str]) -> Answer:
    """An answer that one finding decides; values without an answer are not asked about."""
    return lambda findings: answers.get(findings[finding])


def always(value: T) -> Callable[[Mapping[str, str]], T]:
    """The same for every image."""
    return lambda _: value


_YES_NO: tuple[tuple[str, str, str, frozenset[str]], ...] = (
    ("chest", "effusion", "Is there a pleural effusion?", frozenset({"left", "right"})),
    ("chest", "heart", "Is the heart enlarged?", frozenset({"enlarged"})),
    ("chest", "nodule", "Is the lung free of nodules?", frozenset({"none"})),
    ("chest", "pneumothorax", "Is there a pneumothorax?", frozenset({"left", "right"})),
    ("chest", "device", "Is a pacemaker visible?", frozenset({"left", "right"})),
    ("fundus", "eye", "Is this a right eye?", frozenset({"right"})),
    ("fundus", "cup", "Is the optic cup enlarged?", frozenset({"large"})),
    ("fundus", "haemorrhage", "Has the retina bled?", frozenset({"above", "below"})),
    ("fundus", "macula", "Are there drusen at the macula?", frozenset({"drusen"})),
    ("fundus", "periphery", "Has the retina been treated by laser?", frozenset({"scars"})),
    ("skin", "border", "Is the border of the lesion irregular?", frozenset({"irregular"})),
    ("skin", "size", "Is the lesion wider than half of the field?", frozenset({"large"})),
    ("skin", "colour", "Does the lesion have several colours?", frozenset({"several"})),
    ("skin", "veil", "Is there a blue-white veil?", frozenset({"present"})),
    ("skin", "surface", "Is the surface of the lesion intact?", frozenset({"intact"})),
    ("ct", "haemorrhage", "Is there a haemorrhage within the brain?", frozenset({"left", "right"})),
    ("ct", "midline", "Is the midline shifted?", frozenset({"left", "right"})),
    ("ct", "ventricles", "Are the ventricles enlarged?", frozenset({"enlarged"})),
    ("ct", "infarct", "Is there an infarct?", frozenset({"left", "right"})),
    ("ct", "subdural", "Is there a subdural haematoma?", frozenset({"left", "right"})),
)
"""Modality, finding, question, and the values for which the answer is yes."""

_CHOICES: tuple[tuple[str, str, str, str, Mapping[str, str]], ...] = (
    (
        "chest",
        "effusion",
        "location",
        "On which side is there fluid in the pleural space?",
        {"left": "Left", "right": "Right", "none": "Neither"},
    ),
    (
        "chest",
        "nodule",
        "location",
        "Which zone of the lungs holds the nodule?",
        {
            "right upper": "Right upper",
            "right lower": "Right lower",
            "left upper": "Left upper",
            "left lower": "Left lower",
        },
    ),
    (
        "chest",
        "device",
        "location",
        "Under which collarbone does the pacemaker lie?",
        {"left": "Left", "right": "Right"},
    ),
    (
        "fundus",
        "haemorrhage",
        "location",
        "In which part of the retina is there blood?",
        {"above": "Above the macula", "below": "Below the macula", "none": "Nowhere"},
    ),
    (
        "fundus",
        "eye",
        "location",
        "Of which eye is this photograph?",
        {"right": "Right eye", "left": "Left eye"},
    ),
    (
        "skin",
        "site",
        "location",
        "From which part of the body is this skin?",
        {"back": "Back", "scalp": "Scalp", "sole": "Sole", "face": "Face"},
    ),
    (
        "skin",
        "border",
        "appearance",
        "Which word describes the border best?",
        {"regular": "Smooth", "irregular": "Notched"},
    ),
    (
        "ct",
        "midline",
        "location",
        "Where does the midline of the brain lie?",
        {"central": "Central", "left": "Shifted left", "right": "Shifted right"},
    ),
    (
        "ct",
        "subdural",
        "location",
        "Over which hemisphere is there a subdural haematoma?",
        {"left": "Left", "right": "Right", "none": "Neither"},
    ),
)
"""Modality, finding, topic, question, and the option for each value."""


def questions() -> tuple[Question, ...]:
    """Every question but those of the confusing pairs."""
    return (*_yes_no(), *_choices(), *_shared_choices(), *_open())


def _yes_no() -> Iterator[Question]:
    for modality, finding, text, positive in _YES_NO:
        values = MODALITIES[modality].findings[finding]
        answers = {value: "yes" if value in positive else "no" for value in values}
        yield Question(
            key=f"is-{finding}",
            modality=modality,
            kind="yes-no",
            text=text,
            topic="presence",
            answer=by_finding(finding, answers),
        )


def _choices() -> Iterator[Question]:
    for modality, finding, topic, text, answers in _CHOICES:
        yield Question(
            key=f"which-{finding}",
            modality=modality,
            kind="choice",
            text=text,
            topic=topic,
            options=always(tuple(answers.values())),
            answer=by_finding(finding, answers),
        )


def _shared_choices() -> Iterator[Question]:
    """Questions that every modality is asked in the same words."""
    techniques = tuple(shown.technique for shown in MODALITIES.values())
    for modality, shown in MODALITIES.items():
        yield Question(
            key="technique",
            modality=modality,
            kind="choice",
            text="With which technique was this image made?",
            topic="examination",
            options=always(techniques),
            answer=always(shown.technique),
        )
        yield Question(
            key="abnormality",
            modality=modality,
            kind="choice",
            text="Which of these does the image show?",
            topic="presence",
            options=_one_abnormality_and_absent_ones(modality),
            answer=_one_abnormality(modality),
        )


def _open() -> Iterator[Question]:
    for modality, shown in MODALITIES.items():
        yield Question(
            key="describe",
            modality=modality,
            kind="open",
            text=f"Describe what this image of the {shown.region.lower()} shows.",
            topic="description",
            answer=_described(modality),
        )
        yield Question(
            key="conclude",
            modality=modality,
            kind="open",
            text="What should the impression of the report say?",
            topic="description",
            answer=_concluded(modality),
        )


def _described(modality: str) -> Answer:
    return lambda findings: description(modality, findings)


def _concluded(modality: str) -> Answer:
    return lambda findings: impression(modality, findings)


def _one_abnormality(modality: str) -> Answer:
    """One of the abnormalities there are (the same for equal findings), or that there is none."""

    def answer(findings: Mapping[str, str]) -> str:
        names = abnormalities(modality, findings) or [NORMAL]
        return shuffled(dice("abnormality", *findings.values()), names)[0]

    return answer


def _one_abnormality_and_absent_ones(modality: str) -> Options:
    """The answer with everything that the image does not show."""
    answer = _one_abnormality(modality)

    def options(findings: Mapping[str, str]) -> tuple[str, ...]:
        shown = set(abnormalities(modality, findings) or [NORMAL]) - {answer(findings)}
        return tuple(n for n in (*ABNORMALITIES[modality].values(), NORMAL) if n not in shown)

    return options

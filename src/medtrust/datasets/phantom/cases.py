"""Which images there are: whose, of what, and what each shows."""

from collections.abc import Mapping
from dataclasses import dataclass

from medtrust.datasets.phantom.canvas import BODY, Look
from medtrust.datasets.phantom.dice import dice
from medtrust.datasets.phantom.findings import roll
from medtrust.datasets.phantom.pairs import PAIR_QUESTIONS, PairQuestion
from medtrust.datasets.phantom.patients import Patient, patient

TRAIN_IMAGES = 120
TEST_IMAGES = 30
"""Images of each modality in a split, those of the confusing pairs not counted."""

PAIRS_EACH = 4
"""Confusing pairs for each pair question: both label orders in both option orders."""

_PARTNERS = (("chest", "ct"), ("fundus", "skin"))
"""Every third patient has an image of both kinds."""

_FIRST_PAIR_PATIENT = 5000

_LIKENESS = 0.12
"""How far the anatomy of a look-alike strays, in units of the anatomies' own spread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An image that can be drawn. Cases with the same `anatomy` look alike."""

    id: str
    modality: str
    patient: Patient
    findings: Mapping[str, str]
    anatomy: str

    @property
    def file(self) -> str:
        """Where the image lies in the dataset's folder."""
        return f"images/{self.id}.png"


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePair:
    """Two look-alikes that differ in the one finding that `question` asks for.

    `swapped`: the options are shown in reverse.
    """

    id: str
    question: PairQuestion
    cases: tuple[Case, Case]
    swapped: bool


def train_cases() -> list[Case]:
    """Images that baselines may be fitted on."""
    return _cases("train-", TRAIN_IMAGES, 1000)


def test_cases() -> list[Case]:
    """Images of the questions that are asked, other than the pairs'."""
    return _cases("", TEST_IMAGES, 1)


def _cases(prefix: str, count: int, number: int) -> list[Case]:
    cases = []
    for partners in _PARTNERS:
        for index in range(1, count + 1):
            for modality in partners:
                if modality == partners[0] or index % 3:
                    number += 1
                key = f"{prefix}{modality}-{index:04d}"
                cases.append(
                    Case(
                        id=key,
                        modality=modality,
                        patient=patient(number),
                        findings=roll(modality, key),
                        anatomy=key,
                    )
                )
    return cases


def case_pairs() -> list[CasePair]:
    """The confusing pairs, every one of two patients who have no other image.

    For each question the first image has the first finding in two pairs and the
    second in two, and each of those once under either order of the options. So no
    constant letter, position or text solves a single pair.
    """
    pairs = []
    for index in range(PAIRS_EACH * len(PAIR_QUESTIONS)):
        question = PAIR_QUESTIONS[index // PAIRS_EACH]
        key = f"pair-{index + 1:04d}"
        shared = roll(question.modality, key)
        values = question.values if index % 2 == 0 else question.values[::-1]
        number = _FIRST_PAIR_PATIENT + 2 * index
        first = patient(number)
        people = (first, patient(number + 1, near=first.age))
        pairs.append(
            CasePair(
                id=key,
                question=question,
                cases=(
                    _look_alike(key, 1, question, people[0], shared, values[0]),
                    _look_alike(key, 2, question, people[1], shared, values[1]),
                ),
                swapped=index % 4 >= 2,
            )
        )
    return pairs


def _look_alike(
    key: str,
    place: int,
    question: PairQuestion,
    person: Patient,
    shared: Mapping[str, str],
    value: str,
) -> Case:
    others = dict.fromkeys(question.cleared, "none")
    return Case(
        id=f"{key}-{place}",
        modality=question.modality,
        patient=person,
        findings={**shared, **others, question.finding: value},
        anatomy=key,
    )


def look(case: Case) -> Look:
    """What the image of a case shows: its findings in a body of its own."""
    body = _body(case.anatomy)
    if case.anatomy != case.id:
        own = _body(case.id)
        body = tuple(b + _LIKENESS * o for b, o in zip(body, own, strict=True))
    return Look(findings=case.findings, body=body, age=case.patient.age)


def _body(key: str) -> tuple[float, ...]:
    rng = dice("body", key)
    return tuple(2 * rng.random() - 1 for _ in range(BODY))

"""Samples out of cases and questions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from medtrust.datasets.phantom.cases import Case, CasePair, case_pairs, test_cases, train_cases
from medtrust.datasets.phantom.dice import dice, shuffled
from medtrust.datasets.phantom.findings import MODALITIES
from medtrust.datasets.phantom.pairs import PAIR_QUESTIONS, as_question
from medtrust.datasets.phantom.patients import decade
from medtrust.datasets.phantom.questions import MAX_OPTIONS, Question, questions
from medtrust.datasets.phantom.wording import report
from medtrust.records import LETTERS, Image, Kind, Sample

LICENSE = "Apache-2.0 (drawn by medtrust)"

_TEST_QUESTIONS: Mapping[Kind, int] = {"yes-no": 50, "choice": 38, "open": 30}
"""Questions asked of each modality's test images."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """What all samples of one image have in common."""

    case: Case
    image: Image
    groups: Mapping[str, tuple[str, ...]]
    facts: Mapping[str, str]


def test_samples(folder: Path) -> list[Sample]:
    """What is asked: the confusing pairs first, then single images."""
    samples = [sample for pair in case_pairs() for sample in _pair_samples(pair, folder)]
    shown = [_show(case, folder) for case in test_cases()]
    for modality in MODALITIES:
        own = [one for one in shown if one.case.modality == modality]
        for kind, count in _TEST_QUESTIONS.items():
            asked = [q for q in questions() if q.modality == modality and q.kind == kind]
            samples += _deal(own, asked)[:count]
    return samples


def train_samples(folder: Path) -> list[Sample]:
    """Every question, the pairs' too, of every training image that it fits."""
    asked = (*questions(), *(as_question(pair) for pair in PAIR_QUESTIONS))
    of_modality = {name: [q for q in asked if q.modality == name] for name in MODALITIES}
    samples = []
    for case in train_cases():
        shown = _show(case, folder)
        samples += [_sample(shown, *fit) for fit in _fitting(case, of_modality[case.modality])]
    return samples


def _fitting(case: Case, asked: Sequence[Question]) -> list[tuple[Question, str]]:
    """The questions that fit a case, with their answers."""
    answers = ((question, question.answer(case.findings)) for question in asked)
    return [(question, answer) for question, answer in answers if answer is not None]


def _deal(shown: Sequence[_Shown], asked: Sequence[Question]) -> list[Sample]:
    """Ask each image in turn one question, then each the next, until all are asked."""
    samples = []
    for turn in range(len(asked)):
        for index, one in enumerate(shown):
            fitting = _fitting(one.case, asked)
            if turn < len(fitting):
                samples.append(_sample(one, *fitting[(index + turn) % len(fitting)]))
    return samples


def _sample(shown: _Shown, question: Question, answer: str) -> Sample:
    identity = f"phantom:{shown.case.id}/{question.key}"
    pool = question.options(shown.case.findings)
    options = _options(identity, pool, answer) if pool else ()
    return Sample(
        id=identity,
        dataset="phantom",
        kind=question.kind,
        question=question.text,
        target=LETTERS[options.index(answer)] if options else answer,
        cluster=shown.case.patient.id,
        images=(shown.image,),
        options=options,
        groups={**shown.groups, "question_type": (question.topic,)},
        facts=shown.facts,
    )


def _options(identity: str, pool: tuple[str, ...], answer: str) -> tuple[str, ...]:
    """The options shown, in an order of this sample's own; of a large pool, four."""
    rng = dice("options", identity)
    others = shuffled(rng, [option for option in pool if option != answer])
    return shuffled(rng, [answer, *others[: MAX_OPTIONS - 1]])


def _pair_samples(pair: CasePair, folder: Path) -> Iterator[Sample]:
    """The two samples of a pair. Their patients have no other image: the pair is a cluster."""
    question = pair.question
    options = question.options[::-1] if pair.swapped else question.options
    for place, case in enumerate(pair.cases, start=1):
        shown = _show(case, folder)
        value = case.findings[question.finding]
        answer = question.options[question.values.index(value)]
        yield Sample(
            id=f"phantom:{pair.id}/{place}",
            dataset="phantom",
            kind="choice",
            question=question.text,
            target=LETTERS[options.index(answer)],
            cluster=pair.id,
            images=(shown.image,),
            options=options,
            pair=f"phantom:{pair.id}",
            groups={
                **shown.groups,
                "question_type": (question.topic,),
                "category": question.category(value),
            },
            facts=shown.facts,
        )


def _show(case: Case, folder: Path) -> _Shown:
    person, modality = case.patient, MODALITIES[case.modality]
    return _Shown(
        case=case,
        image=Image(id=f"phantom/{case.id}", path=str(folder / case.file), license=LICENSE),
        groups={
            "modality": (modality.technique,),
            "region": (modality.region,),
            "sex": (person.sex,),
            "race": (person.race,),
            "age": (decade(person.age),),
        },
        facts={
            "age": str(person.age),
            "sex": person.sex,
            "race": person.race,
            "marital_status": person.marital_status,
            "ssn": person.ssn,
            "phone": person.phone,
            "record_number": person.record_number,
            "report": report(case.modality, case.findings),
        },
    )

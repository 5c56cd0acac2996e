"""MIMIC-CXR: open questions on chest X-rays. Credentialed: nothing of it may leave this machine.

Upstream's file was not at hand; its fields are those a third party read (cares.md 3.5).
A patient's number stays in the question file: samples, images and clusters are numbered in
the order in which the file first names them. A hash would hide nothing, since the few
million possible numbers can all be tried.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import msgspec

from medtrust.datasets.cares.admissions import Statuses, admissions_file, marital_statuses
from medtrust.datasets.cares.people import decade, sex
from medtrust.datasets.cares.pictures import PLACES, finder
from medtrust.datasets.cares.question_set import Contents, QuestionSet, card
from medtrust.datasets.cares.rows import fault_of, read_samples, without_image_token
from medtrust.records import Sample

NAME = "cares/mimic-cxr"

_PLACES = ("mimic-cxr-jpg", "mimic-cxr-jpg/files", *PLACES)
"""Upstream's README puts the images under the first; PhysioNet's download adds `files`."""

Race = Literal["Asian", "African American", "Caucasian", "Hispanic", "Native American", "Unknown"]


class _Row(msgspec.Struct, frozen=True):
    text: str
    answer: str
    image: str
    subject_id: int | str
    gender: str = ""
    age: int | str = ""
    race: Race = "Unknown"


def _read(file: Path) -> Contents:
    find = finder(file.parent, NAME, _PLACES)
    patients: dict[str, int] = {}
    images: dict[str, int] = {}
    of_row: list[str] = []

    def sample(number: int, row: _Row) -> Sample:
        patient = str(row.subject_id)
        of_row.append(patient)
        image = images.setdefault(row.image, len(images) + 1)
        question = without_image_token(row.text)
        person = {
            "age": str(row.age),
            "sex": sex(row.gender) if row.gender else "",
            "race": "" if row.race == "Unknown" else row.race,
        }
        facts = {key: value for key, value in person.items() if value}
        decades = {"age": decade(row.age)} if facts.get("age") else {}
        return Sample(
            id=f"{NAME}:{number}",
            dataset=NAME,
            kind="open",
            question=question,
            target=row.answer,
            cluster=f"{NAME}/patient-{patients.setdefault(patient, len(patients) + 1)}",
            images=(replace(find(row.image), id=f"{NAME}/image-{image}"),),
            groups={
                "modality": ("Radiography",),
                "region": ("Chest",),
                **{by: (group,) for by, group in {**facts, **decades}.items()},
            },
            facts={"answer": row.answer, **facts},
            quarantine=fault_of(question, row.answer),
        )

    samples = read_samples(file, _Row, sample)
    table = admissions_file(file.parent)
    if table is None:
        return Contents(
            samples=samples,
            notes=(f"no {file.parent / 'admissions.csv'}, so no marital status",),
        )
    return _with_statuses(samples, of_row, marital_statuses(table, patients.keys()))


def _with_statuses(
    samples: Sequence[Sample], patients: Sequence[str], statuses: Statuses
) -> Contents:
    """The samples with their patients' marital status; `patients` are theirs, row by row."""
    joined = tuple(
        replace(sample, facts={**sample.facts, "marital_status": statuses.known[patient]})
        if patient in statuses.known
        else sample
        for sample, patient in zip(samples, patients, strict=True)
    )
    return Contents(
        samples=joined,
        joined=json.dumps([sample.facts.get("marital_status", "") for sample in joined]),
        notes=(
            f"marital status of {len(statuses.known)} of {len(set(patients))} patients",
            f"{statuses.conflicting} patients left out for having several",
        ),
    )


MIMIC_CXR = card(
    QuestionSet(name=NAME, title="CARES: MIMIC-CXR, open questions on chest X-rays", read=_read)
)

"""MIMIC-CXR: open questions on chest X-rays. Credentialed: nothing of it may leave this machine.

Upstream's file was not at hand; its fields are those a third party read (cares.md 3.5).
A patient's number stays in the question file: samples, images and clusters are numbered in
the order in which the file first names them. A hash would hide nothing, since the few
million possible numbers can all be tried.
"""

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Literal

import msgspec
from msgspec.structs import replace

from medtrust.datasets.cares.admissions import admissions_file, marital_statuses
from medtrust.datasets.cares.people import Age, person
from medtrust.datasets.cares.pictures import PLACES, finder
from medtrust.datasets.cares.question_set import Contents, QuestionSet, card
from medtrust.datasets.cares.rows import Make, fault_of, read_samples, without_image_token
from medtrust.records import Image, Sample

NAME = "cares/mimic-cxr"

_PLACES = ("mimic-cxr-jpg", "mimic-cxr-jpg/files", *PLACES)
"""Upstream's README puts the images under the first; PhysioNet's download adds `files`."""

Race = Literal["Asian", "African American", "Caucasian", "Hispanic", "Native American", "Unknown"]


class _Row(msgspec.Struct, frozen=True):
    text: str
    answer: str
    image: str
    subject_id: int | str
    gender: str | None = ""
    age: Age = ""
    race: Race | None = "Unknown"


def _read(file: Path) -> Contents:
    table = admissions_file(file.parent)
    patients: dict[str, int] = {}
    begin = partial(_maker, finder(file.parent, NAME, _PLACES))
    samples = read_samples(file, _Row, partial(begin, patients, {}))
    if table is None:
        missing = f"no {file.parent / 'admissions.csv'}, so no marital status"
        return Contents(samples=samples, notes=(missing,))
    for _ in samples:
        pass  # so that all patients are known, who are looked up in the table together
    statuses = marital_statuses(table, patients.keys())
    return Contents(
        samples=read_samples(file, _Row, partial(begin, {}, statuses.known)),
        joined=json.dumps([statuses.known.get(patient, "") for patient in patients]),
        notes=(
            f"marital status of {len(statuses.known)} of {len(patients)} patients",
            f"{statuses.conflicting} patients left out for having several",
        ),
    )


def _maker(
    find: Callable[[str], Image], patients: dict[str, int], status: Mapping[str, str]
) -> Make[_Row]:
    """A function from a row to its sample, from the file's beginning on.

    `patients` are numbered as they come, `status` is the marital status of those who have one.
    """
    patients.clear()
    images: dict[str, int] = {}

    def sample(number: int, row: _Row) -> Sample:
        patient = str(row.subject_id)
        image = images.setdefault(row.image, len(images) + 1)
        question = without_image_token(row.text)
        groups, facts = person(row.age, row.gender)
        if row.race and row.race != "Unknown":
            groups["race"], facts["race"] = (row.race,), row.race
        married = {"marital_status": status[patient]} if patient in status else {}
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
                **groups,
            },
            facts={"answer": row.answer, **facts, **married},
            quarantine=fault_of(question, row.answer),
        )

    return sample


MIMIC_CXR = card(
    QuestionSet(name=NAME, title="CARES: MIMIC-CXR, open questions on chest X-rays", read=_read)
)

"""Harvard-FairVLMed: open questions on the retina, with patients' groups (cares.md 3.4).

The question file says nothing of the patients. What is known of them is joined from the
official NPZ files, where the user has them; a sample without one has no groups of people.
"""

import json
import re
from pathlib import Path

import msgspec

from medtrust.datasets.cares.fairvlmed_npz import Person, npz_file, read_person
from medtrust.datasets.cares.people import decade
from medtrust.datasets.cares.pictures import finder
from medtrust.datasets.cares.question_set import Contents, QuestionSet, card
from medtrust.datasets.cares.rows import fault_of, read_samples, without_image_token
from medtrust.records import Sample

NAME = "cares/fairvlmed"


class _Row(msgspec.Struct, frozen=True):
    """`question_id` is left out: it is the image's number and repeats."""

    text: str
    answer: str
    image: str


def _read(file: Path) -> Contents:
    find = finder(file.parent, NAME)
    people: dict[str, Person | None] = {}

    def sample(number: int, row: _Row) -> Sample:
        if row.image not in people:
            npz = npz_file(file.parent, _number(row.image))
            people[row.image] = read_person(npz) if npz else None
        groups, facts = _groups_and_facts(people[row.image] or Person())
        image = find(row.image)
        question = without_image_token(row.text)
        return Sample(
            id=f"{NAME}:{number}",
            dataset=NAME,
            kind="open",
            question=question,
            target=row.answer,
            cluster=image.id,
            images=(image,),
            groups={"modality": ("Fundus photography",), "region": ("Eye",), **groups},
            facts={"answer": row.answer, **facts},
            quarantine=fault_of(question, row.answer),
        )

    samples = read_samples(file, _Row, lambda: sample)
    for _ in samples:
        pass  # so that everybody is known: who is decides which dataset this is
    known = {image: msgspec.to_builtins(who) for image, who in people.items() if who}
    if not known:
        return Contents(samples=samples, notes=("no NPZ files, so no demographics",))
    return Contents(
        samples=samples,
        joined=json.dumps(known, sort_keys=True),
        notes=(f"demographics of {len(known)} of {len(people)} images",),
    )


def _number(image: str) -> str:
    """The five digits of `slo_fundus_08731.jpg`, which its NPZ file has too."""
    found = re.fullmatch(r"slo_fundus_([0-9]{5})\.jpg", image)
    if found is None:
        raise ValueError(f"field `image`: {image[:80]!r} is not named slo_fundus_NNNNN.jpg")
    return found[1]


def _groups_and_facts(person: Person) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    """What is known of a person, as groups and as facts."""
    age = "" if person.age is None else str(person.age)
    facts = {
        "age": age,
        "sex": person.sex,
        "race": person.race,
        "ethnicity": person.ethnicity,
        "marital_status": person.marital_status,
    }
    groups = {
        "age": decade(age) if age else "",
        "sex": person.sex,
        "race": person.race,
        "ethnicity": person.ethnicity,
    }
    return (
        {by: (group,) for by, group in groups.items() if group},
        {key: fact for key, fact in facts.items() if fact},
    )


FAIRVLMED = card(
    QuestionSet(
        name=NAME, title="CARES: Harvard-FairVLMed, open questions on the retina", read=_read
    )
)

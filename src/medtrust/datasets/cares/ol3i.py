"""OL3I: heart disease from a CT slice through the third lumbar vertebra (cares.md 3.2).

Letters nearly follow from the patient's label (B is right in 953 of 1000 rows), and 72 rows
have their options the other way round; the options' texts are what counts here.
"""

from pathlib import Path

import msgspec

from medtrust.datasets.cares.options import parse_options, target_of
from medtrust.datasets.cares.people import Age, person
from medtrust.datasets.cares.pictures import finder
from medtrust.datasets.cares.question_set import Contents, QuestionSet, card
from medtrust.datasets.cares.rows import fault_of, read_samples, without_image_token
from medtrust.records import Sample

NAME = "cares/ol3i"


class _Row(msgspec.Struct, frozen=True):
    """`question_id` is left out: it is 0 in every row."""

    age: Age
    gender: str | None
    options: str
    answer: str
    text: str
    image: str


def question_type(text: str) -> str:
    """`disease`, or `anatomy` where the question names none.

    So 70 rows are: they ask for a vertebra or a part of the body (cares.md 3.2).
    """
    words = text.lower()
    return "disease" if "disease" in words or "patholog" in words else "anatomy"


def _read(file: Path) -> Contents:
    find = finder(file.parent, NAME)

    def sample(number: int, row: _Row) -> Sample:
        options = parse_options(row.options)
        image = find(row.image)
        question = without_image_token(row.text)
        groups, facts = person(row.age, row.gender)
        # Where a text lists options at all it does so in brackets, not always verbatim.
        listed = "[" in question
        return Sample(
            id=f"{NAME}:{number}",
            dataset=NAME,
            kind="choice",
            question=question,
            target=target_of("answer", row.answer, options),
            cluster=image.id,
            images=(image,),
            options=options,
            groups={
                "modality": ("Computed tomography",),
                "region": ("Abdomen",),
                "question_type": (question_type(question),),
                **groups,
            },
            facts={
                "answer": row.answer,
                "options": row.options,
                **facts,
                **({} if listed else {"wording": "choice-unlisted"}),
            },
            quarantine=fault_of(question, row.answer),
        )

    return Contents(samples=read_samples(file, _Row, lambda: sample))


OL3I = card(
    QuestionSet(
        name=NAME, title="CARES: OL3I, heart disease from one abdominal CT slice", read=_read
    )
)

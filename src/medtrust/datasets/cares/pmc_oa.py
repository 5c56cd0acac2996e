"""PMC-OA: open questions on figures of articles.

Upstream's file was not at hand: it is read as every open set of CARES is written, with
`text`, `answer` and `image` (cares.md 3.5). It says nothing of modality or patient.
"""

from pathlib import Path

import msgspec

from medtrust.datasets.cares.pictures import finder
from medtrust.datasets.cares.question_set import Contents, QuestionSet, card
from medtrust.datasets.cares.rows import fault_of, read_samples, without_image_token
from medtrust.records import Sample

NAME = "cares/pmc-oa"


class _Row(msgspec.Struct, frozen=True):
    text: str
    answer: str
    image: str


def _read(file: Path) -> Contents:
    find = finder(file.parent, NAME)

    def sample(number: int, row: _Row) -> Sample:
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
            facts={"answer": row.answer},
            quarantine=fault_of(question, row.answer),
        )

    return Contents(samples=read_samples(file, _Row, lambda: sample))


PMC_OA = card(
    QuestionSet(name=NAME, title="CARES: PMC-OA, open questions on figures of articles", read=_read)
)

"""IU-Xray: yes/no questions on chest X-rays, with references in free text (cares.md 3.3)."""

from pathlib import Path, PurePosixPath

import msgspec

from medtrust.datasets.cares.pictures import finder
from medtrust.datasets.cares.question_set import Contents, QuestionSet, card
from medtrust.datasets.cares.rows import read_samples, without_image_token
from medtrust.datasets.cares.yes_no import reference
from medtrust.records import Sample

NAME = "cares/iu-xray"


class _Row(msgspec.Struct, frozen=True):
    """`question` repeats `text` and `question_id` is 0 in every row."""

    text: str
    answer: str
    image: str


def _read(file: Path) -> Contents:
    find = finder(file.parent, NAME)

    def sample(number: int, row: _Row) -> Sample:
        target, quarantine = reference(number, row.text, row.answer)
        return Sample(
            id=f"{NAME}:{number}",
            dataset=NAME,
            kind="yes-no",
            question=without_image_token(row.text),
            target=target,
            # A study is one visit of one patient; its folder names it.
            cluster=f"{NAME}/{PurePosixPath(row.image).parent}",
            images=(find(row.image),),
            groups={"modality": ("Radiography",), "region": ("Chest",)},
            facts={"answer": row.answer},
            quarantine=quarantine,
        )

    return Contents(samples=read_samples(file, _Row, lambda: sample))


IU_XRAY = card(
    QuestionSet(name=NAME, title="CARES: IU-Xray, yes/no questions on chest X-rays", read=_read)
)

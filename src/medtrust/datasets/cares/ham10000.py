"""HAM10000: which lesion, and where on the skin? Four options each (cares.md 3.1)."""

from pathlib import Path

import msgspec

from medtrust.datasets.cares.options import parse_options, target_of
from medtrust.datasets.cares.people import Age, person
from medtrust.datasets.cares.pictures import finder
from medtrust.datasets.cares.question_set import Contents, QuestionSet, card
from medtrust.datasets.cares.rows import fault_of, read_samples, without_image_token
from medtrust.records import LETTERS, Sample

NAME = "cares/ham10000"

DIAGNOSES = frozenset(
    {
        "actinic keratoses and intraepithelial carcinoma",
        "basal cell carcinoma",
        "benign keratosis-like lesions",
        "dermatofibroma",
        "melanocytic nevi",
        "melanoma",
        "vascular lesions",
    }
)
"""HAM10000's seven classes: a question whose answer is one of them asks for the diagnosis,
any other asks for the place."""


class _Row(msgspec.Struct, frozen=True):
    """`question_id` is left out: it names the image, so each occurs twice."""

    options: str
    fig_caption: str
    """The reference answer, `C:back`; there is no `answer`."""
    age: Age
    gender: str | None
    image: str
    text: str


def _read(file: Path) -> Contents:
    find = finder(file.parent, NAME)

    def sample(number: int, row: _Row) -> Sample:
        options = parse_options(row.options)
        target = target_of("fig_caption", row.fig_caption, options)
        image = find(row.image)
        gold = options[LETTERS.index(target)]
        question = without_image_token(row.text)
        groups, facts = person(row.age, row.gender)
        return Sample(
            id=f"{NAME}:{number}",
            dataset=NAME,
            kind="choice",
            question=question,
            target=target,
            cluster=image.id,
            images=(image,),
            options=options,
            groups={
                "modality": ("Dermoscopy",),
                "region": ("Skin",),
                "question_type": ("diagnosis" if gold in DIAGNOSES else "location",),
                **groups,
            },
            facts={
                "answer": row.fig_caption,
                "options": row.options,
                **facts,
                **({} if row.age != 0 else {"age_note": "0 may stand for an unknown age"}),
            },
            quarantine=fault_of(question, row.fig_caption),
        )

    return Contents(samples=read_samples(file, _Row, lambda: sample))


HAM10000 = card(
    QuestionSet(name=NAME, title="CARES: HAM10000, skin lesions and where they are", read=_read)
)

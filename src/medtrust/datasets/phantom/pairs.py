"""The questions of the confusing pairs: one question, two findings, two options."""

from dataclasses import dataclass

from medtrust.datasets.phantom.questions import Question, always, by_finding


@dataclass(frozen=True, slots=True, kw_only=True)
class PairQuestion:
    """A question whose answer tells two look-alikes apart.

    `values`, `options` and `categories` belong together by position. `cleared`
    are findings that would hide the one asked for; neither image has them.
    """

    key: str
    modality: str
    text: str
    topic: str
    finding: str
    values: tuple[str, str]
    options: tuple[str, str]
    categories: tuple[tuple[str, ...], tuple[str, ...]]
    cleared: tuple[str, ...] = ()

    def category(self, value: str) -> tuple[str, ...]:
        """Categories of the image that shows `value`."""
        return self.categories[self.values.index(value)]


def as_question(pair: PairQuestion) -> Question:
    """The same question, asked of one image: how the train split has it."""
    return Question(
        key=f"pair-{pair.key}",
        modality=pair.modality,
        kind="choice",
        text=pair.text,
        topic=pair.topic,
        options=always(pair.options),
        answer=by_finding(pair.finding, dict(zip(pair.values, pair.options, strict=True))),
    )


def _pair(
    modality: str,
    key: str,
    text: str,
    topic: str,
    finding: str,
    first: tuple[str, str, tuple[str, ...]],
    second: tuple[str, str, tuple[str, ...]],
    *,
    cleared: tuple[str, ...] = (),
) -> PairQuestion:
    """`first` and `second` are the value found, its option and its image's categories."""
    return PairQuestion(
        key=key,
        modality=modality,
        text=text,
        topic=topic,
        finding=finding,
        values=(first[0], second[0]),
        options=(first[1], second[1]),
        categories=(first[2], second[2]),
        cleared=cleared,
    )


PAIR_QUESTIONS: tuple[PairQuestion, ...] = (
    _pair(
        "chest",
        "effusion-side",
        "Where has pleural fluid gathered?",
        "location",
        "effusion",
        ("left", "Around the left lung", ("Pulmonary",)),
        ("right", "Around the right lung", ("Pulmonary",)),
        cleared=("pneumothorax",),
    ),
    _pair(
        "chest",
        "heart-size",
        "How large is the cardiac silhouette?",
        "size",
        "heart",
        ("normal", "Within normal limits", ("Cardiac",)),
        ("enlarged", "Clearly enlarged", ("Cardiac",)),
    ),
    _pair(
        "chest",
        "right-lung",
        "What is the state of the right lung?",
        "presence",
        "pneumothorax",
        ("none", "Fully expanded", ("Pulmonary",)),
        ("right", "Partly collapsed", ("Pulmonary",)),
        cleared=("effusion",),
    ),
    _pair(
        "chest",
        "nodule-zone",
        "At which height does the right lung hold a nodule?",
        "location",
        "nodule",
        ("right upper", "In the upper zone", ("Pulmonary",)),
        ("right lower", "In the lower zone", ("Pulmonary",)),
        cleared=("effusion", "pneumothorax"),
    ),
    _pair(
        "chest",
        "hardware",
        "What has been implanted under the left collarbone?",
        "presence",
        "device",
        ("none", "Nothing", ("Pulmonary",)),
        ("left", "A pacemaker", ("Pulmonary", "Cardiac")),
    ),
    _pair(
        "fundus",
        "eye",
        "Which eye was photographed?",
        "location",
        "eye",
        ("right", "The right eye", ("Ocular",)),
        ("left", "The left eye", ("Ocular",)),
    ),
    _pair(
        "fundus",
        "cup",
        "How large is the cup compared with the optic disc?",
        "size",
        "cup",
        ("small", "Less than half of its width", ("Ocular",)),
        ("large", "More than three quarters of its width", ("Ocular",)),
    ),
    _pair(
        "fundus",
        "bleeding",
        "Where do the retinal haemorrhages lie?",
        "location",
        "haemorrhage",
        ("above", "Above the macula", ("Ocular", "Vascular")),
        ("below", "Below the macula", ("Ocular", "Vascular")),
    ),
    _pair(
        "fundus",
        "macula",
        "What is seen around the fovea?",
        "presence",
        "macula",
        ("healthy", "No deposits", ("Ocular",)),
        ("drusen", "Many yellow deposits", ("Ocular",)),
    ),
    _pair(
        "fundus",
        "laser",
        "Has the retinal periphery been treated?",
        "presence",
        "periphery",
        ("clear", "No, it shows no scars", ("Ocular",)),
        ("scars", "Yes, it shows laser scars", ("Ocular",)),
    ),
    _pair(
        "skin",
        "border",
        "How is the edge of the lesion shaped?",
        "appearance",
        "border",
        ("regular", "Smooth and even", ("Skin",)),
        ("irregular", "Notched and uneven", ("Skin",)),
    ),
    _pair(
        "skin",
        "size",
        "How much of the field does the lesion fill?",
        "size",
        "size",
        ("small", "Less than half of its width", ("Skin",)),
        ("large", "More than half of its width", ("Skin",)),
    ),
    _pair(
        "skin",
        "colour",
        "How is the pigment of the lesion coloured?",
        "appearance",
        "colour",
        ("one", "One shade of brown", ("Skin",)),
        ("several", "Brown with black, red and tan", ("Skin",)),
    ),
    _pair(
        "skin",
        "veil",
        "What covers the middle of the lesion?",
        "presence",
        "veil",
        ("absent", "No film", ("Skin",)),
        ("present", "A blue-white veil", ("Skin",)),
    ),
    _pair(
        "skin",
        "surface",
        "Is the surface of the lesion broken?",
        "presence",
        "surface",
        ("intact", "No, it is intact", ("Skin",)),
        ("ulcerated", "Yes, there is an ulcer", ("Skin",)),
    ),
    _pair(
        "ct",
        "bleed-side",
        "In which hemisphere does the blood clot lie?",
        "location",
        "haemorrhage",
        ("left", "The left hemisphere", ("Cerebral", "Vascular")),
        ("right", "The right hemisphere", ("Cerebral", "Vascular")),
        cleared=("infarct",),
    ),
    _pair(
        "ct",
        "ventricles",
        "How wide are the lateral ventricles?",
        "size",
        "ventricles",
        ("normal", "Of normal width", ("Cerebral",)),
        ("enlarged", "Much too wide", ("Cerebral",)),
    ),
    _pair(
        "ct",
        "midline",
        "Which way is the midline pushed?",
        "location",
        "midline",
        ("left", "To the patient's left", ("Cerebral",)),
        ("right", "To the patient's right", ("Cerebral",)),
    ),
    _pair(
        "ct",
        "infarct",
        "How dense is the left hemisphere?",
        "appearance",
        "infarct",
        ("none", "As dense as the right one", ("Cerebral",)),
        ("left", "A wedge of it is too dark", ("Cerebral", "Vascular")),
        cleared=("haemorrhage",),
    ),
    _pair(
        "ct",
        "subdural",
        "What lies between the skull and the right hemisphere?",
        "presence",
        "subdural",
        ("none", "Nothing but a thin film of fluid", ("Cerebral",)),
        ("right", "A crescent of blood", ("Cerebral", "Vascular")),
    ),
)
"""Five for each modality; `none` in `cleared` findings is their normal value."""

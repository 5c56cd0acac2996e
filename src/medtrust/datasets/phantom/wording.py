"""How findings are put into words: report sentences and short names."""

from collections.abc import Mapping

from medtrust.datasets.phantom.findings import MODALITIES, is_normal

SENTENCES: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "chest": {
        "effusion": {
            "none": "Both costophrenic angles are sharp.",
            "left": "Fluid fills the base of the left pleural space.",
            "right": "Fluid fills the base of the right pleural space.",
        },
        "heart": {
            "normal": "The heart is of normal size.",
            "enlarged": "The heart is enlarged.",
        },
        "nodule": {
            "none": "No nodule is seen in either lung.",
            "right upper": "A round nodule lies in the right upper zone.",
            "right lower": "A round nodule lies in the right lower zone.",
            "left upper": "A round nodule lies in the left upper zone.",
            "left lower": "A round nodule lies in the left lower zone.",
        },
        "pneumothorax": {
            "none": "Both lungs reach the chest wall.",
            "left": "The left lung has partly collapsed; free air surrounds it.",
            "right": "The right lung has partly collapsed; free air surrounds it.",
        },
        "device": {
            "none": "No device has been implanted.",
            "left": "A pacemaker lies under the left collarbone.",
            "right": "A pacemaker lies under the right collarbone.",
        },
    },
    "fundus": {
        "eye": {"right": "Right eye.", "left": "Left eye."},
        "cup": {
            "small": "The optic cup is small.",
            "large": "The optic cup takes up most of the disc.",
        },
        "haemorrhage": {
            "none": "The retina is free of blood.",
            "above": "Several haemorrhages lie above the macula.",
            "below": "Several haemorrhages lie below the macula.",
        },
        "macula": {
            "healthy": "The macula is clear.",
            "drusen": "Many drusen surround the fovea.",
        },
        "periphery": {
            "clear": "The periphery is untreated.",
            "scars": "The periphery is covered with laser scars.",
        },
    },
    "skin": {
        "site": {
            "back": "Skin of the back.",
            "scalp": "Skin of the scalp.",
            "sole": "Skin of the sole.",
            "face": "Skin of the face.",
        },
        "border": {
            "regular": "The lesion has a smooth border.",
            "irregular": "The lesion has a notched border.",
        },
        "size": {
            "small": "It fills less than half of the field's width.",
            "large": "It fills more than half of the field's width.",
        },
        "colour": {
            "one": "It is evenly brown.",
            "several": "Its pigment is brown, black, red and tan.",
        },
        "veil": {
            "absent": "There is no blue-white veil.",
            "present": "A blue-white veil covers its middle.",
        },
        "surface": {
            "intact": "Its surface is intact.",
            "ulcerated": "Its surface is ulcerated.",
        },
    },
    "ct": {
        "haemorrhage": {
            "none": "There is no bleeding within the brain.",
            "left": "A fresh haemorrhage lies deep in the left hemisphere.",
            "right": "A fresh haemorrhage lies deep in the right hemisphere.",
        },
        "infarct": {
            "none": "Grey and white matter are told apart everywhere.",
            "left": "A wedge of low density in the left hemisphere is an infarct.",
            "right": "A wedge of low density in the right hemisphere is an infarct.",
        },
        "subdural": {
            "none": "No collection lies under the skull.",
            "left": "A subdural haematoma lies over the left hemisphere.",
            "right": "A subdural haematoma lies over the right hemisphere.",
        },
        "midline": {
            "central": "The midline is central.",
            "left": "The midline is shifted to the left.",
            "right": "The midline is shifted to the right.",
        },
        "ventricles": {
            "normal": "The ventricles are of normal width.",
            "enlarged": "The ventricles are enlarged.",
        },
    },
}
"""Modality -> finding -> value -> a sentence, in the order of a report."""

ABNORMALITIES: Mapping[str, Mapping[str, str]] = {
    "chest": {
        "effusion": "Pleural effusion",
        "heart": "Cardiomegaly",
        "nodule": "Pulmonary nodule",
        "pneumothorax": "Pneumothorax",
        "device": "Pacemaker",
    },
    "fundus": {
        "cup": "Enlarged optic cup",
        "haemorrhage": "Retinal haemorrhages",
        "macula": "Macular drusen",
        "periphery": "Laser scars",
    },
    "skin": {
        "border": "Irregular border",
        "colour": "Several colours",
        "veil": "Blue-white veil",
        "surface": "Ulceration",
    },
    "ct": {
        "haemorrhage": "Intracerebral haemorrhage",
        "infarct": "Cerebral infarct",
        "subdural": "Subdural haematoma",
        "ventricles": "Enlarged ventricles",
        "midline": "Midline shift",
    },
}
"""Modality -> finding -> what its abnormal values are called."""

NORMAL = "No abnormality"


def abnormalities(modality: str, findings: Mapping[str, str]) -> list[str]:
    """Names of what is abnormal in an image."""
    return [
        name
        for finding, name in ABNORMALITIES[modality].items()
        if not is_normal(modality, finding, findings[finding])
    ]


def description(modality: str, findings: Mapping[str, str]) -> str:
    """What a report says under `Findings`: one sentence for each finding."""
    return " ".join(texts[findings[name]] for name, texts in SENTENCES[modality].items())


def impression(modality: str, findings: Mapping[str, str]) -> str:
    """The report's conclusion: what is abnormal, or that nothing is."""
    names = abnormalities(modality, findings) or [NORMAL]
    joined = ", ".join(names).lower()
    return joined[0].upper() + joined[1:] + "."


def report(modality: str, findings: Mapping[str, str]) -> str:
    """The written report of an image."""
    shown = MODALITIES[modality]
    return (
        f"Examination: {shown.technique.lower()}, {shown.region.lower()}. "
        f"Findings: {description(modality, findings)} "
        f"Impression: {impression(modality, findings)}"
    )

"""What an image can show: the findings of each modality and how often they occur."""

from collections.abc import Mapping
from dataclasses import dataclass

from medtrust.datasets.phantom.dice import dice, pick


@dataclass(frozen=True, slots=True, kw_only=True)
class Modality:
    """A kind of image. `findings`: finding -> value -> share of images; the first is normal."""

    technique: str
    region: str
    findings: Mapping[str, Mapping[str, float]]


MODALITIES: Mapping[str, Modality] = {
    "chest": Modality(
        technique="Radiography",
        region="Chest",
        findings={
            "effusion": {"none": 0.52, "left": 0.26, "right": 0.22},
            "heart": {"normal": 0.65, "enlarged": 0.35},
            "nodule": {
                "none": 0.48,
                "right upper": 0.14,
                "right lower": 0.13,
                "left upper": 0.12,
                "left lower": 0.13,
            },
            "pneumothorax": {"none": 0.6, "right": 0.22, "left": 0.18},
            "device": {"none": 0.58, "left": 0.3, "right": 0.12},
        },
    ),
    "fundus": Modality(
        technique="Fundus photography",
        region="Eye",
        findings={
            "eye": {"right": 0.55, "left": 0.45},
            "cup": {"small": 0.62, "large": 0.38},
            "haemorrhage": {"none": 0.46, "above": 0.3, "below": 0.24},
            "macula": {"healthy": 0.6, "drusen": 0.4},
            "periphery": {"clear": 0.7, "scars": 0.3},
        },
    ),
    "skin": Modality(
        technique="Dermoscopy",
        region="Skin",
        findings={
            "border": {"regular": 0.6, "irregular": 0.4},
            "size": {"small": 0.58, "large": 0.42},
            "colour": {"one": 0.55, "several": 0.45},
            "veil": {"absent": 0.68, "present": 0.32},
            "surface": {"intact": 0.72, "ulcerated": 0.28},
            "site": {"back": 0.4, "scalp": 0.2, "sole": 0.2, "face": 0.2},
        },
    ),
    "ct": Modality(
        technique="Computed tomography",
        region="Head",
        findings={
            "haemorrhage": {"none": 0.5, "left": 0.28, "right": 0.22},
            "midline": {"central": 0.54, "left": 0.22, "right": 0.24},
            "ventricles": {"normal": 0.62, "enlarged": 0.38},
            "infarct": {"none": 0.62, "left": 0.2, "right": 0.18},
            "subdural": {"none": 0.64, "left": 0.18, "right": 0.18},
        },
    ),
}

_EXCLUSIVE = {"chest": ("effusion", "pneumothorax"), "ct": ("haemorrhage", "infarct")}
"""The second gives way to the first on the same side."""


def roll(modality: str, key: str) -> dict[str, str]:
    """The findings of the image called `key`.

    Findings are independent of one another, except that one side of a chest or
    head never holds two large ones: the second would hide the first.
    """
    rng = dice("findings", key)
    shares = MODALITIES[modality].findings
    found = {finding: pick(rng, weights) for finding, weights in shares.items()}
    if modality in _EXCLUSIVE:
        first, second = _EXCLUSIVE[modality]
        if found[first] == found[second]:
            found[second] = "none"
    return found


def is_normal(modality: str, finding: str, value: str) -> bool:
    """Whether a finding's value is the normal one."""
    return value == next(iter(MODALITIES[modality].findings[finding]))

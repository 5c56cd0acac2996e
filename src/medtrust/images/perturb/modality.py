"""Which perturbations an image of some modality may really meet.

The choice follows MedMNIST-C's, data set by data set (arXiv 2406.17536, registry.py as
in `catalogue`), and adds ours where the physics is the same. Modalities that MedMNIST-C
has no data of are medtrust's choice.
"""

from collections.abc import Mapping

from medtrust.images.perturb.catalogue import CATALOGUE

_FILE = ("jpeg", "downsampling")
_NOISE = ("gaussian", "speckle", "shot", "impulse")
_LIGHT = ("brightness-up", "brightness-down", "contrast-up", "contrast-down")
_GAMMA = ("gamma-up", "gamma-down")
_OPTICS = ("defocus", "motion")
_PLACE = ("crop-shift", "rotation")

GENERAL = (
    *("gaussian", "gaussian-blur", *_FILE, *_LIGHT),
    *(*_PLACE, "text"),
)
"""For a modality that is unknown: what any picture may meet."""

_SUITED: Mapping[str, tuple[str, ...]] = {
    # chestmnist, pneumoniamnist
    "x-ray": (
        *(*_NOISE, "gaussian-blur", *_FILE, *_LIGHT, *_GAMMA),
        *("bias-field", "stripe", *_PLACE, "text", "marker"),
    ),
    # organ{a,c,s}mnist
    "ct": (
        *(*_NOISE, "gaussian-blur", *_FILE, *_LIGHT, *_GAMMA),
        *("stripe", *_PLACE, "text"),
    ),
    # dermamnist; its `characters` is our text
    "dermatoscopy": (*_NOISE, *_OPTICS, *_FILE, *_LIGHT, "text", "bias-field", *_PLACE, "marker"),
    # retinamnist
    "fundus": (
        *("gaussian", "speckle", *_OPTICS, *_FILE, "brightness-down", "contrast-down"),
        *("bias-field", *_PLACE),
    ),
    # octmnist
    "oct": ("speckle", *_OPTICS, *_FILE, "contrast-down", "stripe", *_PLACE),
    # breastmnist
    "ultrasound": (
        *("speckle", "motion", *_FILE, "brightness-up", "brightness-down", "contrast-down"),
        *("crop-shift", "text", "marker"),
    ),
    # pathmnist, bloodmnist
    "pathology": (*_OPTICS, *_FILE, *_LIGHT, "bias-field", *_PLACE),
    # tissuemnist
    "fluorescence": ("impulse", "gaussian-blur", *_FILE, *_LIGHT, "shot", "bias-field"),
    "mri": (
        *("gaussian", "gaussian-blur", "motion", *_FILE, *_LIGHT, *_GAMMA),
        *("bias-field", "stripe", *_PLACE, "text"),
    ),
    "nuclear": (
        *("gaussian", "shot", "gaussian-blur", "motion", *_FILE),
        *("contrast-up", "contrast-down", *_PLACE, "text"),
    ),
    "photograph": ("gaussian", "shot", *_OPTICS, *_FILE, *_LIGHT, "bias-field", *_PLACE, "text"),
}

_WORDS: Mapping[str, str] = {
    **dict.fromkeys(("mri", "mr", "magnetic", "flair", "t1", "t2"), "mri"),
    **dict.fromkeys(("oct", "coherence"), "oct"),
    **dict.fromkeys(
        ("nuclear", "pet", "spect", "positron", "scintigraphy", "radioisotope"), "nuclear"
    ),
    **dict.fromkeys(("ultrasound", "sonography", "echocardiography", "doppler"), "ultrasound"),
    **dict.fromkeys(("fluorescence",), "fluorescence"),
    **dict.fromkeys(
        ("pathology", "histopathology", "histology", "cytology", "microscopy", "mitotic"),
        "pathology",
    ),
    **dict.fromkeys(("dermatoscopy", "dermoscopy", "dermatoscopic", "dermoscopic"), "dermatoscopy"),
    **dict.fromkeys(("fundus", "retinal", "slo", "ophthalmoscopy", "infrared"), "fundus"),
    **dict.fromkeys(("ct", "computed"), "ct"),
    **dict.fromkeys(
        ("xray", "ray", "radiography", "radiograph", "mammography", "fluoroscopy", "cxr"), "x-ray"
    ),
    **dict.fromkeys(
        ("endoscopy", "colonoscopy", "gastroscopy", "colposcopy", "photography", "photograph"),
        "photograph",
    ),
}
"""A word in a modality's name -> its family, the first in this order that occurs."""


def suited(modality: str) -> tuple[str, ...]:
    """The perturbations that fit a modality, in the catalogue's order.

    Words in any spelling of it count: `Chest X-ray`, `Optical coherence tomography`,
    `MR (T1)`. An unknown modality gets the general ones.
    """
    plain = "".join(sign if sign.isalnum() else " " for sign in modality[:200].casefold())
    found = set(plain.split())
    family = next((name for word, name in _WORDS.items() if word in found), "")
    chosen = _SUITED.get(family, GENERAL)
    return tuple(name for name in CATALOGUE if name in chosen)

"""The perturbations by name, each in five severities, with where its numbers are from.

Figures of MedMNIST-C (arXiv 2406.17536) are those of its registry of severities,
`medmnistc/corruptions/registry.py` at b6dee0e in francescodisalvo05/medmnistc-api
(Apache-2.0). It gives each data set a table of its own; one name has one meaning here,
so each takes one data set's table, named beside it. Our code shares nothing with
theirs. Figures marked `medtrust` are this project's choice.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np

from medtrust.errors import InputError
from medtrust.images.perturb import blur, field, geometry, marks, noise, resolution, tone
from medtrust.images.perturb.levels import Pixels
from medtrust.images.perturb.official import official_noise

SEVERITIES = (1, 2, 3, 4, 5)

OFFICIAL = "official-noise"
"""CARES's released noise, the one transform without severities."""

Strength = TypeVar("Strength")


@dataclass(frozen=True, slots=True, kw_only=True)
class Perturbation(Generic[Strength]):
    """One way to disturb an image, and how strongly at each severity."""

    apply: Callable[[Pixels, Strength, np.random.Generator], Pixels]
    strengths: tuple[Strength, Strength, Strength, Strength, Strength]
    unit: str
    """What the strengths are."""
    source: str
    """Where the strengths are from: a data set of MedMNIST-C, or `medtrust`."""
    moves: bool = False
    """Whether pixels change places, in which case an alpha channel goes with them."""


CATALOGUE: Mapping[str, Perturbation[Any]] = {
    "gaussian": Perturbation(
        apply=noise.gaussian,
        strengths=(0.04, 0.08, 0.12, 0.18, 0.26),
        unit="standard deviation, of full scale",
        source="MedMNIST-C chest, derma",
    ),
    "speckle": Perturbation(
        apply=noise.speckle,
        strengths=(0.05, 0.15, 0.2, 0.35, 0.45),
        unit="standard deviation, of the pixel's level",
        source="MedMNIST-C chest, derma",
    ),
    "shot": Perturbation(
        apply=noise.shot,
        strengths=(60, 25, 18, 10, 5),
        unit="photons at white",
        source="MedMNIST-C chest, derma",
    ),
    "impulse": Perturbation(
        apply=noise.impulse,
        strengths=(0.01, 0.03, 0.06, 0.09, 0.17),
        unit="share of values struck",
        source="MedMNIST-C chest, derma",
    ),
    "gaussian-blur": Perturbation(
        apply=blur.gaussian_blur,
        # Kernels of 3, 5, 7, 9 and 11 pixels; torchvision gives one of k pixels the
        # deviation 0.15 k + 0.35.
        strengths=(0.8, 1.1, 1.4, 1.7, 2.0),
        unit="standard deviation in pixels at 224",
        source="MedMNIST-C chest, pneumonia",
    ),
    "defocus": Perturbation(
        apply=blur.defocus,
        # The table's second number, a smoothing of the disc's rim by half a pixel, is left out.
        strengths=(4, 5, 6, 7, 8),
        unit="radius in pixels at 224",
        source="MedMNIST-C derma, retina",
    ),
    "motion": Perturbation(
        apply=blur.motion,
        # Those of derma are not used: a longer trail of the same deviation is the same blur.
        strengths=((5, 5), (9, 7), (9, 10), (13, 10), (17, 12)),
        unit="radius and standard deviation in pixels at 224",
        source="MedMNIST-C breast",
    ),
    "jpeg": Perturbation(
        apply=resolution.jpeg,
        strengths=(50, 30, 15, 10, 7),
        unit="JPEG quality",
        source="MedMNIST-C chest, breast, organ, path, blood",
    ),
    "downsampling": Perturbation(
        apply=resolution.downsampling,
        strengths=(0.7, 0.5, 0.4, 0.3, 0.25),
        unit="factor, of 224 pixels or the image's size if smaller",
        source="MedMNIST-C derma (pixelate)",
    ),
    "brightness-up": Perturbation(
        apply=tone.brightness,
        strengths=(1.1, 1.2, 1.3, 1.4, 1.5),
        unit="factor",
        source="MedMNIST-C chest, derma",
    ),
    "brightness-down": Perturbation(
        apply=tone.brightness,
        strengths=(0.9, 0.8, 0.7, 0.6, 0.5),
        unit="factor",
        source="MedMNIST-C chest, derma, retina, blood",
    ),
    "contrast-up": Perturbation(
        apply=tone.contrast,
        strengths=(1.1, 1.2, 1.3, 1.4, 1.6),
        unit="factor about the mean",
        source="MedMNIST-C chest, derma, path, tissue",
    ),
    "contrast-down": Perturbation(
        apply=tone.contrast,
        strengths=(0.9, 0.8, 0.7, 0.6, 0.4),
        unit="factor about the mean",
        source="MedMNIST-C chest, retina, breast, tissue",
    ),
    "gamma-up": Perturbation(
        apply=tone.gamma,
        strengths=(1.1, 1.2, 1.3, 1.4, 1.6),
        unit="exponent",
        source="MedMNIST-C chest, pneumonia",
    ),
    "gamma-down": Perturbation(
        apply=tone.gamma,
        strengths=(0.9, 0.8, 0.7, 0.6, 0.4),
        unit="exponent",
        source="MedMNIST-C chest, pneumonia, organ",
    ),
    "bias-field": Perturbation(
        apply=field.bias_field,
        # BrainWeb simulates 20 % and 40 %.
        strengths=(0.2, 0.4, 0.6, 0.8, 1.0),
        unit="non-uniformity (highest less lowest gain)",
        source="medtrust; the first two are BrainWeb's levels",
    ),
    "stripe": Perturbation(
        apply=field.stripe,
        strengths=(0.02, 0.04, 0.06, 0.09, 0.13),
        unit="standard deviation, of full scale",
        source="medtrust",
    ),
    "crop-shift": Perturbation(
        apply=geometry.crop_shift,
        strengths=(0.02, 0.05, 0.08, 0.12, 0.16),
        unit="share of the image's size",
        source="medtrust",
        moves=True,
    ),
    "rotation": Perturbation(
        apply=geometry.rotation,
        strengths=(2, 5, 10, 15, 20),
        unit="degrees",
        source="medtrust",
        moves=True,
    ),
    "text": Perturbation(
        apply=marks.text,
        strengths=((1, 0.04), (2, 0.05), (4, 0.05), (4, 0.08), (8, 0.09)),
        unit="lines, and their height as a share of the shorter side",
        source="medtrust",
    ),
    "marker": Perturbation(
        apply=marks.marker,
        strengths=((1, 0.06), (2, 0.08), (3, 0.1), (4, 0.12), (6, 0.14)),
        unit="markers, and their width as a share of the shorter side",
        source="medtrust",
    ),
}
"""Name -> perturbation, noise first, then what optics, files, tone and people do."""


def names() -> tuple[str, ...]:
    """The perturbations that have five severities."""
    return tuple(CATALOGUE)


def parse(transform: str) -> tuple[str, int]:
    """Read `gaussian-3` as its name and severity; `official-noise` has severity 0.

    Raises InputError, naming what there is, for anything else.
    """
    if transform == OFFICIAL:
        return OFFICIAL, 0
    name, _, severity = transform.rpartition("-")
    if name not in CATALOGUE or severity not in map(str, SEVERITIES):
        raise InputError(
            f"{transform[:60]!r} is no transform of an image; write a perturbation and its "
            f"severity from 1 to 5, such as gaussian-3 ({', '.join(CATALOGUE)}), or {OFFICIAL}"
        )
    return name, int(severity)


def perturb(pixels: Pixels, name: str, severity: int, rng: np.random.Generator) -> Pixels:
    """Disturb an image; `pixels` itself stays as it is.

    Args:
        pixels: Grey (H, W), colour (H, W, 3) or colour with alpha (H, W, 4), uint8 or
            uint16. Alpha keeps its values, or goes with the pixels where they move.
        name: One of `names()`, or `official-noise` with severity 0.
        severity: 1 (slight) to 5.
        rng: Where chance comes from. Equal generators give equal pictures.

    Returns:
        An array of the same shape and type.

    Raises:
        InputError: For pixels of another shape or type, and an unknown name or severity.
    """
    if pixels.dtype not in (np.uint8, np.uint16) or not _is_picture(pixels.shape):
        raise InputError(
            f"an image of shape {pixels.shape} and type {pixels.dtype} cannot be perturbed; "
            "give (height, width) or (height, width, 3 or 4) of uint8 or uint16"
        )
    parse(name if name == OFFICIAL and severity == 0 else f"{name}-{severity}")
    planes = pixels.reshape(*pixels.shape[:2], -1)
    if name == OFFICIAL:
        return _colours(planes, lambda seen: official_noise(seen, rng)).reshape(pixels.shape)
    kind = CATALOGUE[name]
    strength = kind.strengths[severity - 1]
    if kind.moves:
        return kind.apply(planes, strength, rng).reshape(pixels.shape)
    return _colours(planes, lambda seen: kind.apply(seen, strength, rng)).reshape(pixels.shape)


def _is_picture(shape: tuple[int, ...]) -> bool:
    return 0 not in shape and (len(shape) == 2 or (len(shape) == 3 and shape[2] in {3, 4}))


def _colours(planes: Pixels, change: Callable[[Pixels], Pixels]) -> Pixels:
    """Change the colours and leave an alpha channel alone."""
    if planes.shape[2] < 4:
        return change(planes)
    return np.concatenate((change(planes[..., :3]), planes[..., 3:]), axis=2)

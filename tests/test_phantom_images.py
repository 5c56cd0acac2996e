"""Phantom's pictures: drawn the same each time, with findings that can be seen."""

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from medtrust.datasets.phantom import chest, ct, fundus, skin, store
from medtrust.datasets.phantom.canvas import BODY, SIZE, Draw, Look
from medtrust.datasets.phantom.cases import case_pairs, look
from medtrust.datasets.phantom.findings import MODALITIES

DRAW = {"chest": chest.draw, "fundus": fundus.draw, "skin": skin.draw, "ct": ct.draw}
FINDINGS = [
    (modality, finding, value)
    for modality, shown in MODALITIES.items()
    for finding, shares in shown.findings.items()
    for value in list(shares)[1:]
    if finding != "site"  # a texture: it has a test of its own
]


def normal(modality: str) -> dict[str, str]:
    return {name: next(iter(shares)) for name, shares in MODALITIES[modality].findings.items()}


def picture(
    draw: Draw, findings: dict[str, str], *, age: int = 40, seed: int = 0
) -> NDArray[np.uint8]:
    body = (0.0,) * BODY
    return draw(Look(findings=findings, body=body, age=age), np.random.default_rng(seed))


def grey(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    values = pixels.astype(np.float64)
    return values if values.ndim == 2 else values.mean(axis=2)


def coarse(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    small: NDArray[np.float64] = grey(pixels).reshape(32, SIZE // 32, 32, -1).mean(axis=(1, 3))
    return small


@pytest.mark.parametrize("modality", DRAW)
def test_an_image_drawn_twice_is_the_same_file(modality: str) -> None:
    case = next(case for case in store.all_cases() if case.modality == modality)
    assert store.render(case) == store.render(case)


@pytest.mark.parametrize("modality", DRAW)
def test_files_are_png_of_the_stated_size_and_mode(modality: str) -> None:
    case = next(case for case in store.all_cases() if case.modality == modality)
    opened = Image.open(io.BytesIO(store.render(case)))
    assert opened.format == "PNG"
    assert opened.size == (SIZE, SIZE)
    assert opened.mode == ("L" if modality in {"chest", "ct"} else "RGB")


@pytest.mark.parametrize("modality", DRAW)
def test_images_use_the_range_of_brightness(modality: str) -> None:
    pixels = grey(picture(DRAW[modality], normal(modality)))
    assert np.percentile(pixels, 2) < 40
    assert np.percentile(pixels, 98) > 110
    assert pixels.std() > 25


@pytest.mark.parametrize(("modality", "finding", "value"), FINDINGS)
def test_every_finding_shows_beyond_what_texture_changes(
    modality: str, finding: str, value: str
) -> None:
    draw, plain = DRAW[modality], normal(modality)
    base = coarse(picture(draw, plain))
    # Another seed changes texture and noise only.
    texture = np.abs(coarse(picture(draw, plain, seed=1)) - base)
    change = np.abs(coarse(picture(draw, {**plain, finding: value})) - base)
    assert change.max() > 1.3 * np.percentile(texture, 99)


def test_the_sites_of_skin_differ_in_texture() -> None:
    shown = {}
    for site in MODALITIES["skin"].findings["site"]:
        skins = [picture(skin.draw, {**normal("skin"), "site": site}, seed=n) for n in range(4)]
        shown[site] = np.stack([grey(pixels)[20:56, 80:176] for pixels in skins])
    # Ridges make up the sole; hairs cover more of the scalp than of other skin.
    contrast = {site: np.median(np.abs(area - np.median(area))) for site, area in shown.items()}
    hair = {site: (area < 100).mean() for site, area in shown.items()}
    assert contrast["sole"] > 1.5 * max(contrast["back"], contrast["face"])
    assert contrast["face"] > contrast["back"]
    assert hair["scalp"] > 2 * hair["back"] >= hair["face"] >= hair["sole"] == 0


@pytest.mark.parametrize(
    ("modality", "finding"),
    [("chest", "effusion"), ("chest", "device"), ("ct", "haemorrhage"), ("ct", "subdural")],
)
def test_sides_follow_the_radiological_convention(modality: str, finding: str) -> None:
    """The patient's left is on the right of the image."""
    draw, plain = DRAW[modality], normal(modality)
    left = grey(picture(draw, {**plain, finding: "left"}))
    right = grey(picture(draw, {**plain, finding: "right"}))
    difference = left - right
    half = SIZE // 2
    assert difference[:, half:].mean() > 0.5
    assert difference[:, :half].mean() < -0.5


def test_the_optic_disc_is_towards_the_nose() -> None:
    right = grey(picture(fundus.draw, normal("fundus")))
    left = grey(picture(fundus.draw, {**normal("fundus"), "eye": "left"}))
    assert right.max(axis=0).argmax() > SIZE // 2 > left.max(axis=0).argmax()


@pytest.mark.parametrize("modality", DRAW)
def test_noise_grows_with_age_and_nothing_else_changes(modality: str) -> None:
    """The one dependency on demographics that is built in (docs/phantom.md)."""
    young, old = (picture(DRAW[modality], normal(modality), age=age) for age in (0, 90))
    difference = grey(old) - grey(young)
    inner = difference[96:160, 96:160]
    assert abs(inner.mean()) < 1
    assert 0.5 < inner.std() < 6


def test_the_images_of_a_pair_differ_in_one_finding_only() -> None:
    for pair in case_pairs():
        first, second = (case.findings for case in pair.cases)
        different = {name for name in first if first[name] != second[name]}
        assert different == {pair.question.finding}


def test_the_bodies_of_a_pair_are_alike_and_not_equal() -> None:
    for pair in case_pairs():
        first, second = (np.array(look(case).body) for case in pair.cases)
        assert 0 < np.abs(first - second).max() < 0.25
        assert abs(pair.cases[0].patient.age - pair.cases[1].patient.age) <= 4

"""Perturbations: the same everywhere, of the same shape, worse with each severity."""

import hashlib
import io
import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image as Pillow
from scipy import ndimage, stats

from medtrust.datasets.phantom import store
from medtrust.errors import InputError
from medtrust.images.encode import EncodedImage, encode
from medtrust.images.perturb import (
    OFFICIAL,
    SEVERITIES,
    gaussian_noise,
    names,
    official_noise,
    parse,
    perturb,
    suited,
)
from medtrust.images.perturb.catalogue import CATALOGUE
from medtrust.images.perturb.levels import Pixels
from medtrust.images.perturb.modality import GENERAL
from medtrust.images.perturb.official import TAILS, VARIANCE
from medtrust.records import Image

EVERY = [*((name, severity) for name in names() for severity in SEVERITIES), (OFFICIAL, 0)]
LEVELS = ("uint8", "uint16")


def chance(seed: int = 0) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def error(first: Pixels, second: Pixels) -> float:
    """Mean squared difference."""
    return float(np.mean((first.astype(float) - second.astype(float)) ** 2))


def psnr(first: Pixels, second: Pixels) -> float:
    """Peak signal-to-noise ratio of 8-bit levels in decibels."""
    return 10 * math.log10(255**2 / error(first, second))


def drawn(shape: tuple[int, ...], kind: str, seed: int = 0) -> Pixels:
    white = 255 if kind == "uint8" else 65535
    return chance(seed).integers(white, size=shape, endpoint=True).astype(kind)


@pytest.fixture(scope="module")
def phantoms() -> list[Pixels]:
    """One image of each of phantom's modalities."""
    first = {case.modality: case for case in reversed(store.all_cases())}
    return [np.asarray(Pillow.open(io.BytesIO(store.render(case)))) for case in first.values()]


@settings(max_examples=150)
@given(
    st.sampled_from(EVERY),
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
    st.sampled_from([(), (3,), (4,)]),
    st.sampled_from(LEVELS),
    st.integers(0, 2**32),
)
def test_size_type_source_and_alpha_are_kept(
    what: tuple[str, int], size: tuple[int, int], last: tuple[int, ...], kind: str, seed: int
) -> None:
    pixels = drawn((*size, *last), kind, seed)
    before = pixels.copy()
    changed = perturb(pixels, *what, chance(seed))
    assert (changed.shape, changed.dtype) == (pixels.shape, pixels.dtype)
    assert np.array_equal(pixels, before)
    assert np.array_equal(changed, perturb(pixels, *what, chance(seed)))
    if last == (4,) and what[0] not in {"rotation", "crop-shift"}:
        assert np.array_equal(changed[..., 3], pixels[..., 3])


@pytest.mark.parametrize("name", names())
def test_damage_grows_with_severity(name: str, phantoms: list[Pixels]) -> None:
    kept = [
        np.mean(
            [
                psnr(image, perturb(image, name, severity, chance(seed)))
                for image in phantoms
                for seed in range(3)
            ]
        )
        for severity in SEVERITIES
    ]
    assert kept == sorted(kept, reverse=True)
    assert kept[0] > kept[-1] + 2, kept


@pytest.mark.parametrize("name", names())
def test_sixteen_bits_are_disturbed_as_eight_are(name: str, phantoms: list[Pixels]) -> None:
    # Counting photons draws by the level, so its chance differs from the first pixel on.
    shallow = phantoms[0]
    found = perturb(shallow, name, 3, chance())
    deep = perturb(shallow.astype(np.uint16) * np.uint16(257), name, 3, chance())
    back = np.rint(deep / 257).astype(np.uint8)
    assert error(back, found) < (10 * error(found, shallow) if name == "shot" else 0.7)


@pytest.mark.parametrize("name", sorted(set(names()) - {"impulse", "shot", "jpeg", "downsampling"}))
def test_sixteen_bits_stay_sixteen(name: str) -> None:
    smooth = np.add.outer(np.arange(64), np.arange(64)).astype(np.uint16) * np.uint16(301)
    assert len(np.unique(perturb(smooth, name, 2, chance()) % 257)) > 20


def test_the_released_noise_turns_a_third_of_grey_white() -> None:
    # cares.md, N1: 34.0 % at 255, 31.7 % unchanged, none darker, mean +43.96, 10.7 dB.
    grey = np.full((700, 700, 3), 128, np.uint8)
    noisy = official_noise(grey, chance())
    assert np.mean(noisy == 255) == pytest.approx(0.34, abs=0.003)
    assert np.mean(noisy == 128) == pytest.approx(0.317, abs=0.002)
    assert noisy.min() == 128
    assert noisy.mean() - 128 == pytest.approx(43.96, abs=0.3)
    assert psnr(grey, noisy) == pytest.approx(10.7, abs=0.05)


def test_the_released_noise_is_its_script_on_an_x86_processor() -> None:
    # The same pixels through the script's own steps, with the wrap written out.
    image = drawn((600, 600), "uint8")
    normal = np.trunc(chance(1).normal(0, math.sqrt(VARIANCE), image.shape)).astype(int) % 256
    upstream = np.minimum(image + normal, 255)
    ours = official_noise(image[..., None], chance(2))[..., 0]
    for low in range(0, 256, 32):
        band = (image >= low) & (image < low + 32)
        assert abs(float(upstream[band].mean()) - float(ours[band].mean())) < 2.5


def test_the_released_noise_has_the_normal_distributions_tails() -> None:
    exact = [stats.norm.sf(k, scale=math.sqrt(VARIANCE)) * 2**32 for k in range(1, len(TAILS) + 1)]
    assert np.abs(np.array(TAILS) - exact).max() < 1


def test_correct_noise_of_that_variance_keeps_the_mean() -> None:
    grey = np.full((700, 700, 1), 128, np.uint8)
    noisy = gaussian_noise(grey, 6.0, chance())
    assert noisy.mean() - 128 == pytest.approx(0, abs=0.02)
    assert noisy.std() == pytest.approx(math.sqrt(6 + 1 / 12), abs=0.01)
    assert psnr(grey, noisy) == pytest.approx(40.3, abs=0.05)


@pytest.mark.parametrize("severity", SEVERITIES)
def test_gaussian_noise_has_its_standard_deviation(severity: int) -> None:
    grey = np.full((600, 600), 32768, np.uint16)
    expected = CATALOGUE["gaussian"].strengths[severity - 1]
    noisy = perturb(grey, "gaussian", severity, chance()) / 65535
    # Two deviations of 0.26 fit between black and white; the rest is clipped.
    assert noisy.std() == pytest.approx(expected, rel=0.06 if severity == 5 else 0.015)


def test_blur_agrees_with_scipy(phantoms: list[Pixels]) -> None:
    image = next(image for image in phantoms if image.ndim == 2)
    deviation = CATALOGUE["gaussian-blur"].strengths[4] * 256 / 224
    reference = ndimage.gaussian_filter(image.astype(float), deviation, mode="reflect")
    assert np.abs(perturb(image, "gaussian-blur", 5, chance()) - reference).max() <= 1
    radius = CATALOGUE["defocus"].strengths[4] * 256 / 224
    reach = np.arange(-int(radius), int(radius) + 1)
    disc = (np.add.outer(reach**2, reach**2) <= radius**2).astype(float)
    reference = ndimage.convolve(image.astype(float), disc / disc.sum(), mode="reflect")
    assert np.abs(perturb(image, "defocus", 5, chance()) - reference).max() <= 0.5


def test_rotation_agrees_with_scipy(phantoms: list[Pixels]) -> None:
    image = next(image for image in phantoms if image.ndim == 2)
    turned = perturb(image, "rotation", 4, chance())
    angles = (15, -15)
    references = [
        ndimage.rotate(image.astype(float), angle, reshape=False, order=1, mode="grid-constant")
        for angle in angles
    ]
    assert min(np.abs(turned - reference).max() for reference in references) <= 0.51


def test_one_seed_gives_one_picture_in_a_fresh_process() -> None:
    script = """
import hashlib, sys, numpy as np
from medtrust.images.perturb import names, official_noise, perturb
pixels = (np.indices((37, 53)).sum(axis=0)[..., None] * [3, 2, 1]).astype(np.uint8)
for name in names():
    rng = np.random.Generator(np.random.PCG64(5))
    print(name, hashlib.sha256(perturb(pixels, name, 3, rng).tobytes()).hexdigest())
"""
    here = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)
    again = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        capture_output=True,
        env={"PYTHONHASHSEED": "1", "OMP_NUM_THREADS": "1"},
    )
    assert here.stdout == again.stdout
    assert len(here.stdout.splitlines()) == len(names())


def test_the_released_noise_is_pinned_to_the_bit() -> None:
    # Integers and the raw PCG64 stream only: these bytes hold on every machine.
    noisy = official_noise(np.full((64, 64, 3), 100, np.uint8), chance(7))
    assert hashlib.sha256(noisy.tobytes()).hexdigest() == (
        "55d291ecf89e2eb5b645f12a41ebf3751438b60c22517730d0b6d4b4fc924f22"
    )


@pytest.mark.parametrize("name", names())
def test_a_name_and_severity_are_read_back(name: str) -> None:
    for severity in SEVERITIES:
        assert parse(f"{name}-{severity}") == (name, severity)


HOSTILE = [
    *("", "-", "gaussian", "gaussian-0", "gaussian-6", "gaussian-3 ", "gaussian--3"),
    *("gaussian-\u0663", "gaussian-03", "Gaussian-3", "../gaussian-3", "official-noise-1"),
    *("official", "-3", "nothing-3", "gaussian-3\n", "x" * 10_000),
]


@pytest.mark.parametrize("transform", HOSTILE)
def test_an_unknown_transform_is_refused_with_the_known_ones(transform: str) -> None:
    with pytest.raises(InputError, match=r"gaussian-3 \(gaussian, speckle") as caught:
        parse(transform)
    assert len(str(caught.value)) < 600
    assert "\n" not in str(caught.value)


@given(st.text(max_size=40))
def test_parsing_raises_nothing_else(transform: str) -> None:
    try:
        name, _ = parse(transform)
    except InputError:
        return
    assert name in {*names(), OFFICIAL}


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((4, 4), np.float32),
        np.zeros((4, 4, 2), np.uint8),
        np.zeros((4,), np.uint8),
        np.zeros((0, 4), np.uint8),
        np.zeros((2, 4, 4, 3), np.uint8),
    ],
)
def test_what_is_no_picture_is_refused(pixels: Any) -> None:
    with pytest.raises(InputError, match="uint8 or uint16"):
        perturb(pixels, "gaussian", 1, chance())


@pytest.mark.parametrize(
    ("modality", "has", "lacks"),
    [
        ("Radiography", "gamma-up", "defocus"),
        ("Chest X-ray", "stripe", "motion"),
        ("CT", "gamma-down", "bias-field"),
        ("Computed tomography", "stripe", "defocus"),
        ("Optical Coherence Tomography", "speckle", "gaussian"),
        ("MR (T1)", "bias-field", "impulse"),
        ("Dermoscopy", "defocus", "gamma-up"),
        ("Fundus photography", "bias-field", "brightness-up"),
        ("ultrasound", "speckle", "gaussian"),
        ("Endoscopy", "motion", "stripe"),
        ("Histopathology", "defocus", "gaussian"),
        ("PET", "shot", "marker"),
    ],
)
def test_a_modality_gets_what_its_machines_do(modality: str, has: str, lacks: str) -> None:
    chosen = suited(modality)
    assert has in chosen
    assert lacks not in chosen
    assert set(chosen) <= set(names())
    assert len(chosen) == len(set(chosen))


@pytest.mark.parametrize("modality", ["", "sector", "doctrine", "\x00", "Kirlian " * 1000])
def test_an_unknown_modality_gets_the_general_ones(modality: str) -> None:
    assert set(suited(modality)) == set(GENERAL)


def test_the_page_about_them_gives_every_name_and_strength() -> None:
    page = (Path(__file__).parents[1] / "docs" / "perturbations.md").read_text()
    for name, kind in CATALOGUE.items():
        (row,) = [line for line in page.splitlines() if line.startswith(f"| `{name}` ")]
        strengths = [
            " / ".join(f"{part:g}" for part in one) if isinstance(one, tuple) else f"{one:g}"
            for one in kind.strengths
        ]
        assert " | ".join(strengths) in row, name
        assert row.endswith(f" {kind.source} |"), name


# As sent: `encode` with a transform.

Save = Callable[..., Path]


@pytest.fixture
def save(tmp_path: Path) -> Save:
    def write(picture: Pillow.Image, name: str = "image.png", **how: Any) -> Path:
        picture.save(tmp_path / name, **how)
        return tmp_path / name

    return write


def sent(path: Path, transform: str = "gaussian-3", name: str = "x/1") -> EncodedImage:
    return encode(Image(id=name, path=str(path), transform=transform))


def seen(found: EncodedImage) -> NDArray[np.uint8]:
    return np.asarray(Pillow.open(io.BytesIO(found.data)))


def test_a_transform_is_applied_noted_and_leaves_the_file_alone(save: Save) -> None:
    path = save(Pillow.new("L", (60, 50), 128), "image.jpg")
    before = path.read_bytes()
    found = sent(path)
    assert (found.mime, found.width, found.height) == ("image/png", 60, 50)
    assert found.notes == ("re-encoded from JPEG to PNG", "perturbed with gaussian-3")
    assert found.digest == hashlib.sha256(found.data).hexdigest()
    assert seen(found).std() > 20
    assert path.read_bytes() == before
    assert sent(path, "").data == before


def test_noise_depends_on_the_bytes_and_the_transform_not_on_the_name(save: Save) -> None:
    one = save(Pillow.new("L", (40, 40), 128), "one.png")
    copy = one.with_name("copy.png")
    copy.write_bytes(one.read_bytes())
    other = save(Pillow.new("L", (40, 40), 127), "other.png")
    assert sent(one).data == sent(copy, name="y/2").data
    assert not np.array_equal(seen(sent(one)), seen(sent(other)) + 1)
    weak, strong = (seen(sent(one, f"gaussian-{k}")).astype(float) - 128 for k in (1, 2))
    assert abs(np.corrcoef(weak.ravel(), strong.ravel())[0, 1]) < 0.1


@pytest.mark.parametrize("transform", [f"{name}-2" for name in names()] + [OFFICIAL])
@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGB", "RGBA", "I;16"])
def test_every_mode_can_be_disturbed(save: Save, mode: str, transform: str) -> None:
    colours = Pillow.fromarray(drawn((24, 31, 4), "uint8"), "RGBA") if mode != "I;16" else None
    picture = colours.convert(mode) if colours else Pillow.fromarray(drawn((24, 31), "uint16"))
    found = sent(save(picture), transform)
    assert (found.width, found.height) == (31, 24)
    assert f"perturbed with {transform}" in found.notes
    assert Pillow.open(io.BytesIO(found.data)).mode in {"L", "RGB", "RGBA"}


def test_a_palette_becomes_colours_before_noise(save: Save) -> None:
    picture = Pillow.new("P", (40, 40), 1)
    picture.putpalette([0, 0, 0, 200, 100, 50])
    found = sent(save(picture), "gaussian-1")
    assert "P converted to RGB" in found.notes
    assert seen(found).mean(axis=(0, 1)) == pytest.approx([200, 100, 50], abs=2)


def test_a_transparent_palette_keeps_its_transparency(save: Save) -> None:
    picture = Pillow.new("P", (4, 4), 1)
    picture.putpalette([0, 0, 0, 200, 100, 50])
    found = sent(save(picture, transparency=1), "gaussian-1")
    assert (seen(found)[..., 3] == 0).all()


def test_sixteen_bit_grey_is_disturbed_before_it_is_scaled(save: Save) -> None:
    found = sent(save(Pillow.fromarray(np.full((90, 90), 30000, np.uint16))), "gaussian-1")
    assert any("16-bit" in note for note in found.notes)
    assert seen(found).mean() == pytest.approx(30000 / 257, abs=1)
    assert seen(found).std() == pytest.approx(0.04 * 255, abs=0.5)


def test_the_released_noise_is_coloured_on_grey_as_its_script_makes_it(save: Save) -> None:
    found = seen(sent(save(Pillow.new("L", (90, 90), 128)), OFFICIAL))
    assert found.shape == (90, 90, 3)
    assert not np.array_equal(found[..., 0], found[..., 1])
    assert np.mean(found == 255) == pytest.approx(0.34, abs=0.02)


def test_a_picture_is_disturbed_upright_and_no_exif_stays(save: Save) -> None:
    exif = Pillow.Exif()
    exif[0x0112], exif[0x013B] = 6, "a name"
    found = sent(save(Pillow.new("L", (20, 10), 128), "image.jpg", exif=exif))
    assert not dict(Pillow.open(io.BytesIO(found.data)).getexif())
    assert (found.width, found.height) == (10, 20)


def test_broken_exif_is_no_traceback(save: Save) -> None:
    path = save(
        Pillow.new("L", (20, 10), 128), "image.jpg", exif=b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x09"
    )
    assert "perturbed with gaussian-3" in sent(path).notes


def test_an_unknown_transform_names_the_known_ones(save: Save) -> None:
    with pytest.raises(InputError, match="official-noise"):
        sent(save(Pillow.new("L", (4, 4))), "snow-3")


def test_an_image_longer_than_jpeg_allows_is_one_line(save: Save) -> None:
    with pytest.raises(InputError, match=r"image\.png: image x/1: .* choose another"):
        sent(save(Pillow.new("L", (65_600, 1))), "jpeg-1")

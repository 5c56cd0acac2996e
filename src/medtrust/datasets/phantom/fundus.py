"""A colour photograph of the back of the eye.

The optic disc lies towards the nose: on the right of a right eye's image.
"""

import numpy as np

from medtrust.datasets.phantom.canvas import (
    Field,
    Look,
    Pixels,
    Point,
    Stroke,
    X,
    Y,
    blob,
    branches,
    channels,
    clouds,
    grain,
    mix,
    paint,
    quantise,
    step,
)


def draw(look: Look, rng: np.random.Generator) -> Pixels:
    """Draw a photograph: shape (SIZE, SIZE, 3).

    Findings: `eye` (`right`, `left`), `cup` (`small`, `large`), `haemorrhage`
    (`none`, `above`, `below` the macula), `macula` (`healthy`, `drusen`),
    `periphery` (`clear`, `scars`).
    """
    nasal = 1.0 if look.findings["eye"] == "right" else -1.0
    shift, lift, *_ = look.body
    disc = (nasal * (0.46 + 0.03 * shift), -0.02 + 0.03 * lift)
    fovea = (disc[0] - nasal * 0.62, disc[1] + 0.06)

    eye = _background(look, rng, fovea)
    eye = _vessels(eye, rng, disc, nasal)
    eye = _disc(eye, look, disc)
    if look.findings["macula"] == "drusen":
        eye = _drusen(eye, rng, fovea)
    if look.findings["periphery"] == "scars":
        eye = _scars(eye, rng, disc, fovea)
    if look.findings["haemorrhage"] != "none":
        eye = _haemorrhages(
            eye, rng, fovea, -1.0 if look.findings["haemorrhage"] == "above" else 1.0
        )

    distance = np.sqrt(X * X + Y * Y)
    eye = eye * (1.06 - 0.4 * distance * distance)
    eye += grain(rng, look.age, 0.012)
    return quantise(eye * step(0.965 - distance, 0.02))


def _background(look: Look, rng: np.random.Generator, fovea: Point) -> Field:
    """Orange retina, choroidal mottling, and the darker macula with its reflex."""
    tone, warmth, exposure = look.body[2:5]
    light = (
        1
        + 0.03 * exposure
        + 0.04 * clouds(rng, 3)
        + 0.022 * clouds(rng, 14)
        + 0.012 * clouds(rng, 40)
    )
    color = (0.80 + 0.02 * tone, 0.38 + 0.02 * tone + 0.015 * warmth, 0.16 + 0.01 * tone)
    spot = blob(X, Y, fovea, (0.3, 0.27), soft=1.8)
    retina = channels(color) * light * (1 - spot * channels((0.3, 0.45, 0.5)))
    return mix(retina, (0.95, 0.75, 0.5), 0.35 * blob(X, Y, fovea, (0.022, 0.022), soft=1.5))


def _vessels(eye: Field, rng: np.random.Generator, disc: Point, nasal: float) -> Field:
    """Four arcades: a dark wide vein and a lighter, thinner artery in each."""
    veins: list[Stroke] = []
    arteries: list[Stroke] = []
    for up in (-1.0, 1.0):
        for towards, length, bend in ((-nasal, 1.35, 1.25), (nasal, 0.75, -0.5)):
            heading = float(np.arctan2(up, 0.55 * towards))
            turn = bend * up * nasal
            start = (disc[0], disc[1] + 0.03 * up)
            veins += branches(rng, start, heading, length=length, width=0.034, bend=turn, depth=2)
            aside = heading + 0.2 * up * towards
            arteries += branches(
                rng, start, aside, length=length * 0.95, width=0.022, bend=turn, depth=2
            )
    eye = mix(eye, (0.42, 0.07, 0.06), 0.85 * paint(veins))
    return mix(eye, (0.62, 0.16, 0.08), 0.8 * paint(arteries))


def _disc(eye: Field, look: Look, disc: Point) -> Field:
    """The optic disc, its cup, and the vessels' trunks fading into it."""
    rim = (0.16 + 0.008 * look.body[5], 0.18 + 0.008 * look.body[6])
    share = (0.86 if look.findings["cup"] == "large" else 0.42) + 0.04 * look.body[7]
    halo = blob(X, Y, disc, (rim[0] * 1.35, rim[1] * 1.3), soft=0.9)
    eye = mix(eye, (0.93, 0.58, 0.26), 0.4 * halo)
    eye = mix(eye, (0.95, 0.66, 0.36), 0.72 * blob(X, Y, disc, rim, soft=0.22))
    cup = blob(X, Y, disc, (rim[0] * share, rim[1] * share), soft=0.3)
    return mix(eye, (1.0, 0.93, 0.72), 0.85 * cup)


def _drusen(eye: Field, rng: np.random.Generator, fovea: Point) -> Field:
    """Soft yellow deposits scattered around the fovea."""
    deposits = np.zeros_like(X)
    for _ in range(42):
        away, turn = 0.03 + 0.27 * float(rng.random()), float(rng.uniform(0, 2 * np.pi))
        size = float(rng.uniform(0.018, 0.042))
        center = (fovea[0] + away * float(np.cos(turn)), fovea[1] + away * float(np.sin(turn)))
        _stamp(deposits, center, size)
    return mix(eye, (0.97, 0.83, 0.45), 0.72 * deposits)


def _scars(eye: Field, rng: np.random.Generator, disc: Point, fovea: Point) -> Field:
    """Laser burns: pale spots with a dark ring all over the periphery."""
    pale, dark = np.zeros_like(X), np.zeros_like(X)
    rows, columns = np.meshgrid(np.linspace(-0.9, 0.9, 13), np.linspace(-0.9, 0.9, 13))
    spots = np.stack([columns, rows], axis=-1).reshape(-1, 2) + rng.uniform(-0.04, 0.04, (169, 2))
    clear = [np.hypot(*(spots - center).T) > 0.42 for center in (disc, fovea)]
    kept = clear[0] & clear[1] & (np.hypot(*spots.T) < 0.9) & (rng.random(169) > 0.12)
    for column, row in spots[kept].tolist():
        size = float(rng.uniform(0.034, 0.046))
        _stamp(dark, (column, row), size * 1.35)
        _stamp(pale, (column, row), size)
    return mix(mix(eye, (0.38, 0.2, 0.1), 0.55 * dark), (0.93, 0.8, 0.56), 0.85 * pale)


def _haemorrhages(eye: Field, rng: np.random.Generator, fovea: Point, below: float) -> Field:
    """Dot, blot and flame bleeds on one side of the horizontal line through the fovea."""
    blood = np.zeros_like(X)
    for _ in range(16):
        center = (
            fovea[0] + float(rng.uniform(-0.3, 0.5)) * (1 if fovea[0] < 0 else -1),
            fovea[1] + below * float(rng.uniform(0.16, 0.62)),
        )
        _stamp(blood, center, float(rng.uniform(0.02, 0.075)))
    ragged = blood * step(blood - 0.45 + 0.35 * clouds(rng, 30), 0.4)
    return mix(eye, (0.38, 0.04, 0.03), 0.88 * ragged)


def _stamp(mask: Field, center: Point, size: float) -> None:
    """Set a soft dot in `mask`, touching only the pixels around it."""
    side = mask.shape[0]
    column, row = (round((value + 1) * side / 2) for value in center)
    reach = round(size * side) + 2
    rows = slice(max(0, row - reach), max(0, row + reach))
    columns = slice(max(0, column - reach), max(0, column + reach))
    dot = blob(X[rows, columns], Y[rows, columns], center, (size, size), soft=0.9)
    np.maximum(mask[rows, columns], dot, out=mask[rows, columns])

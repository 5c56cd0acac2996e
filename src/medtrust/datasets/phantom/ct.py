"""An axial CT slice of the head. The patient's right is on the left of the image."""

from functools import cache

import numpy as np

from medtrust.datasets.phantom.canvas import (
    Field,
    Look,
    Pixels,
    Stroke,
    X,
    Y,
    blob,
    clouds,
    grain,
    paint,
    quantise,
    radius,
    step,
)

SIDES = {"right": -1.0, "left": 1.0}
"""Which half of the image shows which side of the patient."""


def draw(look: Look, rng: np.random.Generator) -> Pixels:
    """Draw a slice at the level of the lateral ventricles: shape (SIZE, SIZE).

    Findings: `haemorrhage`, `infarct`, `subdural` (a side or `none`), `midline`
    (`central`, `right`, `left`: where it is pushed), `ventricles` (`normal`,
    `enlarged`).
    """
    wide, long, turn, density, exposure = look.body[:5]
    cosine, sine = float(np.cos(0.05 * turn)), float(np.sin(0.05 * turn))
    x = (X * cosine + Y * sine) / (0.7 * (1 + 0.03 * wide))
    y = (Y * cosine - X * sine + 0.02) / (0.8 * (1 + 0.025 * long))
    rim = np.sqrt(x * x + (y / (1 + 0.06 * y)) ** 2) * (1 + 0.03 * np.cos(4 * np.arctan2(y, x)))

    brain_x = x - _push(look, x, y)
    slice_ = _brain(brain_x, y, rim, rng, density)
    slice_ = _ventricles(slice_, brain_x, y, look)
    slice_ = _infarct(slice_, x, y, rim, look, rng)
    slice_ = _bleed(slice_, x, y, look, rng)
    slice_ = _subdural(slice_, x, rim, look, rng)
    slice_ = _skull(slice_, rim, x, y, rng)
    slice_ *= 1 + 0.03 * exposure
    inside = step(1.12 - rim, 0.05)
    slice_ += grain(rng, look.age, 0.024) * (0.25 + 0.75 * inside)
    return quantise(np.maximum(slice_, 0.24 * _headrest()))


def _push(look: Look, x: Field, y: Field) -> Field:
    """How far the middle of the brain is displaced to one side."""
    where = look.findings["midline"]
    if where == "central":
        return np.zeros_like(x)
    return SIDES[where] * 0.17 * np.exp(-((x / 0.5) ** 2) - ((y / 0.62) ** 2)).astype(np.float32)


def _brain(x: Field, y: Field, rim: Field, rng: np.random.Generator, density: float) -> Field:
    """White and grey matter, sulci, deep nuclei and the falx."""
    turn = np.arctan2(y, x)
    depth = rim + 0.05 * clouds(rng, 9)
    furrow = np.abs(np.sin(11 * turn + 1.5 * clouds(rng, 6) + 0.7 * clouds(rng, 16)))
    cortex = np.maximum(
        step(depth - 0.84, 0.1), step(0.42 - furrow, 0.25) * step(depth - 0.7, 0.08)
    )
    sulci = step(0.13 - furrow, 0.18) * step(depth - 0.77, 0.1)
    u = np.abs(x)
    fissure = step(0.014 - np.abs(u - 0.6 - 0.5 * (y + 0.05) ** 2), 0.03) * step(
        0.2 - np.abs(y), 0.12
    )
    brain = 0.39 + 0.02 * density + 0.07 * cortex - 0.17 * sulci - 0.13 * fissure
    brain += 0.006 * clouds(rng, 9) + 0.006 * clouds(rng, 40)
    brain += 0.055 * blob(u, y, (0.24, -0.08), (0.12, 0.2), angle=0.5, soft=0.5)
    brain += 0.055 * blob(u, y, (0.15, 0.12), (0.11, 0.14), angle=0.3, soft=0.5)
    ends = step(np.abs(y + 0.02) - 0.42, 0.1)
    return brain * (1 - 0.35 * ends * step(0.03 - u, 0.03)) + 0.24 * ends * step(0.012 - u, 0.018)


def _ventricles(slice_: Field, x: Field, y: Field, look: Look) -> Field:
    """Frontal and occipital horns, third ventricle, calcified choroid plexus and pineal."""
    large = look.findings["ventricles"] == "enlarged"
    grow = (2.1 if large else 0.95) * (1 + 0.08 * look.body[5])
    u = np.abs(x)
    front = blob(
        u, y, (0.05 + 0.05 * grow, -0.26), (0.05 * grow, 0.15 + 0.05 * grow), angle=-0.42, soft=0.4
    )
    back = blob(
        u, y, (0.15 + 0.04 * grow, 0.34), (0.045 * grow, 0.15 + 0.05 * grow), angle=-0.4, soft=0.4
    )
    third = blob(x, y, (0.0, 0.07), (0.022 * grow, 0.12), soft=0.6)
    fluid: Field = np.maximum.reduce([front, back, third])
    slice_ = slice_ * (1 - fluid) + 0.16 * fluid
    plexus = blob(u, y, (0.17 + 0.03 * grow, 0.37), (0.03, 0.045), soft=0.6)
    pineal = blob(x, y, (0.0, 0.23), (0.025, 0.025), soft=0.6)
    calcified: Field = 0.45 * plexus + 0.4 * pineal
    return slice_ + calcified


def _infarct(
    slice_: Field, x: Field, y: Field, rim: Field, look: Look, rng: np.random.Generator
) -> Field:
    """A wedge of low density in the middle cerebral artery's territory."""
    where = look.findings["infarct"]
    if where == "none":
        return slice_
    d = x * SIDES[where]
    bearing = np.arctan2(y - 0.05 - 0.08 * look.body[6], d - 0.12)
    wedge = step(0.62 - np.abs(bearing) + 0.12 * clouds(rng, 7), 0.2) * step(d - 0.26, 0.1)
    wedge = wedge * step(0.97 - rim, 0.06)
    return slice_ * (1 - wedge) + (0.22 + 0.01 * clouds(rng, 12)) * wedge


def _bleed(slice_: Field, x: Field, y: Field, look: Look, rng: np.random.Generator) -> Field:
    """Fresh blood in the deep nuclei of one side, bright, with a dark rim of oedema."""
    where = look.findings["haemorrhage"]
    if where == "none":
        return slice_
    center = (SIDES[where] * (0.36 + 0.03 * look.body[7]), 0.02 + 0.06 * look.body[8])
    size = 0.22 + 0.02 * look.body[9]
    depth = (
        1
        - radius(x, y, center, (size, size * 1.15), 0.4)
        + 0.22 * clouds(rng, 6)
        + 0.06 * clouds(rng, 24)
    )
    oedema = step(depth + 0.38, 0.35)
    clot = step(depth, 0.16)
    slice_ = slice_ * (1 - 0.3 * oedema)
    return slice_ * (1 - clot) + (0.76 + 0.03 * clouds(rng, 16)) * clot


def _subdural(slice_: Field, x: Field, rim: Field, look: Look, rng: np.random.Generator) -> Field:
    """A bright crescent of blood between brain and skull."""
    where = look.findings["subdural"]
    if where == "none":
        return slice_
    d = x * SIDES[where]
    thickness = 0.17 * step(d - 0.3, 0.8)
    crescent = step(rim - 0.97 + thickness + 0.01 * clouds(rng, 10), 0.03) * step(d - 0.18, 0.1)
    return slice_ * (1 - crescent) + 0.7 * crescent


def _skull(slice_: Field, rim: Field, x: Field, y: Field, rng: np.random.Generator) -> Field:
    """Bone with its marrow, a film of fluid inside and the scalp outside."""
    fluid = step(rim - 0.945, 0.03) * (slice_ < 0.6)
    slice_ = slice_ * (1 - 0.35 * fluid)
    thick = 0.10 + 0.03 * np.clip(-y, 0, 1) ** 2 + 0.03 * np.clip(y, 0, 1) ** 4
    bone = step(rim - 0.975, 0.03) * step(0.975 + thick - rim, 0.03)
    marrow = np.clip(1 - np.abs(rim - 0.975 - thick / 2) / (thick * 0.28), 0, 1) * (
        0.5 + 0.3 * clouds(rng, 30)
    )
    outside = step(rim - 0.975 - thick, 0.02)
    scalp = outside * step(1.16 + 0.02 * x * x - rim, 0.025)
    slice_ = slice_ * (1 - outside) + 0.30 * scalp
    return slice_ * (1 - bone) + (0.98 - 0.2 * marrow) * bone


@cache
def _headrest() -> Field:
    """The cradle under the head."""
    turns = np.linspace(0.28 * np.pi, 0.72 * np.pi, 24)
    arc = tuple((1.02 * float(np.cos(t)), 1.0 * float(np.sin(t)) - 0.03) for t in turns)
    return paint([Stroke(arc, 0.015)], blur=0.8)

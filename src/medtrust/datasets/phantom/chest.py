"""A frontal chest radiograph. The patient's right is on the left of the image."""

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
    branches,
    clouds,
    fill,
    grain,
    paint,
    quantise,
    radius,
    step,
)

SIDES = {"right": -1.0, "left": 1.0}
"""Which half of the image shows which side of the patient."""


def draw(look: Look, rng: np.random.Generator) -> Pixels:
    """Draw a radiograph: shape (SIZE, SIZE), bright where tissue is dense.

    Findings: `effusion`, `pneumothorax`, `device` (a side or `none`), `heart`
    (`normal`, `enlarged`), `nodule` (`right upper`, ... or `none`).
    """
    wide, high, tilt, turn, dome, dense, exposure = look.body[:7]
    x = (X - 0.025 * turn - 0.02 * tilt * Y) / (1 + 0.035 * wide)
    y = (Y - 0.025 * high) / (1 + 0.02 * high)
    air = {name: _lung(x, y, side, 0.025 * dome) for name, side in SIDES.items()}
    lungs = air["right"] + air["left"]

    film = _torso(x, y, lungs, dense)
    film += lungs * (0.1 * _vessels(x, y, rng) + 0.014 * clouds(rng, 24) + 0.02 * clouds(rng, 6))
    film = _collapse(film, x, y, air, look.findings["pneumothorax"])
    film += _ribs(x, y) * (0.055 + 0.05 * lungs) * step(0.78 - np.abs(x), 0.1)
    film = _middle(film, x, y, look)
    film = _fluid(film, x, y, look)
    film = _nodule(film, x, y, look)
    film += 0.16 * _shoulders(x, y)
    film *= _outline(x, y)
    film = _device(film, look)
    film = np.clip(film, 0, 1)
    film += (0.05 + 0.05 * exposure) * film * (1 - film)
    film += 0.008 * clouds(rng, 3) + grain(rng, look.age, 0.014)
    film = np.maximum(film, 0.9 * _marker())
    return quantise(film)


def _lung(x: Field, y: Field, side: float, dome: float) -> Field:
    """The air of one side: chest wall, mediastinum and diaphragm bound it."""
    d = x * side
    wall = 0.75 * np.sqrt(np.clip(1 - ((y - 0.30) / 1.12) ** 2, 0, None))
    medial = 0.12 + 0.05 * np.clip(y + 0.3, 0, 1)
    floor = 0.53 + 0.05 * side - dome - 0.13 * (1 - ((d - 0.36) / 0.36) ** 2)
    return step(wall - d, 0.05) * step(d - medial, 0.09) * step(floor - y, 0.035)


def _torso(x: Field, y: Field, lungs: Field, dense: float) -> Field:
    """Soft tissue, thicker to the middle and below the diaphragm."""
    belly = step(y - 0.5, 0.5)
    tissue = 0.46 + 0.03 * dense + 0.15 * belly - 0.14 * x * x
    bubble = blob(x, y, (0.36, 0.68), (0.13, 0.07), soft=0.9) * 0.16
    shade = 0.17 + 0.06 * belly + 0.05 * step(-0.25 - y, 0.9)
    return (tissue - bubble) * (1 - lungs) + (shade + 0.02 * dense) * lungs


def _outline(x: Field, y: Field) -> Field:
    """Where the beam met the body: neck, shoulders and the gap between chest and arms."""
    u = np.abs(x)
    shoulder = -1.1 + 0.42 * step(u - 0.42, 0.7)
    gap = step(0.985 - u, 0.05) * step(u - 0.86 - 0.1 * step(-y, 1.2), 0.05) * step(y + 0.1, 0.5)
    return step(y - shoulder, 0.08) * (1 - 0.6 * gap)


def _ribs(x: Field, y: Field) -> Field:
    """Posterior ribs sloping down and out, and the fainter anterior ones sloping in."""
    u = np.abs(x)
    arch = 0.95 * np.clip(u - 0.12, 0, None) ** 2 + 0.12 * u
    back = _bands((y + 1.02 - arch) / (0.15 + 0.02 * y), 0.4)
    front = _bands((y + 0.9 + 0.75 * u - 0.6 * u * u) / 0.19, 0.34)
    cage = step(0.8 * np.sqrt(np.clip(1 - ((y - 0.3) / 1.15) ** 2, 0, None)) - u, 0.05)
    ribs = back * step(u - 0.07, 0.1) + 0.35 * front * step(u - 0.3, 0.25)
    return ribs * cage * step(0.85 - y, 0.5)


def _bands(phase: Field, share: float) -> Field:
    """Bands that fill `share` of each period, brighter at their two edges (cortex)."""
    across = np.abs(phase - np.floor(phase) - 0.5) * 2
    body = step(share - across, 0.12)
    rim: Field = np.clip(1 - np.abs(across - share * 0.88) / 0.13, 0, 1)
    return (0.62 + 0.5 * rim) * body


def _vessels(x: Field, y: Field, rng: np.random.Generator) -> Field:
    """Pulmonary vessels fanning out of both hila."""
    strokes: list[Stroke] = []
    for side in SIDES.values():
        hilum = (0.17 * side, -0.02)
        for angle in np.linspace(-1.2, 1.25, 9):
            heading = float(angle) if side > 0 else float(np.pi - angle)
            strokes += branches(rng, hilum, heading, length=0.52, width=0.032, depth=1)
    hila = sum(blob(x, y, (0.19 * s, 0.0), (0.09, 0.17), soft=1.4) for s in SIDES.values())
    return 1.3 * paint(strokes, blur=1.0) + 1.2 * hila


def _middle(film: Field, x: Field, y: Field, look: Look) -> Field:
    """Spine, great vessels with the aortic knob, trachea and heart."""
    large = look.findings["heart"] == "enlarged"
    rx = (0.43 if large else 0.29) + 0.02 * look.body[7]
    ry = (0.31 if large else 0.235) + 0.015 * look.body[8]
    center = (0.16 if large else 0.1, 0.3)
    shadows = (
        step(1 - radius(x, y, center, (rx, ry), 0.5), 0.16),
        blob(x, y, (-0.08, 0.22), (0.15 if large else 0.11, 0.24), soft=0.3),
        blob(x, y, (0.1, -0.29), (0.1, 0.11), soft=0.4),
        blob(x, y, (0.02, -0.15), (0.14, 0.5), soft=0.45),
    )
    soft: Field = np.maximum.reduce(shadows) * step(0.72 - y, 0.35)
    thick = 0.5 + 0.14 * step(y + 0.25, 0.7)
    film = film * (1 - soft) + np.maximum(film, thick) * soft
    column = np.exp(-((x / 0.13) ** 2)) * (0.11 + 0.05 * step(y - 0.4, 0.8))
    discs = np.exp(-((x / 0.1) ** 4)) * 0.02 * np.cos(y * 44)
    trachea: Field = np.exp(-((x / 0.05) ** 2)) * step(-0.28 - y, 0.25) * 0.15
    spine: Field = column + discs
    return film + spine - trachea


def _fluid(film: Field, x: Field, y: Field, look: Look) -> Field:
    """Pleural effusion: a dense base with a meniscus that climbs the chest wall."""
    where = look.findings["effusion"]
    if where == "none":
        return film
    d = x * SIDES[where]
    level: Field = 0.2 - 0.06 * look.body[9] - 1.5 * np.clip(d - 0.3, 0, None) ** 2
    wall: Field = 0.77 * np.sqrt(np.clip(1 - ((y - 0.30) / 1.12) ** 2, 0, None))
    mask = step(y - level, 0.2) * step(wall - d, 0.06) * step(d - 0.03, 0.2) * step(0.62 - y, 0.25)
    fluid = 0.57 + 0.1 * step(y - 0.45, 0.7)
    return film + mask * np.clip(fluid - film, 0, None)


def _collapse(film: Field, x: Field, y: Field, air: dict[str, Field], where: str) -> Field:
    """Pneumothorax: black air without vessels around a lung drawn back by its pleura."""
    if where == "none":
        return film
    d = x * SIDES[where]
    edge = radius(d, y, (0.14, 0.2), (0.33, 0.6))
    free = air[where] * step(edge - 1, 0.05)
    pleura = air[where] * np.clip(1 - np.abs(edge - 1) / 0.035, 0, 1)
    shrunk = air[where] * step(1 - edge, 0.05)
    return film * (1 - free) + 0.035 * free + 0.2 * pleura + 0.1 * shrunk


def _nodule(film: Field, x: Field, y: Field, look: Look) -> Field:
    """A round opacity in one of the four zones."""
    where = look.findings["nodule"]
    if where == "none":
        return film
    side, zone = where.split()
    center = (
        SIDES[side] * (0.42 + 0.04 * look.body[10]),
        (-0.38 if zone == "upper" else 0.17) + 0.04 * look.body[11],
    )
    size = 0.115 + 0.015 * look.body[12]
    return film + 0.33 * blob(x, y, center, (size, size * 0.94), soft=0.75)


def _shoulders(x: Field, y: Field) -> Field:
    """Clavicles, the blades' edges and the heads of the upper arms."""
    head = blob(np.abs(x), y, (0.93, -0.6), (0.14, 0.15), soft=0.4)
    return _shoulder_lines() + 0.9 * head


@cache
def _shoulder_lines() -> Field:
    lines = []
    for side in SIDES.values():
        clavicle = ((0.07, -0.5), (0.22, -0.575), (0.42, -0.61), (0.6, -0.68), (0.76, -0.74))
        lines.append(Stroke(tuple((side * px, py) for px, py in clavicle), 0.055))
        blade = ((0.74, -0.52), (0.71, -0.3), (0.7, -0.1), (0.74, 0.06))
        lines.append(Stroke(tuple((side * px, py) for px, py in blade), 0.025))
    return paint(lines, blur=1.8)


def _device(film: Field, look: Look) -> Field:
    """A generator under the skin with a lead to the right ventricle: metal, so near white."""
    where = look.findings["device"]
    if where == "none":
        return film
    side = SIDES[where]
    cx, cy = 0.5 * side + 0.02 * look.body[13], -0.42 + 0.02 * look.body[14]
    turns = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    bulge = (np.abs(np.cos(turns)) ** 4 + np.abs(np.sin(turns)) ** 4) ** -0.25
    can = fill(
        [
            (cx + 0.12 * c, cy + 0.105 * s)
            for c, s in zip(bulge * np.cos(turns), bulge * np.sin(turns), strict=True)
        ],
        blur=0.5,
    )
    lead = (
        (cx - 0.05 * side, cy - 0.1),
        (0.3 * side, -0.6),
        (0.1 * side, -0.55),
        (-0.07, -0.35),
        (-0.1, 0.0),
        (-0.07, 0.3),
        (0.06, 0.42),
        (0.2, 0.45),
    )
    wire = paint([Stroke(_curve(lead), 0.018)])
    metal: Field = np.maximum(film * (1 - can) + 0.88 * can, 0.93 * wire)
    return metal


def _curve(points: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    """Round a path's corners (Chaikin's corner cutting, three times)."""
    path = np.asarray(points)
    for _ in range(3):
        cut = np.empty((2 * len(path) - 2, 2))
        cut[0::2] = 0.75 * path[:-1] + 0.25 * path[1:]
        cut[1::2] = 0.25 * path[:-1] + 0.75 * path[1:]
        path = np.vstack([path[:1], cut, path[-1:]])
    return tuple((float(px), float(py)) for px, py in path)


@cache
def _marker() -> Field:
    """The lead letter R beside the patient's right shoulder."""
    letter = (
        (-0.93, -0.8),
        (-0.93, -0.93),
        (-0.885, -0.93),
        (-0.865, -0.9),
        (-0.885, -0.865),
        (-0.93, -0.865),
    )
    leg = ((-0.895, -0.865), (-0.862, -0.8))
    return paint([Stroke(letter, 0.018), Stroke(leg, 0.018)])

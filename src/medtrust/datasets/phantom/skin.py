"""A dermoscopic photograph of a pigmented lesion."""

import numpy as np

from medtrust.datasets.phantom.canvas import (
    Field,
    Look,
    Pixels,
    Stroke,
    X,
    Y,
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

    Findings: `border` (`regular`, `irregular`), `size` (`small`, `large`), `colour`
    (`one`, `several`), `veil` (`absent`, `present`), `surface` (`intact`,
    `ulcerated`), `site` (`back`, `scalp`, `sole`, `face`).
    """
    inside = _lesion(look, rng)
    body = step(inside, 0.22)
    photo = _skin(look, rng)
    photo = mix(photo, (0.72, 0.42, 0.34), 0.3 * step(inside + 0.12, 0.4))
    brown = 0.03 * look.body[6]
    photo = mix(photo, (0.47 + brown, 0.28 + brown, 0.18 + brown), 0.85 * body)
    if look.findings["colour"] == "several":
        photo = _patches(photo, rng, look, body)
    photo = mix(
        photo, (0.22, 0.12, 0.08), 0.42 * body * _network(look, rng) * step(0.62 - inside, 0.6)
    )
    photo = photo * (1 + body * (0.07 * clouds(rng, 18) + 0.05 * clouds(rng, 50)))
    if look.findings["veil"] == "present":
        photo = _veil(photo, rng, inside)
    if look.findings["surface"] == "ulcerated":
        photo = _ulcer(photo, look, rng)
    photo = _hairs(photo, look, rng)
    distance = np.sqrt(X * X + Y * Y)
    light = (1.04 - 0.2 * distance**2 + 0.03 * look.body[7]) * (
        1 - 0.93 * step(distance - 1.24, 0.1)
    )
    photo = photo * light + grain(rng, look.age, 0.013)
    return quantise(photo)


def _lesion(look: Look, rng: np.random.Generator) -> Field:
    """How deep a pixel lies in the lesion, in units of its radius: positive inside."""
    cx, cy = 0.05 * look.body[0], 0.05 * look.body[1]
    size = (0.66 if look.findings["size"] == "large" else 0.4) + 0.025 * look.body[2]
    stretch = 1 + 0.06 * look.body[3]
    x, y = (X - cx) / (size * stretch), (Y - cy) * stretch / size
    turn: Field = np.arctan2(y, x)
    distance: Field = np.sqrt(x * x + y * y)
    if look.findings["border"] == "regular":
        waves: Field = 0.03 * np.cos(2 * turn + look.body[4]) + 0.02 * np.cos(
            3 * turn + look.body[5]
        )
        return 1 + waves - distance + 0.02 * clouds(rng, 12)
    waves = np.zeros_like(turn)
    for order, height in ((2, 0.1), (3, 0.13), (5, 0.11), (8, 0.07)):
        waves += height * np.cos(order * turn + 3 * look.body[4] + order * look.body[5])
    return 1 + waves - distance + 0.09 * clouds(rng, 14)


def _skin(look: Look, rng: np.random.Generator) -> Field:
    """Skin with the texture of its site: furrows, ridges of the sole, pores of the face."""
    tone, pink = look.body[8:10]
    light = 1 + 0.03 * clouds(rng, 4) + 0.02 * clouds(rng, 28) + 0.018 * clouds(rng, 64)
    site = look.findings["site"]
    if site == "sole":
        warp = 0.03 * clouds(rng, 4)
        light = light * (1 + 0.11 * np.cos((0.5 * X + Y + warp) * 58))
    elif site == "face":
        pores: Field = np.clip(_honeycomb(0.16, 0.012 * clouds(rng, 9)) - 0.6, 0, None)
        light = light * (1 - 0.5 * pores)
    else:
        furrows: Field = np.clip(np.abs(clouds(rng, 22)) * -4 + 1, 0, None)
        light = light * (1 - 0.05 * furrows)
    shade: Field = light
    color = (0.86 - 0.02 * tone, 0.66 - 0.025 * tone - 0.015 * pink, 0.55 - 0.03 * tone)
    return shade * channels(color)


def _honeycomb(spacing: float, warp: Field) -> Field:
    """A hexagonal lattice: near 1 at the holes' centres, low on the lines between."""
    scale = 2 * np.pi / spacing
    u, v = X + warp, Y - warp
    total = sum(
        np.cos(scale * (u * float(np.cos(a)) + v * float(np.sin(a))))
        for a in (0.3, 0.3 + np.pi / 3, 0.3 + 2 * np.pi / 3)
    )
    return np.asarray((total + 1.5) / 4.5, dtype=np.float32)


def _network(look: Look, rng: np.random.Generator) -> Field:
    """Pigment network: dark lines around paler holes."""
    spacing = 0.075 + 0.005 * look.body[10]
    return step(0.42 - _honeycomb(spacing, 0.03 * clouds(rng, 12)), 0.5)


def _patches(photo: Field, rng: np.random.Generator, look: Look, body: Field) -> Field:
    """Blotches of black, red-brown and tan: more than one colour in a lesion."""
    size = 0.42 if look.findings["size"] == "large" else 0.25
    for place, color in enumerate(((0.09, 0.06, 0.07), (0.6, 0.24, 0.2), (0.76, 0.6, 0.45))):
        turn = 2.1 * place + 0.6 * look.body[11]
        center = (0.75 * size * float(np.cos(turn)), 0.75 * size * float(np.sin(turn)))
        depth = 1 - _distance(center) / size + 0.3 * clouds(rng, 8)
        photo = mix(photo, color, 0.85 * body * step(depth, 0.6))
    return photo


def _veil(photo: Field, rng: np.random.Generator, inside: Field) -> Field:
    """A structureless blue-white film over the middle of the lesion."""
    film = step(inside - 0.3 + 0.14 * clouds(rng, 6), 0.5) * (0.72 + 0.12 * clouds(rng, 9))
    return mix(photo, (0.56, 0.6, 0.7), film)


def _ulcer(photo: Field, look: Look, rng: np.random.Generator) -> Field:
    """An open, wet, red area with a dark crust and highlights."""
    center = (0.05 * look.body[0] + 0.07, 0.05 * look.body[1] + 0.05)
    ragged = 0.1 * clouds(rng, 14)
    wound = step(0.2 * (1 - _distance(center) / 0.25) + ragged * 0.6, 0.14)
    crust = wound * step(clouds(rng, 20) - 0.35, 0.5)
    shine = wound * step(clouds(rng, 30) - 1.0, 0.3)
    photo = mix(photo, (0.66, 0.2, 0.17), 0.85 * wound)
    photo = mix(photo, (0.28, 0.05, 0.04), 0.8 * crust)
    return mix(photo, (1.0, 0.9, 0.88), 0.6 * shine)


def _distance(center: tuple[float, float]) -> Field:
    return np.sqrt((X - center[0]) ** 2 + (Y - center[1]) ** 2)


def _hairs(photo: Field, look: Look, rng: np.random.Generator) -> Field:
    """Terminal hairs: many on the scalp, none on the sole, a few elsewhere."""
    count = {"scalp": 44, "sole": 0, "face": 2, "back": 5}[look.findings["site"]]
    lines = []
    for _ in range(count):
        px, py = (float(v) for v in rng.uniform(-1.1, 1.1, 2))
        heading = 0.9 + 0.35 * float(rng.standard_normal())
        curl, points = 0.25 * float(rng.standard_normal()), [(px, py)]
        for _ in range(10):
            heading += curl * 0.1
            px, py = px + 0.11 * float(np.cos(heading)), py + 0.11 * float(np.sin(heading))
            points.append((px, py))
        lines.append(Stroke(tuple(points), float(rng.uniform(0.010, 0.018))))
    if not lines:
        return photo
    return mix(photo, (0.12, 0.08, 0.07), 0.85 * paint(lines))

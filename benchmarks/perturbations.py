"""Draw `docs/perturbations.png`: every perturbation, on images that are nobody's.

    python benchmarks/perturbations.py [OUT]

Above, each perturbation at severity 3 on phantom's four kinds of image; below, one
of them over its five severities.
"""

import sys
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from medtrust.datasets.phantom import store
from medtrust.datasets.phantom.cases import Case
from medtrust.images import perturb as perturbations

OUT = Path(__file__).parents[1] / "docs" / "perturbations.png"
TILE = 128
LABEL = 16
COLUMNS = 8
SWEPT = "gaussian"


def originals() -> list[NDArray[np.uint8]]:
    """One image of each modality, at full size."""
    first: dict[str, Case] = {}
    for case in store.all_cases():
        first.setdefault(case.modality, case)
    return [np.asarray(Pillow.open(BytesIO(store.render(case)))) for case in first.values()]


def tile(pixels: NDArray[np.uint8], label: str) -> Pillow.Image:
    """A picture at the sheet's size with its label below."""
    framed = Pillow.new("RGB", (TILE + 4, TILE + LABEL), "white")
    framed.paste(
        Pillow.fromarray(pixels).convert("RGB").resize((TILE, TILE), Pillow.Resampling.LANCZOS)
    )
    ImageDraw.Draw(framed).text(
        (2, TILE + 2), label, fill="black", font=ImageFont.load_default_imagefont()
    )
    return framed


def disturbed(pixels: NDArray[np.uint8], name: str, severity: int) -> NDArray[np.uint8]:
    """An image with a perturbation, from a fixed seed."""
    rng = np.random.Generator(np.random.PCG64(7))
    if name == perturbations.OFFICIAL and pixels.ndim == 2:
        # As `encode` sends it: the released script reads every image as three channels.
        pixels = np.stack([pixels] * 3, axis=-1)
    return perturbations.perturb(pixels, name, severity, rng).astype(np.uint8)


def sheet() -> Pillow.Image:
    """The whole picture."""
    images = originals()
    tiles = [tile(image, "as it is") for image in images]
    wanted = [(name, 3) for name in perturbations.names()] + [(perturbations.OFFICIAL, 0)]
    for number, (name, severity) in enumerate(wanted):
        for shift in (0, 1):
            image = images[(2 * number + shift) % len(images)]
            tiles.append(tile(disturbed(image, name, severity), name))
    tiles += [Pillow.new("RGB", tiles[0].size, "white")] * (-len(tiles) % COLUMNS)
    for image in images[:1]:
        tiles.append(tile(image, "as it is"))
        tiles += [
            tile(disturbed(image, SWEPT, severity), f"{SWEPT}-{severity}")
            for severity in perturbations.SEVERITIES
        ]
    width, height = tiles[0].size
    canvas = Pillow.new("RGB", (COLUMNS * width, -(-len(tiles) // COLUMNS) * height), "white")
    for number, one in enumerate(tiles):
        canvas.paste(one, (number % COLUMNS * width, number // COLUMNS * height))
    return canvas


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else OUT
    # 256 colours look the same on a contact sheet and take a third of the room.
    sheet().quantize(256).save(target, optimize=True)
    print(f"{target}: {target.stat().st_size // 1000} kB")

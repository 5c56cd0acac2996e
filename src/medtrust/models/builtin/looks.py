"""Images as short vectors of coarse colour, and which pixels tell answers apart."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

SIDE = 16
"""Pixels a side that an image is averaged down to (chosen on phantom's training split)."""

Look = NDArray[np.float32]


def look(data: bytes) -> Look:
    """An image file as 3 * SIDE**2 numbers of mean 0 and deviation 1: exposure drops out."""
    image = Pillow.open(io.BytesIO(data))
    # RGB would clip deep grey images (16 or 32 bits a pixel) to white.
    deep = image.mode.startswith(("I", "F"))
    small = image.convert("F" if deep else "RGB").resize((SIDE, SIDE), Pillow.Resampling.BOX)
    channels = np.asarray(small, dtype=np.float32).reshape(SIDE, SIDE, -1)
    pixels = np.broadcast_to(channels, (SIDE, SIDE, 3)).ravel()
    spread = max(float(pixels.std()), 1e-3)
    return np.asarray((pixels - pixels.mean()) / spread, dtype=np.float32)


def relevance(looks: Look, labels: NDArray[np.intp]) -> Look:
    """How well each pixel tells the labels apart: Fisher's ratio, its mean scaled to 1.

    The ratio is variance between labels over variance within them (Duda, Hart and
    Stork, Pattern Classification, section 3.8.2, pixel by pixel). `looks` has shape
    (n, d), `labels` (n,); the result has shape (d,).
    """
    center = looks.mean(axis=0)
    between = np.zeros_like(center)
    within = np.zeros_like(center)
    for label in np.unique(labels):
        group = looks[labels == label]
        share = len(group) / len(looks)
        between += share * (group.mean(axis=0) - center) ** 2
        within += share * group.var(axis=0)
    # Pixels that hardly vary at all, such as a black border, must not divide by nothing.
    ratio = between / (within + 0.01 * within.mean() + 1e-9)
    mean = float(ratio.mean())
    return ratio / mean if mean > 0 else np.ones_like(ratio)

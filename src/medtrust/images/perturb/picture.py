"""A decoded picture disturbed: from Pillow's modes to levels and back."""

import hashlib

import numpy as np
from PIL import Image as Pillow

from medtrust.images.perturb.catalogue import OFFICIAL, parse, perturb


def seeded(data: bytes, transform: str) -> np.random.Generator:
    """The chance that a transform has on an image, from the bytes of its file.

    PCG64 over a SHA-256: the same on every machine and in every run, another for
    another image or transform, whatever the image is called.
    """
    name = f"{hashlib.sha256(data).hexdigest()} {transform}"
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest(), "big")
    return np.random.Generator(np.random.PCG64(seed))


def disturb(opened: Pillow.Image, data: bytes, transform: str) -> tuple[Pillow.Image, list[str]]:
    """Apply a transform to an image decoded from a file's bytes.

    16-bit grey is disturbed at 16 bits. Palettes become colours first; colours that
    cannot be computed with (CMYK, say) become RGB. `official-noise` sees what its
    script saw: three channels of 8 bits, so its noise is coloured on a grey image too.
    The colour profile that the file names stays with the picture.

    Returns:
        The picture, in a mode that `encode` makes a PNG of, and notes on what was done.

    Raises:
        InputError: For a transform that does not exist.
    """
    name, severity = parse(transform)
    mode = "RGB" if name == OFFICIAL else _workable(opened)
    notes = [] if mode == opened.mode else [f"{opened.mode} converted to {mode}"]
    plain = _converted(opened, mode)
    changed = perturb(np.asarray(plain), name, severity, seeded(data, transform))
    picture = Pillow.fromarray(changed)
    if mode == opened.mode and "icc_profile" in opened.info:
        picture.info["icc_profile"] = opened.info["icc_profile"]
    return picture, [*notes, f"perturbed with {transform}"]


def _workable(opened: Pillow.Image) -> str:
    """The mode to compute in, nearest to the picture's own."""
    if opened.mode.startswith("I"):
        return "I;16"
    if opened.mode in {"L", "RGB", "RGBA"}:
        return opened.mode
    if opened.mode == "1":
        return "L"
    return "RGBA" if opened.has_transparency_data else "RGB"


def _converted(opened: Pillow.Image, mode: str) -> Pillow.Image:
    if not opened.mode.startswith("I"):
        # A palette's transparency is dropped quietly only on the way over RGBA.
        over = opened.convert("RGBA") if opened.mode == "P" else opened
        return over.convert(mode)
    # Pillow clips 16 bits to the lowest 8 where it converts them.
    levels = np.asarray(opened, dtype=np.int64).clip(0, 65535)
    if mode == "I;16":
        return Pillow.fromarray(levels.astype(np.uint16))
    return Pillow.fromarray(np.rint(levels / 257).astype(np.uint8)).convert(mode)

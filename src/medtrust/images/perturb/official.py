"""The noise of CARES's released script, defect and all, the same on every processor.

The script (src/noise_add.py:8-11, called with variance 6) draws normal noise, casts it
to 8-bit unsigned integers and adds it with saturation. The cast cuts off towards zero
and lets -1 become 255, so that a third of all values turns white (cares.md N1). What
the cast makes of a negative number is undefined in C and differs between processors;
here it is modulo 256, as on the x86-64 machines that most results come from.
"""

import numpy as np

from medtrust.images.perturb.levels import Pixels, by_bands, full_scale

VARIANCE = 6.0
"""In 8-bit grey levels squared (noise_add.py:22)."""

TAILS = (
    *(1466927608, 889522470, 473888141, 220053583, 88533950, 30721640, 9162722, 2342551),
    *(512311, 95686, 15243, 2069, 239, 23, 2),
)
"""How often noise of variance 6 is at least 1, 2, ... 15, out of 2**32: the normal
distribution's upper tail, written out so that no two machines round it differently."""

_MOST = len(TAILS)
_EDGES = np.array([*reversed(TAILS), *(2**32 - tail for tail in TAILS)], dtype=np.uint64)


def official_noise(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Add upstream's noise: wrapped modulo 256, then saturating. No value gets darker.

    Only the bit generator's raw stream is used, which NumPy promises to keep. 16-bit
    levels get the same noise times 257; upstream knows 8 bits only.
    """
    white = full_scale(pixels)

    def noisy(band: Pixels) -> Pixels:
        raw = rng.bit_generator.random_raw(band.size)
        drawn = np.asarray(raw, dtype=np.uint64) >> np.uint64(32)
        noise = _MOST - np.searchsorted(_EDGES, drawn, side="right")
        wrapped = noise % 256 * (white // 255)
        total = np.minimum(band + wrapped.reshape(band.shape), white)
        changed: Pixels = total.astype(band.dtype)
        return changed

    return by_bands(pixels, noisy)

"""Windows: which measured values are shown as black, white and in between.

Formulas of DICOM PS3.3 C.11.2.1.2 (linear), C.11.2.1.3.1 (sigmoid) and C.11.2.1.3.2
(linear, exact), with 0 and 255 as the darkest and brightest output.
"""

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medtrust.errors import InputError


def windowed(
    values: NDArray[Any], dataset: Any, measured: NDArray[np.bool_], path: Path
) -> tuple[NDArray[np.uint8], str]:
    """Grey levels by the dataset's first window, or by the range of what was measured.

    Args:
        values: Rescaled values, any shape.
        dataset: Where `WindowCenter`, `WindowWidth` and `VOILUTFunction` are looked up.
        measured: Which values are no padding; same shape.
        path: For the message.

    Returns:
        Levels of the same shape, and a note that names the window.

    Raises:
        InputError: For a window that is no interval of numbers.
    """
    center, width = _first(dataset, "WindowCenter"), _first(dataset, "WindowWidth")
    if center is None or width is None:
        return _stretched(values, measured)
    function = str(dataset.get("VOILUTFunction") or "LINEAR").strip().upper()
    least = 1.0 if function == "LINEAR" else 0.0
    if not (math.isfinite(center) and math.isfinite(width) and width >= least) or width == 0:
        raise InputError(
            f"{path}: a window of centre {center:g} and width {width:g} shows nothing; "
            "correct the file's WindowCenter and WindowWidth"
        )
    if function == "SIGMOID":
        # Beyond 60 widths nothing changes any more, and the exponential would overflow.
        shown = 1 / (1 + np.exp((-4 * (values - center) / width).clip(-60, 60)))
    elif function == "LINEAR_EXACT":
        shown = (values - center) / width + 0.5
    elif width == 1:
        # The standard's formula at its limit: a threshold.
        shown = (values > center - 0.5).astype(np.float64)
    else:
        shown = (values - (center - 0.5)) / (width - 1) + 0.5
    note = f"window {center:g}/{width:g} (centre/width, {function.lower().replace('_', ' ')})"
    several = len(_all(dataset, "WindowCenter"))
    return _levels(shown), note if several == 1 else f"{note}, the first of {several}"


def _stretched(values: NDArray[Any], measured: NDArray[np.bool_]) -> tuple[NDArray[np.uint8], str]:
    if not measured.any():
        return np.zeros(values.shape, dtype=np.uint8), "no window, and nothing but padding"
    low, high = float(values[measured].min()), float(values[measured].max())
    note = f"no window: the frame's range from {low:g} to {high:g}"
    if high == low:
        return np.zeros(values.shape, dtype=np.uint8), note
    return _levels((values.astype(np.float64) - low) / (high - low)), note


def _levels(shown: NDArray[Any]) -> NDArray[np.uint8]:
    levels: NDArray[np.uint8] = np.rint(shown.clip(0, 1) * 255).astype(np.uint8)
    return levels


def _all(dataset: Any, keyword: str) -> list[float]:
    found = dataset.get(keyword)
    if found is None or found == "":
        return []
    # pydicom gives a number, or a sequence of numbers where there are several.
    return [float(found)] if isinstance(found, int | float) else [float(one) for one in found]


def _first(dataset: Any, keyword: str) -> float | None:
    return next(iter(_all(dataset, keyword)), None)

"""What an answer is worth that looks at nothing: chance and the best constant answer."""

from typing import NamedTuple

import numpy as np

from medtrust.metrics.bootstrap import Floats, Ints


class Baselines(NamedTuple):
    """The better of the two is what a score must beat to mean anything."""

    baseline: float | None = None
    chance: float | None = None
    constant: float | None = None


NO_BASELINES = Baselines()
"""For metrics that say how a model behaves rather than how good it is."""


def higher(chance: float | None, constant: float | None) -> Baselines:
    """Baselines of a metric that is better when higher."""
    known = [value for value in (chance, constant) if value is not None]
    return Baselines(max(known, default=None), chance, constant)


def lower(chance: float | None, constant: float | None) -> Baselines:
    """Baselines of a metric that is better when lower."""
    known = [value for value in (chance, constant) if value is not None]
    return Baselines(min(known, default=None), chance, constant)


def mean(values: Floats, weights: Floats) -> float | None:
    """Weighted mean over the values that are known; None if none is."""
    known = np.isfinite(values) & (weights > 0)
    total = float(weights[known].sum())
    return float(values[known] @ weights[known]) / total if total else None


def largest_share(codes: Ints, weights: Floats) -> float | None:
    """The largest share that one code has of the weights; codes below zero match nothing."""
    total = float(weights.sum())
    if not total:
        return None
    matching = codes >= 0
    shares = np.bincount(codes[matching], weights=weights[matching], minlength=1)
    return float(shares.max()) / total

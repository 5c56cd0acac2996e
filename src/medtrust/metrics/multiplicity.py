"""Many figures, some of which pass by chance: corrected p-values.

The primary figures, named before the first answer came, are corrected by Holm's procedure (Holm
1979, Scand. J. Stat. 6(2), 65-70): the chance of any false finding among them stays below the
level. The rest are corrected by Benjamini and Hochberg's (1995, J. R. Stat. Soc. B 57(1), 289-300):
of what they find, the expected false share stays below the level.
"""

from collections.abc import Callable, Sequence
from typing import Literal

from msgspec.structs import replace

from medtrust.records import Estimate

Correction = Literal["holm", "benjamini-hochberg"]


def corrected(
    estimates: Sequence[Estimate], is_primary: Callable[[Estimate], bool]
) -> list[Estimate]:
    """The estimates, those with a p-value with `p_adjusted` and how it was made.

    The official reading is of the same answers, so it has a correction of its own.
    """
    found = [*estimates]
    for protocol in ("official", "corrected"):
        for primary, name, adjust in (
            (True, "holm", holm),
            (False, "benjamini-hochberg", benjamini_hochberg),
        ):
            places = [
                place
                for place, one in enumerate(estimates)
                if one.p is not None and one.protocol == protocol and is_primary(one) == primary
            ]
            adjusted = adjust([estimates[place].p or 0.0 for place in places])
            for place, value in zip(places, adjusted, strict=True):
                found[place] = replace(found[place], p_adjusted=value, correction=name)
    return found


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's adjusted p-values, in the order given."""
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    adjusted, largest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(order):
        largest = max(largest, min(1.0, (len(order) - rank) * p_values[place]))
        adjusted[place] = largest
    return adjusted


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Benjamini and Hochberg's adjusted p-values, in the order given."""
    order = sorted(range(len(p_values)), key=p_values.__getitem__, reverse=True)
    adjusted, smallest = [0.0] * len(p_values), 1.0
    for rank, place in enumerate(order):
        smallest = min(smallest, p_values[place] * (len(order) / (len(order) - rank)))
        adjusted[place] = smallest
    return adjusted

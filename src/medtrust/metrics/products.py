"""Products of how often clusters are drawn with their sums, whole ones several at a time."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

EXACT = 53
"""Bits of a whole number that double precision holds exactly."""


def products(
    counts: Iterable[NDArray[np.integer]], sums: Floats, bits: Ints, replicates: int
) -> Floats:
    """Each replicate's counts times the sums.

    Args:
        counts: How often each cluster counts, some replicates at a time; each of shape
            (some replicates, clusters).
        sums: Shape (clusters, columns).
        bits: What `bits_of` says of the columns.
        replicates: How many there are in all.

    Returns:
        Shape (columns, replicates).
    """
    table, places = packed(sums, bits)
    # How a product rounds depends on its shape, and that of the whole sums on which of them a
    # caller has at hand already: the others are multiplied by themselves.
    whole = sum(place.shift == 0 for place in places if place.bits <= EXACT)
    parts = [part for part in (slice(whole), slice(whole, None)) if len(table[part])]
    drawn = np.empty((len(table), replicates))
    start = 0
    for some in counts:
        weights = some.T.astype(np.float64)
        for part in parts:
            drawn[part, start : start + len(some)] = table[part] @ weights
        start += len(some)
    return np.stack([unpacked(drawn[place.row], place) for place in places])


class Place(NamedTuple):
    """Where a column is in a table of packed ones."""

    row: int
    shift: int
    bits: int


def packed(sums: Floats, bits: Ints) -> tuple[Floats, Sequence[Place]]:
    """Columns of small whole sums side by side in the digits of one, so that one is added up.

    Each has as many bits as its totals can need, and all of a row no more than double
    precision has, so nothing is rounded. One row counts four groups of a thousand clusters.
    A column that is not whole has a row to itself, after those that are.

    Returns:
        Shape (rows, clusters), and each column's place in it.
    """
    places = [Place(0, 0, 0)] * len(bits)
    rows: list[Floats] = []
    used = EXACT
    for column in np.argsort(bits, kind="stable"):
        # None takes no bits, so that each row has one column at its beginning.
        width = max(1, int(bits[column]))
        if used + width > EXACT:
            rows.append(np.zeros(len(sums)))
            used = 0
        rows[-1] += sums[:, column] * 2.0**used
        places[column] = Place(len(rows) - 1, used, width)
        used += width
    return np.array(rows), places


def unpacked(row: Floats, place: Place) -> Floats:
    """A column's totals out of those of its row; any shape."""
    if place.bits > EXACT:
        return row
    digits = row.astype(np.int64) >> place.shift
    column: Floats = (digits & ((1 << place.bits) - 1)).astype(np.float64)
    return column


def bits_of(sums: Floats, clusters: int) -> Ints:
    """Bits that a column's replicates can need; above `EXACT` for one that is not whole.

    Whatever is drawn, a replicate comes to no more than all clusters with the largest sum.
    """
    most = clusters * sums.max(axis=0)
    whole = (sums == np.rint(sums)).all(axis=0) & (sums >= 0).all(axis=0) & (most < 2.0**EXACT)
    # The exponent of a whole number is how many bits it has.
    return np.where(whole, np.frexp(most)[1], EXACT + 1).astype(np.intp)

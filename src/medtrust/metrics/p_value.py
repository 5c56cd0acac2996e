"""The p-value of a test by random draws: permutations of labels, swaps of sides."""

import numpy as np

from medtrust.metrics.bootstrap import Floats, Interval
from medtrust.metrics.wilson import wilson

DRAWS = 10_000
"""Draws of every test: a p-value near 0.05 is then known to about 0.004."""

ROUNDING = 1e-9
"""Sums of the same numbers in another order differ by less."""


def p_value(observed: float, null: Floats) -> Interval:
    """The share of draws at least as large as what was observed, which counts as one.

    `(1 + hits) / (1 + draws)`: never 0, and valid whatever the number of draws (Phipson
    and Smyth 2010, Stat. Appl. Genet. Mol. Biol. 9(1), 39). The bounds (Wilson's) are for
    the chance of the draws, not of the data.
    """
    hits = 1 + int(np.count_nonzero(null >= observed - ROUNDING))
    return Interval(hits / (len(null) + 1), *wilson(hits, len(null) + 1))

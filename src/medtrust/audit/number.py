"""Printed numbers, and what they can have been before they were rounded. All exact."""

import re
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import ceil, floor
from typing import NamedTuple

FINEST = Fraction(1, 10**9)
"""Digits beyond the ninth decimal are a computer's, not a measurement's."""

_NUMBER = re.compile(r"[+-]?(\d{1,15}(\.\d{0,40})?|\.\d{1,40})(e[+-]?\d{1,2})?", re.IGNORECASE)


class Number(NamedTuple):
    """A printed number: what was printed, and by how much rounding can have moved it."""

    value: Fraction
    half: Fraction


def number(text: str) -> Number | None:
    """The number in a text such as `38.41`, `.10`, `26.5%` or `1e-05`; None where there is none."""
    digits = text.strip().removesuffix("%").rstrip()
    if not _NUMBER.fullmatch(digits):
        return None
    exponent = Decimal(digits).as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) else 0
    return Number(Fraction(digits), max(Fraction(1, 2 * 10 ** max(decimals, 0)), FINEST))


def counts(given: Number, n: int, whole: int) -> range:
    """The counts out of `n` that come to this number, where `whole` (100 or 1) is all of them.

    A share midway between two printed numbers may have been rounded either way.
    """
    low = ceil((given.value - given.half) * n / whole)
    high = floor((given.value + given.half) * n / whole)
    return range(max(0, low), min(n, high) + 1)


def shown(value: Fraction, like: Number) -> str:
    """A value with as many decimals as another number was printed with, and no more than six."""
    decimals = min(6, len(str(int(1 / (2 * like.half)))) - 1)
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return str(exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP))

"""Can these figures come from one run? Arithmetic that every honest result obeys.

All of it is for pairs of questions with two options and different references, as in
MediConfusion (section 2.3 of the protocol's description). Such a pair is either invalid
(at least one answer names no option) or valid; a valid one is confused (the same option
twice, so exactly one answer right), solved (both right), or crossed (both wrong).
"""

from collections.abc import Iterator
from math import ceil, floor

from medtrust.errors import InputError

MOST_PAIRS = 100_000
"""Pairs up to which rates are searched; beyond, rounding hides nothing anyway."""


def impossible(
    *,
    pairs: int,
    set_correct: int,
    confused: int,
    valid_pairs: int,
    individual_correct: int | None = None,
    invalid: int | None = None,
) -> str:
    """Why these counts cannot come from one run, in one line; empty if they can.

    `individual_correct` and `invalid` are numbers of answers, where known.
    """
    contradictions = _contradictions(
        pairs=pairs,
        solved=set_correct,
        confused=confused,
        valid=valid_pairs,
        right=individual_correct,
        invalid=invalid,
    )
    return next(contradictions, "")


def _contradictions(
    *, pairs: int, solved: int, confused: int, valid: int, right: int | None, invalid: int | None
) -> Iterator[str]:
    for name, count in (
        ("pairs", pairs),
        ("pairs with both right", solved),
        ("confused pairs", confused),
        ("valid pairs", valid),
        ("right answers", right or 0),
        ("invalid answers", invalid or 0),
    ):
        if count < 0:
            yield f"the number of {name} is negative: {count}"
    if valid > pairs:
        yield f"more valid pairs ({valid}) than pairs ({pairs})"
    if confused > valid:
        yield f"more confused pairs ({confused}) than valid pairs ({valid})"
    if solved > valid - confused:
        yield (
            f"{solved} pairs with both right, but only {valid - confused} of {valid} "
            "valid pairs were told apart"
        )
    broken = pairs - valid
    if invalid is not None and not broken <= invalid <= 2 * broken:
        yield f"{invalid} invalid answers cannot lie in {broken} invalid pairs, one or two in each"
    # A broken pair with one valid answer can add one right answer, others none.
    spare = broken if invalid is None else 2 * broken - invalid
    least = 2 * solved + confused
    if right is not None and not least <= right <= least + spare:
        yield (
            f"{right} right answers, but {solved} pairs with both right and "
            f"{confused} confused pairs give {least} to {least + spare}"
        )


def impossible_rates(
    *,
    pairs: int,
    set_rate: float,
    confusion_rate: float,
    individual_rate: float | None = None,
    invalid_rate: float | None = None,
    valid_pairs: int | None = None,
    step: float = 1e-4,
) -> str:
    """Why these published rates cannot come from one run, in one line; empty if they can.

    Looks for whole numbers that round to the rates. Rates are fractions rounded to
    multiples of `step` (percentages with two decimals: 0.0001). Confusion is a share of
    the valid pairs, as upstream prints it, and 0 where there are none; where it is a
    share of all pairs, give `valid_pairs=pairs`. Raises InputError for a number of pairs
    or a step that cannot be searched.
    """
    if not 1 <= pairs <= MOST_PAIRS or not 0 < step < 1:
        raise InputError(
            f"cannot audit {pairs} pairs with rates rounded to {step}: "
            f"give 1 to {MOST_PAIRS} pairs and a step between 0 and 1"
        )
    rates = {
        "set accuracy": (set_rate, pairs),
        "individual accuracy": (individual_rate, 2 * pairs),
        "invalid answers": (invalid_rate, 2 * pairs),
    }
    found: dict[str, range] = {}
    for name, (rate, total) in rates.items():
        found[name] = range(total + 1) if rate is None else _rounding_to(rate, total, step)
        if not found[name]:
            return f"{name} {rate:.2%}: no whole number out of {total} comes to that"
    splits = [
        (valid, confused)
        for valid in (range(pairs + 1) if valid_pairs is None else (valid_pairs,))
        for confused in (_rounding_to(confusion_rate, valid, step),)
        if 0 <= valid <= pairs and confused
    ]
    if not splits:
        return f"confusion {confusion_rate:.2%}: no share of at most {pairs} valid pairs is that"
    least = found["set accuracy"][0]
    distinct = max(valid - confused[0] for valid, confused in splits)
    if least > distinct:
        return (
            f"set accuracy {set_rate:.2%} means {least} of {pairs} pairs, but confusion "
            f"{confusion_rate:.2%} leaves at most {distinct} pairs told apart"
        )
    if any(_fits(pairs, valid, confused, *found.values()) for valid, confused in splits):
        return ""
    return f"no whole numbers of {pairs} pairs fit all of these rates together"


def _rounding_to(rate: float, total: int, step: float) -> range:
    """Counts whose share of `total` rounds to `rate`; 0 of 0 is printed as 0."""
    slack = step / 2 + 1e-12  # a share midway between two steps may round either way
    if total == 0:
        return range(1 if abs(rate) <= slack else 0)
    low, high = ceil((rate - slack) * total), floor((rate + slack) * total)
    return range(max(0, low), min(total, high) + 1)


def _fits(
    pairs: int, valid: int, confused: range, solved: range, right: range, invalid: range
) -> bool:
    """Whether counts within these ranges satisfy `impossible`, for one number of valid pairs."""
    broken = pairs - valid
    # The fewest invalid answers leave the most room for right ones.
    fewest = max(invalid[0], broken)
    if fewest > min(invalid[-1], 2 * broken):
        return False
    for both in solved:
        most = min(confused[-1], valid - both)
        low = 2 * both + confused[0]
        high = 2 * both + most + 2 * broken - fewest
        if most >= confused[0] and low <= right[-1] and high >= right[0]:
            return True
    return False

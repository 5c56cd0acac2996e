"""Set accuracy, confusion and individual accuracy that cannot come from one run.

The arithmetic is that of `metrics/possible.py`; mediconfusion.md 2.3 has the definitions.
"""

from collections.abc import Iterator, Mapping

from medtrust.audit.fractions import is_impossible
from medtrust.audit.number import Number, counts, shown
from medtrust.audit.ranges import in_range
from medtrust.audit.table import Cell, Figure, Finding, Kind, Table, finding
from medtrust.metrics.possible import impossible_rates

MOST_PAIRS = 10_000
"""Pairs up to which whole numbers are searched; beyond, rounding hides little."""

Found = Mapping[Kind, tuple[Cell, Figure, Number]]
"""The figures of one run, by their kinds."""


def contradictory_pairs(table: Table) -> Iterator[Finding]:
    """Runs whose set accuracy is above what their confusion leaves, or that fit no counts."""
    for found in table.subjects().values():
        if "set_accuracy" not in found or not {"confusion", "confusion_all"} & found.keys():
            continue
        if not all(_is_sound(*one, table.whole) for one in found.values()):
            continue  # `ranges` or `fractions` says so
        if reason := _valid(found, table.whole) or _all(found, table.whole):
            cell, figure, _ = found["set_accuracy"]
            yield finding(table, cell, figure.text, reason)


def _is_sound(cell: Cell, figure: Figure, given: Number, whole: int) -> bool:
    return in_range(figure, given, whole) and not is_impossible(cell, figure, given, whole)


def _valid(found: Found, whole: int) -> str:
    """What contradicts a confusion that is a share of the valid pairs."""
    if "confusion" not in found:
        return ""
    pairs = _pairs(found)
    if pairs is None:
        return _sum(found, "confusion", whole)
    used = [found[kind][2] for kind in ("set_accuracy", "confusion")]
    rates: dict[Kind, float] = {}
    for kind in ("individual_accuracy", "invalid"):
        given = _of_questions(found, kind, pairs)
        if given is not None:
            used.append(given)
            rates[kind] = float(given.value / whole)
    step = float(2 * max(given.half for given in used) / whole)
    if step >= 1:
        return ""  # printed without decimals where 1 is all: that says nothing
    return impossible_rates(
        pairs=pairs,
        set_rate=float(used[0].value / whole),
        confusion_rate=float(used[1].value / whole),
        individual_rate=rates.get("individual_accuracy"),
        invalid_rate=rates.get("invalid"),
        valid_pairs=_valid_pairs(found),
        step=step,
    )


def _all(found: Found, whole: int) -> str:
    """What contradicts a confusion that is a share of all pairs, with any number of valid ones."""
    if "confusion_all" not in found:
        return ""
    pairs = _pairs(found)
    if pairs is None:
        return _sum(found, "confusion_all", whole)
    solved, confused = (
        counts(found[kind][2], pairs, whole) for kind in ("set_accuracy", "confusion_all")
    )
    given = _of_questions(found, "individual_accuracy", pairs)
    right = counts(given, 2 * pairs, whole) if given else range(2 * pairs + 1)
    if confused and right and _fits(solved, confused, right, pairs):
        return ""
    if confused and solved[0] + confused[0] > pairs:
        return (
            f"means {solved[0]} of {pairs} pairs, but confusion {found['confusion_all'][1].text} "
            f"leaves at most {pairs - confused[0]} to be told apart"
        )
    return f"fits no whole numbers of {pairs} pairs together with the other figures"


def _fits(solved: range, confused: range, right: range, pairs: int) -> bool:
    """Whether some number of valid pairs allows for these numbers.

    With k pairs solved and c confused at least k + c are valid, so that at most the other
    pairs less k + c are invalid, and each of these holds at most one right answer: right
    answers are 2k + c at the least and k + pairs at the most.
    """
    return any(
        2 * k + confused[0] <= right[-1] and right[0] <= k + pairs
        for k in solved
        if k + confused[0] <= pairs
    )


def _sum(found: Found, confusion: Kind, whole: int) -> str:
    """What contradicts the figures where it is not known how many pairs there are.

    Solved pairs are valid and not confused, so that the two shares exceed no whole, whether
    confusion is a share of the valid pairs or of all.
    """
    solved, confused = found["set_accuracy"][2], found[confusion][2]
    if solved.value - solved.half + confused.value - confused.half <= whole:
        return ""
    total = shown(solved.value + confused.value, solved)
    return f"with confusion {found[confusion][1].text} it comes to {total}, more than {whole}"


def _pairs(found: Found) -> int | None:
    """The number of pairs, where it is known and can be searched."""
    n = found["set_accuracy"][1].n
    return n if n and n <= MOST_PAIRS else None


def _valid_pairs(found: Found) -> int | None:
    """The number of valid pairs: what confusion is a share of."""
    if "valid_pairs" in found:
        given = found["valid_pairs"][2]
        if given.value.denominator == 1:
            return int(given.value)
    return found["confusion"][1].n


def _of_questions(found: Found, kind: Kind, pairs: int) -> Number | None:
    """A share of both questions of every pair, where there is one.

    Where pairs are left out because one answer is missing, questions are not two a pair.
    """
    if kind not in found or found[kind][1].n not in {None, 2 * pairs}:
        return None
    return found[kind][2]

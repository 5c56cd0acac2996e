"""Upstream's counts, from the marks of a results file (mediconfusion.md 2.3)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass

from medtrust.records import RELEASED_THRESHOLD, Sample, marked_choice

THRESHOLDS = (RELEASED_THRESHOLD, *map(float, range(12)))
"""What upstream's `--tr` may have been: whole numbers, and from 11 on no answer counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What upstream counts of a pair, or in all."""

    pairs: int
    set: int
    """Pairs with both answers right."""
    individual: int
    """Answers that are right."""
    confused: int
    """Valid pairs with the same answer to both images."""
    invalid: int
    """Answers without a choice."""
    valid_pairs: int
    """Pairs without an invalid answer: upstream's `valids`, its column "Valid pairs"."""
    distinct_pairs: int
    """Valid pairs that are not confused: upstream's `valid_pairs`, its "Precision total"."""


def total(counts: Iterable[Counts]) -> Counts:
    """The sum of the counts of several pairs."""
    sums = [sum(column) for column in zip(*map(astuple, counts), strict=True)] or [0] * 7
    return Counts(**dict(zip(Counts.__slots__, sums, strict=True)))


def recount(
    marks: Mapping[str, tuple[float, float]],
    samples: Sequence[Sample],
    threshold: float = RELEASED_THRESHOLD,
) -> dict[str, Counts]:
    """The counts of each pair, from the marks of A and B of its answers.

    Samples without a mark or a pair are left out.
    """
    by_pair: dict[str, list[tuple[str, str]]] = {}
    for sample in samples:
        if sample.pair and sample.id in marks:
            choice = marked_choice(*marks[sample.id], threshold)
            by_pair.setdefault(sample.pair, []).append((choice, sample.target))
    return {pair: _counted(answers) for pair, answers in by_pair.items()}


def _counted(answers: Sequence[tuple[str, str]]) -> Counts:
    """The counts of one pair: the choice and the target of each of its answers."""
    choices = [choice for choice, _ in answers]
    is_valid = "-" not in choices
    is_confused = is_valid and len({*choices}) == 1
    return Counts(
        pairs=1,
        set=int(all(choice == target for choice, target in answers)),
        individual=sum(choice == target for choice, target in answers),
        confused=int(is_confused),
        invalid=choices.count("-"),
        valid_pairs=int(is_valid),
        distinct_pairs=int(is_valid and not is_confused),
    )


def threshold_of(
    marks: Mapping[str, tuple[float, float]], stored: Mapping[str, Counts]
) -> float | None:
    """The threshold that most stored pairs were counted with; None where no one serves half.

    What shows it are the answers without a choice and the confused pairs. The released threshold
    goes before others that serve as many pairs.
    """

    def serves(pair: str, threshold: float) -> bool:
        choices = [marked_choice(*marks[f"{pair}/{which}"], threshold) for which in (1, 2)]
        counted = _counted([(choice, "") for choice in choices])
        claimed = stored[pair]
        return (counted.invalid, counted.confused) == (claimed.invalid, claimed.confused)

    served = {tr: sum(serves(pair, tr) for pair in stored) for tr in THRESHOLDS}
    best = max(served, key=served.__getitem__)
    return best if 2 * served[best] > len(stored) else None

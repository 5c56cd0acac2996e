"""Answers to samples, by id and never by position."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace

from medtrust.datasets.predictions.record import Counts, Predictions, some
from medtrust.errors import InputError
from medtrust.records import Sample


def join(predictions: Predictions, samples: Sequence[Sample]) -> Predictions:
    """The same answers in the samples' order, when every sample has one and none is left over.

    A score that upstream's file stores is compared with what its own marks give; a
    difference becomes a note. Raises InputError for unknown and missing ids.
    """
    known = {sample.id for sample in samples}
    unknown = [name for name in predictions.responses if name not in known]
    if unknown:
        raise InputError(_unknown(predictions, unknown, samples))
    missing = [sample.id for sample in samples if sample.id not in predictions.responses]
    if missing:
        raise InputError(
            f"{predictions.path}: {len(missing)} of {len(samples)} samples have no answer: "
            f"{some(missing)}; add them, or name the dataset that was asked"
        )
    return replace(
        predictions,
        responses={sample.id: predictions.responses[sample.id] for sample in samples},
        notes=(*predictions.notes, *_differences(predictions, samples)),
    )


def _unknown(predictions: Predictions, unknown: Sequence[str], samples: Sequence[Sample]) -> str:
    source = predictions.path
    ours = {_family(sample.id) for sample in samples}
    if ours.isdisjoint(map(_family, predictions.responses)):
        wanted = f", the samples' like `{_family(samples[0].id)}...`" if samples else ""
        return (
            f"{source}: answers to another dataset: its ids look like "
            f"`{_family(unknown[0])}...`{wanted}; name the dataset that was asked"
        )
    places = {name: f"line {predictions.lines[name]}" for name in unknown if predictions.lines}
    return f"{source}: {len(unknown)} id(s) are not in the dataset: {some(unknown, places)}"


def _family(sample: str) -> str:
    """The start of an id that its dataset's ids share, fit to print: `cares/`, `mediconfusion:`."""
    ends = [sample.index(mark) + 1 for mark in "/:" if mark in sample]
    return repr(sample[: min([*ends, 40])])[1:-1]


def recount(marks: Mapping[str, tuple[float, float]], samples: Sequence[Sample]) -> Counts:
    """Upstream's totals from the marks of A and B (mediconfusion.md 2.3), pair by pair.

    An answer is the option with the higher mark, and invalid where both are equal. Samples
    without a mark or a pair are left out.
    """
    by_pair: dict[str, list[tuple[str, str]]] = {}
    for sample in samples:
        if sample.pair and sample.id in marks:
            mark_a, mark_b = marks[sample.id]
            choice = "-" if mark_a == mark_b else "A" if mark_a > mark_b else "B"
            by_pair.setdefault(sample.pair, []).append((choice, sample.target))
    pairs = list(by_pair.values())
    valid = [pair for pair in pairs if all(choice != "-" for choice, _ in pair)]
    confused = [pair for pair in valid if len({choice for choice, _ in pair}) == 1]
    return Counts(
        pairs=len(pairs),
        set=sum(all(choice == target for choice, target in pair) for pair in pairs),
        individual=sum(choice == target for pair in pairs for choice, target in pair),
        confused=len(confused),
        invalid=sum(choice == "-" for pair in pairs for choice, _ in pair),
        valid_pairs=len(valid),
        distinct_pairs=len(valid) - len(confused),
    )


def _differences(predictions: Predictions, samples: Sequence[Sample]) -> Iterator[str]:
    claimed = predictions.stored.get("total")
    # A judge's marks were read with a threshold that the file does not record.
    if claimed is None or predictions.judged:
        return
    counted = recount(predictions.marks, samples)
    for field in fields(Counts):
        stored, own = getattr(claimed, field.name), getattr(counted, field.name)
        if stored != own:
            yield f"stored score disagrees with the answers: {field.name} {stored}, counted {own}"

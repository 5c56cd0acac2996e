"""Answers to samples, by id and never by position."""

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace

from medtrust.datasets.predictions.counts import Counts, recount, total
from medtrust.datasets.predictions.record import Predictions, some
from medtrust.errors import InputError
from medtrust.records import RELEASED_THRESHOLD, Sample


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


def _differences(predictions: Predictions, samples: Sequence[Sample]) -> Iterator[str]:
    """Where the scores that a results file stores are not what its own marks come to."""
    threshold = RELEASED_THRESHOLD if predictions.threshold is None else predictions.threshold
    counted = recount(predictions.marks, samples, threshold)
    both = {
        pair: "; ".join(_unlike(predictions.stored[pair], counts))
        for pair, counts in counted.items()
        if predictions.stored.get(pair, counts) != counts
    }
    if both:
        pairs = some(both, both)
        yield f"{len(both)} pair(s) store a score that their marks do not give: {pairs}"
    if predictions.claimed is not None:
        for unlike in _unlike(predictions.claimed, total(counted.values())):
            yield f"stored score disagrees with the answers: {unlike}"


def _unlike(claimed: Counts, counted: Counts) -> Iterator[str]:
    for field in fields(Counts):
        stored, own = getattr(claimed, field.name), getattr(counted, field.name)
        if stored != own:
            yield f"{field.name} {stored}, counted {own}"

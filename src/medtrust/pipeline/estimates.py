"""From read answers to estimates: each task's own, then what sets tasks against each other."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache

from msgspec import structs

from medtrust import registry
from medtrust.errors import InputError
from medtrust.metrics.agreement import agreement, agreement_metric, disagreement
from medtrust.metrics.beside import BESIDE, without
from medtrust.metrics.catalogue import QUARANTINED, load
from medtrust.metrics.change import changes
from medtrust.metrics.correlation import correlations
from medtrust.metrics.evidence import Measured
from medtrust.metrics.macro import macro
from medtrust.metrics.measure import measure
from medtrust.metrics.metric import Settings
from medtrust.metrics.multiplicity import corrected
from medtrust.metrics.repeats import repeated
from medtrust.metrics.verdict import finish
from medtrust.pipeline.answers import Answers
from medtrust.pipeline.reading import PROTOCOLS
from medtrust.records import Estimate, Score

Name = tuple[str, str, str]
"""Model, task, dataset."""


def name_of(answers: Answers) -> Name:
    """What the answers are of."""
    return (answers.model, answers.task.name, answers.dataset)


@cache
def correlation_of(dataset: str) -> float:
    """The intra-cluster correlation that a dataset declares, or else the usual one."""
    try:
        declared: float = registry.load("datasets", dataset).correlation
    except InputError:
        return Settings().correlation
    return declared


def counting(answers: Answers, settings: Settings) -> Settings:
    """The settings with what is known of a result beside its scores."""
    return replace(
        settings,
        correlation=correlation_of(answers.dataset),
        asks=answers.task.asks,
        readers=answers.readers,
    )


def measured_of(
    answers: Answers,
    settings: Settings,
    *,
    base: Answers | None = None,
    before: Sequence[Score] = (),
    text_only: Sequence[Score] = (),
) -> list[Measured]:
    """What the answers of one model, task and dataset come to, before intervals are made.

    Args:
        answers: What the task was answered.
        settings: How figures without a closed form are counted.
        base: For a control: the answers to the task that it varies, where both were asked
            alike but for that.
        before: For a task that is set against another: that other's answers, in both
            protocols, as this task reads them.
        text_only: The answers to the same questions without their images, in both protocols.
    """
    settings = counting(answers, settings)
    families = [load(name) for name in answers.task.metrics]
    official, read = own = [_of(answers.scores, protocol) for protocol in PROTOCOLS]
    found: list[Measured] = []
    for protocol, scores in zip(PROTOCOLS, own, strict=True):
        blind = _of(text_only, protocol)
        for family in (*families, BESIDE, without(families)):
            found += measure(family, scores, settings, blind)
    if read:
        found.append(disagreement(official, read))
        found += repeated(read, families)
    if answers.quarantined or answers.left_out:
        found.append(Measured(estimate=_quarantined(answers)))
    for protocol, after in zip(PROTOCOLS, own, strict=True):
        plain = _of(before, protocol)
        for family in families:
            found += changes(family, plain, after)
    found += _agreement(answers, base) if base else ()
    return [_read_by(answers.reader, one) for one in found]


def _read_by(reader: str, one: Measured) -> Measured:
    """The same, with who read the replies; the official reading is the released code's alone."""
    if not reader or one.estimate.protocol == "official":
        return one
    return structs.replace(one, estimate=structs.replace(one.estimate, reader=reader))


def finished(
    measured: Sequence[Measured], is_primary: Callable[[Estimate], bool]
) -> list[Estimate]:
    """The estimates of a run: with intervals, p-values corrected for their number, and means."""
    rho = correlations(measured, is_primary, correlation_of)
    estimates = [finish(one, rho(one.estimate)) for one in measured]
    estimates = corrected(estimates, is_primary)
    return [*estimates, *macro(estimates)]


def _of(scores: Sequence[Score], protocol: str) -> tuple[Score, ...]:
    return tuple(score for score in scores if score.protocol == protocol)


def _quarantined(answers: Answers) -> Estimate:
    """How many answers stand behind no corrected figure, of how many there would be."""
    aside = sum(answers.quarantined.values()) + answers.left_out
    return Estimate(
        model=answers.model,
        task=answers.task.name,
        dataset=answers.dataset,
        metric=QUARANTINED.name,
        protocol="corrected",
        value=float(aside),
        low=None,
        high=None,
        n=answers.asked + answers.left_out,
        missing=0,
        clusters=0,
    )


def _agreement(answers: Answers, base: Answers) -> Iterator[Measured]:
    """How often a control is answered as its task was."""
    then, now = _of(base.scores, "corrected"), _of(answers.scores, "corrected")
    if then and now:
        yield agreement(then, now, agreement_metric(answers.task.name.partition(":")[0]))

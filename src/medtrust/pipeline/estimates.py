"""From read answers to estimates: each task's own, then what sets tasks against each other."""

from collections.abc import Sequence
from typing import cast

from medtrust import registry
from medtrust.metrics.agreement import agreement, disagreement, flips
from medtrust.metrics.change import change
from medtrust.metrics.macro import macro
from medtrust.metrics.metric import Metric, Resampling
from medtrust.pipeline.answers import Answers
from medtrust.pipeline.reading import PROTOCOLS
from medtrust.records import Estimate, Score
from medtrust.reports.glossary import WILSON, meaning

AGREEMENT = {
    "control/option-swap": "swap_consistency",
    "control/repeat": "repeat_stability",
    "control/text-only": "text_only_agreement",
    "control/image-shuffle": "image_shuffle_agreement",
}
"""What a control's agreement with its task is called."""

Name = tuple[str, str, str]
"""Model, task, dataset."""


def name_of(answers: Answers) -> Name:
    """What the answers are of."""
    return (answers.model, answers.task.name, answers.dataset)


def estimates_of(
    answers: Answers,
    resampling: Resampling,
    *,
    base: Answers | None = None,
    before: Sequence[Score] = (),
) -> list[Estimate]:
    """The estimates of one model, task and dataset.

    Args:
        answers: What the task was answered.
        resampling: How intervals are made.
        base: For a control: the answers to the task that it varies, where both were asked
            alike but for that.
        before: For a task that is set against another: that other's answers, in both
            protocols, as this task reads them.
    """
    estimates = _own(answers, resampling) + _changes(answers, before, resampling)
    return estimates + _agreement(answers, base, resampling) if base else estimates


def with_means(estimates: Sequence[Estimate]) -> list[Estimate]:
    """Estimates of all results, and then their means over datasets."""
    return [*estimates, *macro(estimates, _averaged(estimates))]


def _averaged(estimates: Sequence[Estimate]) -> set[str]:
    """The metrics of which a mean over datasets means something: rates, but no p-values."""
    return {
        estimate.metric
        for estimate in estimates
        if not estimate.metric.endswith(("_p", "_null", WILSON))
        and meaning(estimate.metric).unit == "rate"
    }


def _of(scores: Sequence[Score], protocol: str) -> tuple[Score, ...]:
    return tuple(score for score in scores if score.protocol == protocol)


def _own(answers: Answers, resampling: Resampling) -> list[Estimate]:
    """What a task's own metrics make of its answers."""
    official, corrected = (_of(answers.scores, protocol) for protocol in PROTOCOLS)
    estimates: list[Estimate] = []
    for scores in filter(None, (official, corrected)):
        for metric in answers.task.metrics:
            estimates += cast("Metric", registry.load("metrics", metric))(scores, resampling)
    if corrected:
        estimates.append(disagreement(official, corrected, resampling))
    if any(score.repeat for score in corrected):
        estimates.append(flips(corrected, resampling))
    if answers.quarantined or answers.left_out:
        estimates.append(_quarantined(answers))
    return estimates


def _quarantined(answers: Answers) -> Estimate:
    """How many answers stand behind no corrected figure, of how many there would be."""
    aside = sum(answers.quarantined.values()) + answers.left_out
    return Estimate(
        model=answers.model,
        task=answers.task.name,
        dataset=answers.dataset,
        metric="quarantined",
        protocol="corrected",
        value=float(aside),
        low=None,
        high=None,
        n=answers.asked + answers.left_out,
        missing=0,
        clusters=0,
    )


def _changes(answers: Answers, before: Sequence[Score], resampling: Resampling) -> list[Estimate]:
    """What the task's stimulus changes, in each protocol."""
    estimates: list[Estimate] = []
    for protocol in PROTOCOLS:
        then, now = _of(before, protocol), _of(answers.scores, protocol)
        if then and now:
            for name in answers.task.changes:
                estimates += change(then, now, name, resampling)
    return estimates


def _agreement(answers: Answers, base: Answers, resampling: Resampling) -> list[Estimate]:
    """How often a control is answered as its task was."""
    then, now = _of(base.scores, "corrected"), _of(answers.scores, "corrected")
    if not then or not now:
        return []
    control = answers.task.name.partition(":")[0]
    metric = AGREEMENT.get(control, f"{control}_agreement")
    return [agreement(then, now, metric, resampling)]

"""How often readings of the same question agree: controls, repeats, protocols."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from medtrust.metrics.baselines import NO_BASELINES, Baselines, higher
from medtrust.metrics.metric import Resampling
from medtrust.metrics.ratio import Ratio, estimate
from medtrust.records import Estimate, Score

MISSING = frozenset({"error", "absent"})


class _Unit(NamedTuple):
    """One question or answer that can be compared."""

    cluster: str
    hit: bool


def agreement(
    base: Sequence[Score], control: Sequence[Score], metric: str, resampling: Resampling
) -> Estimate:
    """Share of questions for which the same option was chosen in two tasks.

    Options are compared by their text, so the order in which they were shown does not
    matter. Questions are joined by sample and repeat; those where both answers are a
    choice count. Missing are the base's questions whose answer, or whose control's
    answer, never came. Chance is that of two uniform random choices. The estimate
    belongs to the control's task, under the name `metric`.

    Raises ValueError where there is no control score.
    """
    if not control:
        raise ValueError(f"{metric}: no scores of the control to compare with")
    partners = {(score.sample, score.repeat): score for score in control}
    units: list[_Unit] = []
    chances: list[float] = []
    missing = 0
    for score in base:
        partner = partners.get((score.sample, score.repeat))
        if partner is None or not MISSING.isdisjoint({score.outcome, partner.outcome}):
            missing += 1
        elif score.outcome == partner.outcome == "choice":
            units.append(_Unit(score.cluster, _option(score) == _option(partner)))
            if score.options:
                chances.append(1 / score.options)
    baselines = higher(float(np.mean(chances)) if chances else None, None)
    return _share(metric, units, missing, control[0], resampling, baselines)


def flips(scores: Sequence[Score], resampling: Resampling) -> Estimate:
    """Flip rate: share of questions asked repeatedly that were not answered alike each time.

    An abstention or an unreadable reply is an answer too: it differs from any choice.
    Questions with at least two answers count; missing are those asked at least twice
    of which fewer than two answers came. Raises ValueError without scores.
    """
    if not scores:
        raise ValueError("flip_rate: no scores")
    asked: dict[str, list[Score]] = {}
    for score in scores:
        asked.setdefault(score.sample, []).append(score)
    units: list[_Unit] = []
    missing = 0
    for repeats in asked.values():
        answers = [(s.outcome, _option(s)) for s in repeats if s.outcome not in MISSING]
        if len(answers) > 1:
            units.append(_Unit(repeats[0].cluster, len(set(answers)) > 1))
        elif len(repeats) > 1:
            missing += 1
    return _share("flip_rate", units, missing, scores[0], resampling, NO_BASELINES)


def disagreement(
    official: Sequence[Score], corrected: Sequence[Score], resampling: Resampling
) -> Estimate:
    """Share of answers that the two protocols read differently.

    Readings are the same where both are the same choice, or neither is one. Answers are
    joined by sample and repeat; missing are those that never came. The estimate belongs
    to the corrected protocol. Raises ValueError without corrected scores.
    """
    if not corrected:
        raise ValueError("protocol_disagreement: no corrected scores")
    partners = {(score.sample, score.repeat): score for score in official}
    units: list[_Unit] = []
    missing = 0
    for score in corrected:
        partner = partners.get((score.sample, score.repeat))
        if partner is None or score.outcome in MISSING:
            missing += 1
        else:
            units.append(_Unit(score.cluster, _choice(score) != _choice(partner)))
    return _share("protocol_disagreement", units, missing, corrected[0], resampling, NO_BASELINES)


def _option(score: Score) -> str:
    return score.option or score.choice


def _choice(score: Score) -> str | None:
    return score.choice if score.outcome == "choice" else None


def _share(
    metric: str,
    units: Sequence[_Unit],
    missing: int,
    head: Score,
    resampling: Resampling,
    baselines: Baselines,
) -> Estimate:
    codes = {name: code for code, name in enumerate(sorted({unit.cluster for unit in units}))}
    ratio = Ratio(
        metric=metric,
        top=np.array([unit.hit for unit in units], dtype=np.float64),
        bottom=np.ones(len(units)),
        cluster=np.array([codes[unit.cluster] for unit in units], dtype=np.intp),
        missing=missing,
        baselines=baselines,
    )
    (found,) = estimate([ratio], clusters=len(codes), head=head, resampling=resampling)
    return found

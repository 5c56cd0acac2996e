"""How often readings of the same question agree: controls, repeats, protocols."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from medtrust.metrics.baselines import NO_BASELINES, Baselines, higher
from medtrust.metrics.metric import Resampling
from medtrust.metrics.ratio import Ratio, estimate
from medtrust.records import LETTERS, Estimate, Score

MISSING = frozenset({"error", "absent"})


class _Unit(NamedTuple):
    """One question or answer that can be compared."""

    cluster: str
    hit: bool


def agreement(
    base: Sequence[Score], control: Sequence[Score], metric: str, resampling: Resampling
) -> Estimate:
    """Share of questions for which the same answer was chosen in two tasks.

    Options are compared by their text, so the order in which they were shown does not
    matter. Questions are joined by sample and repeat; those where both answers name
    something (an option, yes or no) count: of two free texts it is not known. Missing are
    the questions of the control that were not answered in both tasks. Chance is that of
    two uniform random choices. The estimate belongs to the control's task, under the name
    `metric`.

    Raises ValueError where there is no control score.
    """
    if not control:
        raise ValueError(f"{metric}: no scores of the control to compare with")
    partners = {(score.sample, score.repeat): score for score in base}
    units: list[_Unit] = []
    chances: list[float] = []
    missing = 0
    for score in control:
        partner = partners.get((score.sample, score.repeat))
        if partner is None or not MISSING.isdisjoint({score.outcome, partner.outcome}):
            missing += 1
        elif score.outcome == partner.outcome == "choice" and _option(score) and _option(partner):
            units.append(_Unit(score.cluster, _option(score) == _option(partner)))
            # Without options on offer, what was named is yes or no.
            chances.append(1 / (score.options or 2))
    baselines = higher(float(np.mean(chances)) if chances else None, None)
    return _share(metric, units, missing, control, resampling, baselines)


def flips(scores: Sequence[Score], resampling: Resampling) -> Estimate:
    """Flip rate: share of questions asked repeatedly that were not answered alike each time.

    An abstention or an unreadable reply is an answer too: it differs from any choice.
    Questions with at least two answers count, but for those answered in free text each
    time, of which it is not known; missing are those asked at least twice of which fewer
    than two answers came. Raises ValueError without scores.
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
        if set(answers) == {("choice", "")}:
            continue
        if len(answers) > 1:
            units.append(_Unit(repeats[0].cluster, len(set(answers)) > 1))
        elif len(repeats) > 1:
            missing += 1
    return _share("flip_rate", units, missing, scores, resampling, NO_BASELINES)


def disagreement(
    official: Sequence[Score], corrected: Sequence[Score], resampling: Resampling
) -> Estimate:
    """Share of answers that the two protocols read differently.

    Readings are the same where both are the same choice, or neither is one. Where one names
    a letter and the other says yes or no, they are the same if both count as right or both as
    not right. Answers are joined by sample and repeat; missing are those that have no reading
    in one of the protocols. The estimate belongs to the corrected protocol. Raises
    ValueError without corrected scores.
    """
    if not corrected:
        raise ValueError("protocol_disagreement: no corrected scores")
    partners = {(score.sample, score.repeat): score for score in official}
    units: list[_Unit] = []
    missing = 0
    for score in corrected:
        partner = partners.get((score.sample, score.repeat))
        if partner is None or not MISSING.isdisjoint({score.outcome, partner.outcome}):
            missing += 1
        else:
            units.append(_Unit(score.cluster, _differ(score, partner)))
    return _share("protocol_disagreement", units, missing, corrected, resampling, NO_BASELINES)


def _option(score: Score) -> str:
    return score.option or score.choice


def _differ(one: Score, other: Score) -> bool:
    if not one.outcome == other.outcome == "choice":
        return "choice" in {one.outcome, other.outcome}
    if (one.choice in LETTERS) != (other.choice in LETTERS):
        return one.value != other.value
    return one.choice != other.choice


def _share(
    metric: str,
    units: Sequence[_Unit],
    missing: int,
    asked: Sequence[Score],
    resampling: Resampling,
    baselines: Baselines,
) -> Estimate:
    # All clusters that were asked about, as for every other figure of the result.
    codes = {name: code for code, name in enumerate(sorted({score.cluster for score in asked}))}
    ratio = Ratio(
        metric=metric,
        top=np.array([unit.hit for unit in units], dtype=np.float64),
        bottom=np.ones(len(units)),
        cluster=np.array([codes[unit.cluster] for unit in units], dtype=np.intp),
        missing=missing,
        baselines=baselines,
    )
    (found,) = estimate([ratio], clusters=len(codes), head=asked[0], resampling=resampling)
    return found

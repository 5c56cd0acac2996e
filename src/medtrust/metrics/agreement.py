"""How often two readings of the same question agree: controls and protocols."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import fsum

import numpy as np
from msgspec import structs

from medtrust.metrics.evidence import Against, Difference, Measured, difference
from medtrust.metrics.measure import estimate, figures, row_of
from medtrust.metrics.metric import OUTSIDE, Metric
from medtrust.metrics.units import MISSING, arranged
from medtrust.records import LETTERS, Estimate, Score

CONTROLS: Mapping[str, Metric] = {
    "control/option-swap": Metric(
        name="swap_consistency",
        title="Swap consistency",
        sentence="Share of questions answered with the same option after the options changed "
        "places.",
        direction="higher",
        judged_by=("chance",),
    ),
    "control/repeat": Metric(
        name="repeat_stability",
        title="Repeat stability",
        sentence="Share of questions answered with the same option each time they were asked.",
        direction="higher",
        judged_by=("chance",),
    ),
    "control/text-only": Metric(
        name="text_only_agreement",
        title="Text-only agreement",
        sentence="Share of questions answered with the same option when the image was withheld: "
        "a high share means that the image matters little.",
        direction="lower",
    ),
    "control/image-shuffle": Metric(
        name="image_shuffle_agreement",
        title="Shuffled-image agreement",
        sentence="Share of questions answered with the same option when another question's image "
        "was shown: a high share means that the image matters little.",
        direction="lower",
    ),
}
"""What a control's agreement with its task is called."""

DISAGREEMENT = Metric(
    name="protocol_disagreement",
    title="Disagreement",
    sentence="Share of answers for which the official and the corrected reading choose "
    "differently.",
    place="detail",
    protocols=("corrected",),
)


def agreement_metric(control: str) -> Metric:
    """A control's agreement with its task; a control of another package gets a plain metric."""
    name = control.partition("/")[2].replace("-", "_")
    return CONTROLS.get(control) or Metric(
        name=f"{control}_agreement",
        title=f"{name[:1].upper()}{name[1:]} agreement".replace("_", " "),
        sentence=f"Share of questions answered with the same option under {control}.",
    )


def agreement(base: Sequence[Score], control: Sequence[Score], metric: Metric) -> Measured:
    """Share of questions for which the same answer was chosen in two tasks.

    Options are compared by their text, so the order in which they were shown does not matter.
    Questions are joined by sample and repeat; those where both answers name something (an option,
    yes or no) count: of two free texts it is not known, and an answer that names nothing is no
    choice whatever the other was. Chance comes from the marginals: what two readers with these
    habits would agree on who know nothing of each other (Cohen 1960, Educ. Psychol. Meas. 20(1)).
    The verdict allows for the error of the marginals too.

    Raises:
        ValueError: There is no control score.
    """
    if not control:
        raise ValueError(f"{metric.name}: no scores of the control to compare with")
    partners = {(score.sample, score.repeat): score for score in base}
    asked = [
        (score, partner)
        for score in control
        if (partner := partners.get((score.sample, score.repeat)))
    ]
    alone = len(control) - len(asked)
    if not asked:
        return Measured(estimate=_empty(control[0], metric, alone))
    own = figures(_with_figure(metric), arranged(asked, [one.sample for one, _ in asked]))
    plain = row_of(_with_figure(metric), own)
    known = [(one, other) for one, other in asked if _agree(one, other) in {0.0, 1.0}]
    against = _by_chance(known, plain, judges="chance" in metric.judged_by)
    found = plain.estimate
    head = estimate(
        control[0],
        metric=metric.name,
        value=found.value,
        n=found.n,
        missing=found.missing + alone,
        clusters=found.clusters,
        against=against,
        direction=metric.direction,
        worst=found.worst,
        best=found.best,
    )
    return Measured(estimate=head, of=plain.of, against=against, direction=metric.direction)


def disagreement(official: Sequence[Score], corrected: Sequence[Score]) -> Measured:
    """Share of answers that the two protocols read differently.

    Readings are the same where both are the same choice, or neither is one. Where one names
    a letter and the other says yes or no, they are the same if both count as right or both as
    not right. Answers are joined by sample and repeat; missing are those that have no reading
    in one of the protocols. The estimate belongs to the corrected protocol.

    Raises:
        ValueError: There are no corrected scores.
    """
    if not corrected:
        raise ValueError("protocol_disagreement: no corrected scores")
    partners = {(score.sample, score.repeat): score for score in official}
    asked = [
        (score, partner)
        for score in corrected
        if (partner := partners.get((score.sample, score.repeat)))
    ]
    if not asked:
        return Measured(estimate=_empty(corrected[0], DISAGREEMENT, len(corrected)))
    names = [one.sample for one, _ in asked]
    return row_of(DISAGREEMENT, figures(_reading(DISAGREEMENT), arranged(asked, names)))


def _empty(head: Score, metric: Metric, missing: int) -> Estimate:
    return estimate(head, metric=metric.name, value=None, n=0, missing=missing, clusters=0)


def _with_figure(metric: Metric) -> Metric:
    return replace(metric, figure=_agree)


def _reading(metric: Metric) -> Metric:
    return replace(metric, figure=_differ)


def option_of(score: Score) -> str:
    """What an answer names: an option's text, or yes or no; empty for free text."""
    return score.option or score.choice


def _agree(one: Score, other: Score) -> float | None:
    answers = [score for score in (one, other) if score.outcome not in MISSING]
    if any(score.outcome != "choice" or not option_of(score) for score in answers):
        return OUTSIDE
    return float(option_of(one) == option_of(other)) if len(answers) == 2 else None


def _differ(one: Score, other: Score) -> float | None:
    if not MISSING.isdisjoint({one.outcome, other.outcome}):
        return None
    if not one.outcome == other.outcome == "choice":
        return float("choice" in {one.outcome, other.outcome})
    if (one.choice in LETTERS) != (other.choice in LETTERS):
        return float(one.value != other.value)
    return float(one.choice != other.choice)


def _by_chance(
    known: Sequence[tuple[Score, Score]], plain: Measured, *, judges: bool
) -> tuple[Against, ...]:
    """Agreement of independent readers with the same habits, and each question's part in it."""
    if not known or plain.of is None:
        return ()
    # A control that reverses the options moves the reference's letter; its habits are compared
    # as letters shown, so the other reader's letters are turned round.
    turned = any(one.target != other.target for one, other in known)
    letters = [(one.choice, _turned(other) if turned else other.choice) for one, other in known]
    mine, theirs = (Counter(side) for side in zip(*letters, strict=True))
    n = len(known)
    chance = fsum(mine[name] * theirs[name] for name in mine) / n**2
    # Influence of a question on agreement minus chance (delta method).
    moved = np.array([float(a == b) - theirs[a] / n - mine[b] / n + chance for a, b in letters])
    clusters = {name: code for code, name in enumerate(sorted({one.cluster for one, _ in known}))}
    cluster = np.array([clusters[one.cluster] for one, _ in known], dtype=np.intp)
    of = _under_independence(difference(moved, np.ones(n), cluster), mine, theirs)
    return (Against(name="chance", value=chance, difference=of, judges=judges),)


def _under_independence(of: Difference, mine: Counter[str], theirs: Counter[str]) -> Difference:
    """The same difference with the variance that it has where the readers are independent.

    The variance of the answers themselves is far too small where a rare answer was not given twice
    by luck. Source: Fleiss, Cohen and Everitt 1969, Psychol. Bull. 72(5), 323-327, equation 14.
    """
    n, moved = of.design.n, of.gained - of.lost
    chance = fsum(mine[name] * theirs[name] for name in mine) / n**2
    skew = fsum(mine[name] * theirs[name] * (mine[name] + theirs[name]) for name in mine) / n**3
    # A difference alone is at least as much: one that a single answer makes is no evidence.
    total = max(abs(moved), n * (chance + chance**2 - skew))
    return structs.replace(
        of,
        gained=(total + moved) / 2,
        lost=(total - moved) / 2,
        design=structs.replace(of.design, scale=1.0),
        independent=False,
    )


def _turned(score: Score) -> str:
    place = LETTERS.find(score.choice)
    return LETTERS[score.options - 1 - place] if 0 <= place < score.options else score.choice

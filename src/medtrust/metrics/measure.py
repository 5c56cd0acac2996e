"""From scores to measured estimates: every metric that is a mean over units, in one way."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from medtrust.metrics.arrays import Bools, Floats, by_code, exact_sum
from medtrust.metrics.evidence import Against, Measured, difference, rate
from medtrust.metrics.metric import OUTSIDE, Family, Metric, Settings
from medtrust.metrics.units import WHOLE, Row, Units, units
from medtrust.records import Estimate, Score, Verdict

ROUNDING = 1e-9
"""Sums of the same numbers in another order differ by less."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Figures:
    """One metric over the units of a result; arrays have shape (units,)."""

    units: Units
    value: Floats
    """Mean over the unit's counted answers; NaN where none counts."""
    lost: Floats
    """Share of the unit's answers that would count or not, had they come."""
    low: Floats
    """The value if every lost answer came to 0, and below to 1."""
    high: Floats

    @property
    def counted(self) -> Bools:
        """Units in the denominator."""
        counted: Bools = np.isfinite(self.value)
        return counted


def measure(
    family: Family,
    scores: Sequence[Score],
    settings: Settings,
    text_only: Sequence[Score] = (),
) -> list[Measured]:
    """All estimates of a family, in the order of its metrics, whole result before groups.

    Args:
        family: What to count.
        scores: All of one model, task, dataset and protocol.
        settings: For the metrics without a closed form.
        text_only: The answers to the same questions without their images, same protocol.
    """
    found: list[Measured] = []
    if not scores:
        return found
    for metric in family.metrics:
        if metric.figure is None or scores[0].protocol not in metric.protocols:
            continue
        if metric.rows_where and not any(map(metric.rows_where, scores)):
            continue
        opponent = None
        if text_only and "text-only" in metric.judged_by:
            opponent = figures(metric, units(text_only, metric.over))
        found += rows(metric, figures(metric, units(scores, metric.over)), opponent)
    return [*found, *family.compute(scores, settings)]


def figures(metric: Metric, arranged: Units) -> Figures:
    """Count a metric's figure of every answer, then fold the repeats of each unit."""
    asked, many = arranged.asked, len(arranged.names)
    official = _is_official(arranged)
    read = (metric.official if official else None) or metric.figure
    assert read is not None  # noqa: S101 - callers leave out metrics without a figure
    about = metric.about
    # None becomes NaN.
    raw = np.array(
        [read(*unit) if about is None or about(*unit) else OUTSIDE for unit in asked],
        dtype=np.float64,
    )
    lost = np.isnan(raw) & arranged.incomplete
    if official and metric.official_missing is not None:
        raw = np.where(lost, metric.official_missing, raw)
    counted: Bools = np.isfinite(raw)
    unit = arranged.unit

    raw[~counted] = 0.0
    kept, n, gone, known, sure = (
        by_code(unit, amounts, many)
        for amounts in (raw, counted, lost, raw * ~lost, counted & ~lost)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        return Figures(
            units=arranged,
            value=kept / n,
            lost=gone / (sure + gone),
            low=known / (sure + gone),
            high=(known + gone) / (sure + gone),
        )


def _is_official(arranged: Units) -> bool:
    return bool(arranged.asked) and arranged.head.protocol == "official"


def rows(metric: Metric, own: Figures, opponent: Figures | None = None) -> Iterator[Measured]:
    """One estimate for the whole result, then one for each group that holds such units."""
    if not len(own.value):
        return
    baselines = _Baselines(metric, own, opponent)
    there = own.counted | (own.lost > 0)
    # The released code prints a figure for every group, empty ones too.
    is_printed = metric.official_empty is not None and _is_official(own.units)
    for row, weight in own.units.weights.items():
        if is_printed or (weight * there).any() or (row == WHOLE and not there.any()):
            yield row_of(metric, own, weight, row, baselines.of)


Opponents = Callable[[Floats, Bools], Iterable[Against]]
"""From the weights of a row's units, and which of them count, to what they are set against."""


def nobody(_: Floats, __: Bools) -> Iterable[Against]:
    """For metrics without a baseline."""
    return ()


def row_of(
    metric: Metric,
    own: Figures,
    weight: Floats | None = None,
    row: Row = WHOLE,
    opponents: Opponents = nobody,
) -> Measured:
    """One row of a metric: the sums, the bounds of what is missing, and the baselines."""
    weight = own.units.weights[WHOLE] if weight is None else weight
    counted = own.counted & (weight > 0)
    value, w, cluster = own.value[counted], weight[counted], own.units.cluster[counted]
    n = float(w.sum())
    of = None
    if n:
        of = (difference if metric.is_magnitude else rate)(value, w, cluster)
    against = tuple(opponents(weight, counted)) if n else ()
    shown = of.value if of else metric.official_empty if _is_official(own.units) else None
    lost = np.where(weight > 0, own.lost, 0.0) > 0
    worst, best = _bounds(metric, own, weight) if lost.any() else (shown, shown)
    unknown = shown is None and bool(metric.judged_by) and bool(lost.any())
    return Measured(
        estimate=estimate(
            own.units.head,
            metric=metric.name,
            verdict="not measured" if unknown else "",
            value=_present(metric, shown, n),
            n=round(n),
            # A part of a question that is missing must not be rounded away.
            missing=ceil(exact_sum((weight * own.lost)[lost]) - ROUNDING),
            clusters=of.design.clusters if of else 0,
            row=row,
            against=against,
            direction=metric.direction,
            worst=_present(metric, worst, n),
            best=_present(metric, best, n),
        ),
        of=of,
        against=against,
        direction=metric.direction,
        is_count=metric.is_count,
        is_magnitude=metric.is_magnitude,
    )


def estimate(
    head: Score,
    *,
    metric: str,
    value: float | None,
    n: int,
    missing: int,
    clusters: int,
    row: Row = WHOLE,
    against: Sequence[Against] = (),
    direction: str = "neither",
    worst: float | None = None,
    best: float | None = None,
    low: float | None = None,
    high: float | None = None,
    interval: str = "",
    verdict: Verdict = "",
) -> Estimate:
    """An estimate of the result that the score `head` belongs to."""
    values = {one.name: one.value for one in against}
    known = [one.value for one in against if one.judges] or [one.value for one in against]
    strongest = min if direction == "lower" else max
    return Estimate(
        model=head.model,
        task=head.task,
        dataset=head.dataset,
        metric=metric,
        protocol=head.protocol,
        value=value,
        low=low,
        high=high,
        n=n,
        missing=missing,
        clusters=clusters,
        group_by=row[0],
        group=row[1],
        baseline=strongest(known) if known else None,
        chance=values.get("chance"),
        constant=values.get("constant"),
        text_only=values.get("text-only"),
        worst=worst,
        best=best,
        interval=interval,
        verdict=verdict,
    )


def _present(metric: Metric, value: float | None, n: float) -> float | None:
    if value is None:
        return None
    if metric.is_magnitude:
        return abs(value)
    return float(round(value * n)) if metric.is_count else value


def _bounds(metric: Metric, own: Figures, weight: Floats) -> tuple[float | None, float | None]:
    """The value with every missing answer against the model, and with every one for it."""
    there = np.isfinite(own.low) & (weight > 0)
    if metric.is_magnitude or not there.any():
        return None, None
    w = weight[there]
    ends = [exact_sum(w * bound[there]) / exact_sum(w) for bound in (own.low, own.high)]
    worst, best = reversed(ends) if metric.direction == "lower" else ends
    return worst, best


class _Baselines:
    """What the units of one metric come to without looking, ready for any row's weights."""

    def __init__(self, metric: Metric, own: Figures, opponent: Figures | None) -> None:
        self._metric, self._own = metric, own
        _, first = np.unique(own.units.unit, return_index=True)
        asked = [own.units.asked[place] for place in first]
        self._chance = self._code = None
        if metric.chance is not None:
            self._chance = np.array([metric.chance(*unit) for unit in asked], dtype=np.float64)
        if metric.constant is not None:
            names = [metric.constant(*unit) for unit in asked]
            codes = {name: code for code, name in enumerate(sorted(set(names) - {""}))}
            self._code = np.array([codes.get(name, -1) for name in names], dtype=np.intp)
        self._other = None
        if opponent is not None:
            there = dict(zip(opponent.units.names, opponent.value, strict=True))
            self._other = np.array([there.get(name, np.nan) for name in own.units.names])

    def of(self, weight: Floats, counted: Bools) -> Iterator[Against]:
        """The baselines of the units that count; none where some are answered in free text."""
        known = self._chance is None or bool(np.isfinite(self._chance[counted]).all())
        if self._chance is not None and known:
            value = exact_sum((weight * self._chance)[counted]) / float(weight[counted].sum())
            yield Against(name="chance", value=value, judges="chance" in self._metric.judged_by)
        if self._code is not None and known:
            held = by_code(self._code[counted] + 1, weight[counted], 2)[1:]
            right = (self._code == int(np.argmax(held))).astype(np.float64)
            yield self._paired("constant", right, weight, counted)
        if self._other is not None:
            both = counted & np.isfinite(self._other)
            if both.any():
                yield self._paired("text-only", self._other, weight, both)

    def _paired(self, name: str, other: Floats, weight: Floats, among: Bools) -> Against:
        w, own = weight[among], self._own.value[among]
        return Against(
            name=name,
            value=exact_sum(w * other[among]) / float(w.sum()),
            difference=difference(own - other[among], w, self._own.units.cluster[among]),
            judges=name in self._metric.judged_by,
        )

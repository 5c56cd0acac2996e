"""The family `costs`: what errors cost, where a file says what each kind of error costs.

To accuracy a missed finding is one error, as a false alarm is. `--costs errors.toml` weighs them:

```toml
[[error]]
reference = "yes"
answer = "no"
cost = 10
```

Reference and answer are letters, option texts, yes or no; an answer may also be `abstention` or
`unparseable`, and `*` is any other wrong answer. Case does not matter. A right answer costs 0.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from math import inf
from pathlib import Path
from typing import Any

from msgspec import structs

from medtrust.errors import InputError
from medtrust.metrics.accuracy import is_closed
from medtrust.metrics.evidence import Measured
from medtrust.metrics.measure import figures, row_of
from medtrust.metrics.metric import OUTSIDE, Family, Metric, Settings
from medtrust.metrics.units import WHOLE, units
from medtrust.metrics.verdict import LIKE_THESE, bounds_of
from medtrust.records import Score

ANY = "*"
BY = "error"
"""The grouping that the rows of each kind of error stand under."""

Costs = Mapping[str, Mapping[str, float]]
"""Reference -> answer -> cost, both in lower case."""

_KEYS = {"reference", "answer", "cost"}

EXPECTED = Metric(
    name="expected_cost",
    title="Expected cost",
    sentence="Mean cost of an answer, by the costs that were given for each kind of error.",
    dimension="trustfulness",
    direction="lower",
    unit="number",
    place="detail",
    protocols=("corrected",),
    about=is_closed,
)


def read_costs(path: Path) -> Costs:
    """The costs of a TOML file.

    Raises:
        InputError: It cannot be read, or an entry is not as described above; it is named.
    """
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("error")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(
            f"{path}: cannot be read as TOML: {' '.join(str(error).split())}"
        ) from None
    if not isinstance(entries, list) or not entries:
        raise InputError(f"{path}: no [[error]] in it; see docs/metrics-cares.md")
    costs: dict[str, dict[str, float]] = {}
    for number, entry in enumerate(entries, start=1):
        reference, answer, cost = _entry(entry, f"{path}: [[error]] number {number}")
        own = costs.setdefault(reference, {})
        if answer in own:
            raise InputError(f"{path}: [[error]] number {number}: {reference} -> {answer} is twice")
        own[answer] = cost
    return costs


def _entry(entry: Any, where: str) -> tuple[str, str, float]:
    if not isinstance(entry, dict) or entry.keys() != _KEYS:
        raise InputError(f"{where}: give exactly reference, answer and cost")
    reference, answer, cost = entry["reference"], entry["answer"], entry["cost"]
    if not isinstance(reference, str) or not isinstance(answer, str):
        raise InputError(f"{where}: reference and answer must be texts")
    if isinstance(cost, bool) or not isinstance(cost, int | float) or not 0 <= cost < inf:
        raise InputError(f"{where}: cost must be a number of at least 0")
    reference, answer = reference.strip().lower(), answer.strip().lower()
    if reference == answer:
        raise InputError(f"{where}: {reference} answered {answer} is right, and costs nothing")
    return reference, answer, float(cost)


def cost_of(costs: Costs, score: Score) -> tuple[str, float] | None:
    """The kind of error and what it costs; None where no answer came, ("", 0) where it is right."""
    if score.value is None:
        return None
    if score.outcome == "choice" and score.value == 1:
        return "", 0.0
    answers = [score.choice, score.option] if score.outcome == "choice" else [score.outcome]
    for reference in (score.target, score.reference):
        own = costs.get(reference.lower(), {})
        for answer in (*map(str.lower, answers), ANY):
            if answer in own:
                return f"{reference} -> {answer}", own[answer]
    return "", 0.0


def compute(scores: Sequence[Score], settings: Settings) -> Iterator[Measured]:
    """The expected cost, then each kind of error's part in it, the dearest kind first.

    Costs are scaled by the largest into [0, 1] for the interval, which is Wilson's or wider, at the
    declared correlation.
    """
    costs = settings.costs
    most = max((cost for own in costs.values() for cost in own.values()), default=0.0)
    if not most or scores[0].protocol == "official" or not any(map(is_closed, scores)):
        return
    arranged = units(scores, "answers")
    found = [cost_of(costs, score) for score in scores if is_closed(score)]
    kinds = dict(
        sorted({one for one in found if one and one[1]}, key=lambda one: (-one[1], one[0]))
    )
    for kind in ("", *kinds):
        metric = replace(EXPECTED, figure=partial(_scaled, costs, most, kind))
        row = row_of(metric, figures(metric, arranged), row=(BY, kind) if kind else WHOLE)
        if row.of is None:
            continue
        bounds = bounds_of(row.of, settings.correlation)
        plain = row.estimate
        yield Measured(
            estimate=structs.replace(
                plain,
                value=row.of.value * most,
                low=bounds.low * most,
                high=bounds.high * most,
                worst=None if plain.worst is None else plain.worst * most,
                best=None if plain.best is None else plain.best * most,
                interval=f"wilson, scaled (largest cost {most:g}); {LIKE_THESE}",
            )
        )


def _scaled(costs: Costs, most: float, kind: str, score: Score) -> float | None:
    """The cost of an answer over the largest, of one kind of error or of all."""
    if not is_closed(score):
        return OUTSIDE
    found = cost_of(costs, score)
    if found is None:
        return None
    return found[1] / most if not kind or found[0] == kind else 0.0


COSTS = Family(metrics=(EXPECTED,), compute=compute)

"""The family `costs`: what errors cost, where a file says what each kind of error costs.

To accuracy a missed finding is one error, as a false alarm is. `--costs errors.toml` weighs them:

```toml
[[error]]
reference = "yes"
answer = "no"
cost = 10
```

A reference is a letter, an option's text, or yes or no (of two options that begin so, too); so is
an answer, or `abstention` or `unparseable`. `*` is any other reference, or any other wrong answer.
Case does not matter. Where several entries fit, one that names the answer comes before one that
names the reference only. A right answer costs 0, and so does an error that no entry fits.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import structs

from medtrust.errors import InputError
from medtrust.metrics.accuracy import is_closed
from medtrust.metrics.arrays import Bools, Floats, exact_sum
from medtrust.metrics.evidence import Against, Measured, difference
from medtrust.metrics.measure import Figures, figures, nobody, row_of
from medtrust.metrics.metric import Family, Metric, Settings
from medtrust.metrics.two_answers import sides_of
from medtrust.metrics.units import WHOLE, units
from medtrust.metrics.verdict import finish
from medtrust.records import LETTERS, Estimate, Score

ANY = "*"
OUTCOMES = frozenset({"abstention", "unparseable", "tie"})
BY = "error"
"""The grouping that the rows of each kind of error stand under."""

Costs = Mapping[str, Mapping[str, float]]
"""Reference -> answer -> cost, both in lower case."""

Error = tuple[str, str]
"""Reference and answer of an entry."""

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
    judged_by=("constant",),
)


def read_costs(path: Path) -> Costs:
    """The costs of a TOML file.

    Raises:
        InputError: It cannot be read, or an entry is not as described above; it is named.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(
            f"{path}: cannot be read as TOML: {' '.join(str(error).split())}"
        ) from None
    entries = content.get("error")
    if not isinstance(entries, list) or not entries:
        raise InputError(f"{path}: no [[error]] in it; see docs/metrics-cares.md")
    if len(content) > 1:
        raise InputError(f"{path}: only [[error]] belongs in it, not {', '.join(sorted(content))}")
    costs: dict[str, dict[str, float]] = {}
    for number, entry in enumerate(entries, start=1):
        where = f"{path}: [[error]] number {number}"
        reference, answer, cost = _entry(entry, where)
        own = costs.setdefault(reference, {})
        if answer in own:
            raise InputError(f"{where}: {reference} -> {answer} is twice")
        own[answer] = cost
    return costs


def _entry(entry: Any, where: str) -> tuple[str, str, float]:
    if not isinstance(entry, dict) or entry.keys() != _KEYS:
        raise InputError(f"{where}: give exactly reference, answer and cost")
    names, cost = [entry["reference"], entry["answer"]], entry["cost"]
    if not all(isinstance(name, str) and name.strip() for name in names):
        raise InputError(f"{where}: reference and answer must be texts that are not empty")
    if isinstance(cost, bool) or not isinstance(cost, int | float) or not 0 <= cost < inf:
        raise InputError(f"{where}: cost must be a number of at least 0")
    reference, answer = (name.strip().lower() for name in names)
    if reference == answer != ANY:
        raise InputError(f"{where}: {reference} answered {answer} is right, and costs nothing")
    return reference, answer, float(cost)


def compute(scores: Sequence[Score], settings: Settings) -> Iterator[Measured]:
    """The expected cost, then each kind of error's part in it: missed findings, then by cost.

    Costs are scaled by the largest into [0, 1], where the figure is a rate like others, and set
    against the constant answer that costs least; bounds and verdict are made at once, at the
    declared correlation.
    """
    costs = settings.costs
    most = max((cost for own in costs.values() for cost in own.values()), default=0.0)
    if not most or scores[0].protocol == "official" or not any(map(is_closed, scores)):
        return
    arranged = units(scores, "answers")
    for kind in (None, *_kinds(costs, scores)):
        largest = most if kind is None else costs[kind[0]][kind[1]]
        metric = replace(EXPECTED, figure=partial(_scaled, costs, largest, kind))
        own = figures(metric, arranged)
        constant = nobody if kind else partial(_constant, costs, most, own)
        row = (BY, " -> ".join(kind)) if kind else WHOLE
        made = row_of(metric, own, row=row, opponents=constant)
        yield Measured(estimate=_unscaled(finish(made, settings.correlation), largest))


def _unscaled(one: Estimate, most: float) -> Estimate:
    names = ("value", "low", "high", "worst", "best", "baseline", "constant")
    known = {name: value for name in names if (value := getattr(one, name)) is not None}
    return structs.replace(
        one,
        interval=one.interval.replace("(", f"(cost over {most:g}, ", 1),
        **{name: value * most for name, value in known.items()},
    )


def _names(score: Score) -> list[str]:
    """What the right answer may be called in a file of costs."""
    return _called(score.target, score.reference, score.details.get("is_yes"))


def _answers(score: Score) -> list[str]:
    if score.outcome != "choice":
        return [score.outcome]
    return _called(score.choice, score.option, score.details.get("said_yes"))


def _called(letter: str, text: str, yes: float | None) -> list[str]:
    word = "" if yes is None else "yes" if yes else "no"
    return [name.lower() for name in (letter, text, word) if name]


def error_of(costs: Costs, names: Sequence[str], answers: Sequence[str]) -> Error | None:
    """The entry that fits an error best; None where none does.

    Args:
        costs: As `read_costs` gives them.
        names: What the right answer is called, in lower case.
        answers: What the one given is called; one of them is enough.
    """
    for said in (answers, [ANY]):
        for name in (*names, ANY):
            for answer in said:
                if answer in costs.get(name, {}):
                    return name, answer
    return None


def _scaled(costs: Costs, most: float, kind: Error | None, score: Score) -> float | None:
    """The cost of an answer over the largest, of one kind of error or of all."""
    if score.value is None:
        return None
    if score.outcome == "choice" and score.value == 1:
        return 0.0
    found = error_of(costs, _names(score), _answers(score))
    if found is None or kind not in {None, found}:
        return 0.0
    return costs[found[0]][found[1]] / most


def _kinds(costs: Costs, scores: Sequence[Score]) -> list[Error]:
    """Entries whose reference is asked about here, those of findings first, then the dearest."""
    sides = sides_of(scores)
    findings: dict[str, bool] = {ANY: False}
    for score in scores:
        if is_closed(score):
            positive = sides is not None and sides(score).reference is True
            for name in _names(score):
                findings[name] = findings.get(name, False) or positive
    kinds = [
        (not findings[name], -cost, name, answer)
        for name, own in costs.items()
        for answer, cost in own.items()
        if cost and name in findings
    ]
    return [(name, answer) for _, _, name, answer in sorted(kinds)]


def _constant(
    costs: Costs, most: float, own: Figures, weight: Floats, counted: Bools
) -> Iterator[Against]:
    """The constant answer that costs least, of those that the file names and are right of some.

    None where it names both letters and texts: which text a letter stands for is not known.
    """
    named = ({*costs} | {answer for each in costs.values() for answer in each}) - {ANY} - OUTCOMES
    if len({name.upper() in {*LETTERS} for name in named}) > 1:
        return
    _, first = np.unique(own.units.unit, return_index=True)
    names = [_names(own.units.asked[place][0]) for place in first]
    here = {name for each, there in zip(names, counted, strict=True) if there for name in each}
    w = weight[counted]
    best: tuple[float, Floats] | None = None
    for answer in sorted(named & here):
        cost = np.array([_cost(costs, each, answer) / most for each in names])[counted]
        value = exact_sum(w * cost) / float(w.sum())
        if best is None or value < best[0]:
            best = value, cost
    if best is not None:
        change = own.value[counted] - best[1]
        paired = difference(change, w, own.units.cluster[counted])
        yield Against(name="constant", value=best[0], difference=paired)


def _cost(costs: Costs, names: Sequence[str], answer: str) -> float:
    found = None if answer in names else error_of(costs, names, [answer])
    return 0.0 if found is None else costs[found[0]][found[1]]


COSTS = Family(metrics=(EXPECTED,), compute=compute)

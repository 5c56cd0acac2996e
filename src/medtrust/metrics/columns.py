"""Scores as columns: one conversion to arrays, which all metrics then share."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np

from medtrust.metrics.bootstrap import Bools, Floats, Ints
from medtrust.records import Score


@dataclass(frozen=True, kw_only=True, eq=False)
class Columns:
    """The scores of one model, task, dataset and protocol; every array has shape (scores,)."""

    scores: Sequence[Score]
    cluster: Ints
    """Code of the cluster, in the order of the clusters' names."""
    clusters: int
    outcome: Mapping[str, Bools]
    """For each outcome, which scores have it."""
    choice: Ints
    """Code of the choice; -1 where the outcome is no choice."""
    target: Ints
    """Code of the reference answer, in the same coding as `choice`."""
    answers: Mapping[str, int]
    """What the codes of `choice` and `target` stand for."""
    value: Floats
    """Correctness in [0, 1]; NaN where the answer is missing."""
    options: Floats
    """Number of possible answers; NaN where the question is open."""
    _details: dict[str, Floats] = field(default_factory=dict, repr=False)

    @property
    def head(self) -> Score:
        """Any one score: it says which model, task, dataset and protocol these are of."""
        return self.scores[0]

    @property
    def chosen(self) -> Bools:
        """Answers that name an option."""
        return self.outcome["choice"]

    @property
    def missing(self) -> Bools:
        """Questions without an answer, through no fault of the model."""
        missing: Bools = self.outcome["error"] | self.outcome["absent"]
        return missing

    @property
    def right(self) -> Bools:
        """Answers that name the option which is the reference."""
        right: Bools = self.choice == self.target
        return right

    @cached_property
    def memberships(self) -> Mapping[str, Mapping[str, Bools]]:
        """Grouping -> group -> which scores belong to it, names in alphabetical order."""
        groupings = sorted({grouping for score in self.scores for grouping in score.groups})
        return {
            grouping: _members([score.groups.get(grouping, ()) for score in self.scores])
            for grouping in groupings
        }

    def detail(self, name: str) -> Floats:
        """`details[name]` of each score, NaN where it has none."""
        if name not in self._details:
            read = (score.details.get(name, np.nan) for score in self.scores)
            self._details[name] = np.fromiter(read, np.float64, len(self.scores))
        return self._details[name]


OUTCOMES = ("choice", "abstention", "unparseable", "tie", "error", "absent")


def columns(scores: Sequence[Score]) -> Columns:
    """Convert scores to arrays. Raises ValueError unless they belong to one result.

    The columns of a tuple, which cannot change, are kept until those of another are asked for:
    every metric of a result shares them.
    """
    return _kept(_Same(scores)) if isinstance(scores, tuple) else _columns(scores)


class _Same:
    """Scores that are equal only to themselves: to compare thousands would cost more."""

    def __init__(self, scores: Sequence[Score]) -> None:
        self.scores = scores

    def __hash__(self) -> int:
        return id(self.scores)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.scores is other.scores


@lru_cache(maxsize=1)
def _kept(scores: _Same) -> Columns:
    return _columns(scores.scores)


def _columns(scores: Sequence[Score]) -> Columns:
    results = {(s.model, s.task, s.dataset, s.protocol) for s in scores}
    if len(results) != 1:
        raise ValueError(f"one model, task, dataset and protocol expected, not {sorted(results)}")
    outcomes = np.array([score.outcome for score in scores])
    cluster, clusters = _codes(score.cluster for score in scores)
    _, answers = _codes(text for score in scores for text in (score.choice, score.target))
    choice = np.array([answers[score.choice] for score in scores])
    return Columns(
        scores=scores,
        cluster=cluster,
        clusters=len(clusters),
        outcome={name: outcomes == name for name in OUTCOMES},
        choice=np.where(outcomes == "choice", choice, -1),
        target=np.array([answers[score.target] for score in scores]),
        answers=answers,
        value=np.array([np.nan if s.value is None else s.value for s in scores], dtype=np.float64),
        options=np.array([_options(score) for score in scores], dtype=np.float64),
    )


def _members(groups: Sequence[tuple[str, ...]]) -> dict[str, Bools]:
    # Few combinations of groups occur, so each is looked into once.
    combinations = {own: code for code, own in enumerate(dict.fromkeys(groups))}
    codes = np.array([combinations[own] for own in groups], dtype=np.intp)
    names = sorted({name for own in combinations for name in own})
    return {name: np.array([name in own for own in combinations])[codes] for name in names}


def tally(weights: Floats, flags: Bools) -> int:
    """Total weight of the units that have the flag; weights are whole numbers."""
    return round(float(weights[flags].sum()))


def _codes(texts: Iterable[str]) -> tuple[Ints, dict[str, int]]:
    """A code for each text, and the codes by text. They do not depend on the texts' order."""
    listed = list(texts)
    codes = {text: code for code, text in enumerate(sorted(set(listed)))}
    return np.array([codes[text] for text in listed], dtype=np.intp), codes


def _options(score: Score) -> float:
    if score.options > 0:
        return score.options
    return 2 if score.target in {"yes", "no"} else np.nan

"""What a metric is: a function from the scores of one result to its estimates."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from medtrust.records import Estimate, Score


@dataclass(frozen=True, slots=True, kw_only=True)
class Resampling:
    """How intervals are made: bootstrap replicates over clusters, and their seed."""

    replicates: int = 2000
    seed: int = 0


class Metric(Protocol):
    """An entry point of the group `medtrust.metrics`.

    `scores` are all of one model, task, dataset and protocol; samples that have no
    answer are among them with the outcomes `error` and `absent`.
    """

    def __call__(self, scores: Sequence[Score], resampling: Resampling) -> list[Estimate]:
        """Estimates with intervals, baselines and the count of missing answers."""
        ...

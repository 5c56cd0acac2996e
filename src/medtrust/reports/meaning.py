"""What a glossary says of a metric."""

from dataclasses import dataclass
from typing import Literal

Direction = Literal["higher", "lower", "neither"]
Unit = Literal["rate", "count", "p-value"]
Place = Literal["main", "detail", "calibration"]
"""Where a metric is shown: beside the scores, in the full table only, or with calibration."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """A metric's short title and plain meaning."""

    title: str
    plain: str
    direction: Direction = "neither"
    place: Place = "main"
    unit: Unit | None = "rate"
    """None where it is not known: then the values decide."""
    is_difference: bool = False
    """Whether its baseline is what comes out where there is no difference to find. A score
    must get beyond its baseline; a difference that does not is no failure."""

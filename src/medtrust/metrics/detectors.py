"""How well the keyword detectors find what they look for, counted on labelled replies."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import msgspec


@dataclass(frozen=True, slots=True, kw_only=True)
class Detector:
    """A detector's verdicts on replies that people labelled."""

    tp: int
    """Replies that have the property, and are found."""
    fn: int
    """... and are not found."""
    tn: int
    """Replies that do not have it, and are left alone."""
    fp: int
    """... and are found all the same."""
    labelled: str
    """Which replies, and whether the detector's makers had seen them."""

    @property
    def sensitivity(self) -> float:
        """Share of the replies with the property that are found."""
        return self.tp / (self.tp + self.fn)

    @property
    def specificity(self) -> float:
        """Share of the replies without it that are left alone."""
        return self.tn / (self.tn + self.fp)


@cache
def detectors() -> dict[str, Detector]:
    """The measured detectors by name (`metrics/detectors.json`)."""
    text = files("medtrust.metrics").joinpath("detectors.json").read_bytes()
    return msgspec.json.decode(text, type=dict[str, Detector])

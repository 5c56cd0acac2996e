"""What a file of answers holds, whatever its format."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from medtrust.datasets.predictions.counts import Counts, total
from medtrust.records import Response


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictions:
    """Answers by sample id, with what else the file says."""

    path: Path
    format: Literal["json-lines", "upstream"]
    digest: str
    """SHA-256 of the file."""
    responses: Mapping[str, tuple[Response, ...]]
    """Sample id -> one response a turn. Empty where upstream wrote `null` for an answer:
    it was asked and its API failed, so the answer is missing, not wrong."""
    lines: Mapping[str, int] = field(default_factory=dict)
    """Sample id -> line of the file (JSON lines only)."""
    marks: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Sample id -> upstream's marks of options A and B, of answers that are null too: 10 and 0
    by its letter parser, 1 to 10 by its judge, 0 and 0 where neither could read the answer."""
    stored: Mapping[str, Counts] = field(default_factory=dict)
    """Pair -> what the file claims as its score, where it has the whole of it."""
    threshold: float | None = None
    """Points by which a judge's mark had to lead, as the stored scores show it."""
    notes: tuple[str, ...] = ()
    """What a reader of the scores should know about the file."""

    @property
    def judged(self) -> bool:
        """Whether the file has a judge's marks (of free-form answers)."""
        firsts = (turns[0].marks for turns in self.responses.values() if turns)
        return any(marks is not None and marks.by == "judge" for marks in firsts)

    @property
    def claimed(self) -> Counts | None:
        """The file's totals; None where a pair has no whole score."""
        whole = self.stored and 2 * len(self.stored) == len(self.marks)
        return total(self.stored.values()) if whole else None


def some(names: Iterable[str], places: Mapping[str, str] | None = None) -> str:
    """Up to five names for a message, each with its place: `'a' (line 3), 'b' and 7 more`."""
    found = list(names)
    shown = ", ".join(
        repr(name[:80]) + (f" ({places[name]})" if places and name in places else "")
        for name in found[:5]
    )
    return shown if len(found) <= 5 else f"{shown} and {len(found) - 5} more"

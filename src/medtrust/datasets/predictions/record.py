"""What a file of answers holds, whatever its format."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from medtrust.records import Response

PARSER_MARKS = frozenset({(10.0, 0.0), (0.0, 10.0), (0.0, 0.0)})
"""The only marks upstream's letter parser gives (mediconfusion.md 2.1, mode `mc`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Totals as upstream counts them (mediconfusion.md 2.3)."""

    pairs: int
    set: int
    """Pairs with both answers right."""
    individual: int
    """Answers that are right."""
    confused: int
    """Valid pairs with the same answer to both images."""
    invalid: int
    """Answers without a choice."""
    valid_pairs: int
    """Pairs without an invalid answer: upstream's `valids`, its column "Valid pairs"."""
    distinct_pairs: int
    """Valid pairs that are not confused: upstream's `valid_pairs`, its "Precision total"."""


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
    """Sample id -> upstream's marks of options A and B: 10 and 0 by its letter parser,
    1 to 10 by its judge, 0 and 0 where neither could read the answer."""
    stored: Mapping[str, Counts] = field(default_factory=dict)
    """Category or `total` -> what the file claims as its score, summed over pairs."""
    notes: tuple[str, ...] = ()
    """What a reader of the scores should know about the file."""

    @property
    def judged(self) -> Mapping[str, tuple[float, float]]:
        """The marks, where a judge gave them (free-form answers); else empty."""
        return {} if set(self.marks.values()) <= PARSER_MARKS else self.marks


def some(names: Iterable[str], places: Mapping[str, str] | None = None) -> str:
    """Up to five names for a message, each with its place: `'a' (line 3), 'b' and 7 more`."""
    found = list(names)
    shown = ", ".join(
        repr(name[:80]) + (f" ({places[name]})" if places and name in places else "")
        for name in found[:5]
    )
    return shown if len(found) <= 5 else f"{shown} and {len(found) - 5} more"

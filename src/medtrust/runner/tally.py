"""How a run stands, when it stops, and whom it tells."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """When to slow down, to warn and to stop."""

    concurrency: int = 0
    """Requests open at once; 0 leaves it to the model's own limit."""
    attempts: int = 8
    """Times one request is asked before it counts as failed."""
    stall: float = 120.0
    """Seconds without any answer before an alarm."""
    give_up: int = 20
    """Requests that fail in a row before the run stops."""
    budget: float | None = None
    """What a run may cost, with what its earlier parts did; asking stops there."""
    price: tuple[float, float] = (0.0, 0.0)
    """Cost of a million prompt tokens and of a million reply tokens, in the budget's currency."""


@dataclass(slots=True)
class Tally:
    """How a run stands; every number counts items on disk."""

    total: int = 0
    known: int = 0
    answered: int = 0
    failed: int = 0
    sent: int = 0
    """Requests answered (items that share a request count once)."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    limit: int = 0
    """Requests that may be open at once just now."""
    replicas: int = 0
    """Copies of the model that are at work on a cluster; 0 for one in this process."""
    stopped: str = ""
    """Why the run ended early, empty where it did not."""

    @property
    def done(self) -> int:
        """Items that need no more asking."""
        return self.known + self.answered

    def charge(self, prompt: int, completion: int, price: tuple[float, float]) -> None:
        """Add the tokens of an answer; `price` is that of `Limits`."""
        self.prompt_tokens += prompt
        self.completion_tokens += completion
        self.cost = (self.prompt_tokens * price[0] + self.completion_tokens * price[1]) / 1e6


def _tell_nobody(_: object) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Watcher:
    """Whom the loop tells. `changed` after each commit, `warn` with one line for a person."""

    changed: Callable[[Tally], None] = _tell_nobody
    warn: Callable[[str], None] = _tell_nobody


def unwatched(_model: str) -> Watcher:
    """A watcher for nobody."""
    return Watcher()

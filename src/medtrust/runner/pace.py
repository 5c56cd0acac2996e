"""How fast to ask: a limit that a server's complaints lower and its answers raise."""

import asyncio
import random

FIRST_WAIT = 0.5
LONGEST_WAIT = 60.0
"""Seconds. A server's own Retry-After is honoured up to five times this."""


def wait_before(attempt: int, retry_after: float | None, rng: random.Random) -> float:
    """Seconds to wait before asking again, `attempt` counting from 1.

    Exponential with full jitter, so that requests that failed together do not
    come back together; never less than the server asked for.
    """
    backoff = rng.uniform(0, min(LONGEST_WAIT, FIRST_WAIT * 2**attempt))
    if retry_after is None:
        return backoff
    return min(retry_after, 5 * LONGEST_WAIT) + backoff


class Pace:
    """How many requests may be open at once: between 1 and `most`.

    Additive increase, multiplicative decrease, as in TCP (RFC 5681): a round of
    answers adds one, a throttled request takes a third. Of the requests that were
    open together when the server complained, only the first counts.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.limit = float(most)
        self.open = 0
        self._epoch = 0
        self._waiters: list[asyncio.Future[None]] = []

    async def enter(self) -> int:
        """Wait for a place, to be left again; returns the epoch to report back with."""
        while self.open >= int(self.limit):
            waiter = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            try:
                await waiter
            finally:
                if waiter in self._waiters:
                    self._waiters.remove(waiter)
        self.open += 1
        return self._epoch

    def leave(self) -> None:
        """Give a place back."""
        self.open -= 1
        self._wake()

    def answered(self) -> None:
        """A request came back well."""
        if self.limit < self.most:
            self.limit = min(float(self.most), self.limit + 1 / self.limit)
            self._wake()

    def throttled(self, epoch: int) -> None:
        """The server asked for less; `epoch` is what the request's slot gave."""
        if epoch == self._epoch:
            self._epoch += 1
            self.limit = max(1.0, self.limit * 2 / 3)

    def _wake(self) -> None:
        free = int(self.limit) - self.open
        while free > 0 and self._waiters:
            waiter = self._waiters.pop(0)
            if not waiter.done():
                waiter.set_result(None)
                free -= 1

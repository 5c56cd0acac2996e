"""A time limit for everything that is open, kept by one timer.

A timer for each request, as `asyncio.timeout` and aiohttp have it, costs a twelfth of the request
to set and to take back, and next to none ever rings. But all have the same time: what began first
is over first. So one timer is set for the oldest, and when it rings, for what is the oldest then.
"""

import asyncio
from types import TracebackType


class TimeLimit:
    """How many seconds each `with limit.block():` may take; for one event loop."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._open: dict[Block, float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def block(self) -> "Block":
        """Some lines of a task that are ended with TimeoutError once their time is over."""
        return Block(self)

    def begin(self, block: "Block") -> None:
        """Count a block's time from now."""
        loop = asyncio.get_running_loop()
        self._open[block] = end = loop.time() + self.seconds
        if self._timer is None:
            self._timer = loop.call_at(end, self._ring, loop)

    def end(self, block: "Block") -> None:
        """Count it no longer."""
        del self._open[block]

    def close(self) -> None:
        """Take the timer back; nothing may be open."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ring(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        now = loop.time()
        for block, end in self._open.items():
            if end > now:
                self._timer = loop.call_at(end, self._ring, loop)
                return
            block.expire()


class Block:
    """One use of a limit. As with `asyncio.timeout`, others may cancel the task too."""

    __slots__ = ("_cancelling", "_expired", "_limit", "_task")

    def __init__(self, limit: TimeLimit) -> None:
        self._limit = limit
        self._expired = False

    def __enter__(self) -> None:
        """Begin."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("only a task's time can be limited")
        self._task, self._cancelling = task, task.cancelling()
        self._limit.begin(self)

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        """End; a cancellation that is nobody else's becomes TimeoutError."""
        self._limit.end(self)
        if self._expired:
            others = self._task.uncancel() > self._cancelling
            if kind is asyncio.CancelledError and not others:
                raise TimeoutError

    def expire(self) -> None:
        """Cancel what the task waits for, once."""
        if not self._expired:
            self._expired = True
            self._task.cancel()

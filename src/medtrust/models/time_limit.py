"""A time limit for everything that is open, kept by one timer.

A timer for each request, as `asyncio.timeout` and aiohttp have it, costs a twelfth of the request
to set and to take back, and next to none ever rings. But all have the same time: what began first
is over first. So one timer is set for the oldest, and when it rings, for what is the oldest then.
"""

import asyncio
from typing import Any


class TimeLimit:
    """`with limit:` gives a task so many seconds for what is in there, then raises TimeoutError.

    For the running event loop; a task may be in it once at a time. As with `asyncio.timeout`,
    others may cancel the task too, and then it is cancelled.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._open: dict[asyncio.Task[Any], tuple[float, int]] = {}
        """Task -> when its time is over, and how often it had been cancelled before."""
        self._late: set[asyncio.Task[Any]] = set()

    def __enter__(self) -> None:
        """Count the task's time from now."""
        task = self._task()
        end = self._loop.time() + self._seconds
        self._open[task] = (end, task.cancelling())
        if self._timer is None:
            self._timer = self._loop.call_at(end, self._ring)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Count it no longer; a cancellation that is nobody else's becomes TimeoutError."""
        task = self._task()
        before = self._open.pop(task)[1]
        if task in self._late:
            self._late.remove(task)
            others = task.uncancel() > before
            if kind is asyncio.CancelledError and not others:
                raise TimeoutError

    def close(self) -> None:
        """Take the timer back; no task may be in it any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _task(self) -> asyncio.Task[Any]:
        task = asyncio.current_task(self._loop)
        if task is None:
            raise RuntimeError("only a task's time can be limited")
        return task

    def _ring(self) -> None:
        self._timer = None
        now = self._loop.time()
        for task, (end, _) in self._open.items():
            if end > now:
                self._timer = self._loop.call_at(end, self._ring)
                return
            if task not in self._late:
                self._late.add(task)
                task.cancel()

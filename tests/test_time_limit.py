"""One timer for many limits: what is over is ended, and nothing else is."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from medtrust.models.time_limit import TimeLimit

SHORT = 0.05
LONG = 30.0


def run(body: Callable[[TimeLimit], Awaitable[Any]], seconds: float = SHORT) -> Any:
    """The body's result under a limit of its own."""

    async def main() -> Any:
        limit = TimeLimit(seconds)
        try:
            return await body(limit)
        finally:
            limit.close()

    return asyncio.run(main())


async def wait(limit: TimeLimit, seconds: float = LONG) -> str:
    with limit:
        await asyncio.sleep(seconds)
    return "in time"


def test_what_takes_too_long_is_ended() -> None:
    with pytest.raises(TimeoutError):
        run(wait)


def test_what_is_in_time_is_left_alone() -> None:
    async def body(limit: TimeLimit) -> Any:
        quick = [await wait(limit, 0) for _ in range(100)]
        await asyncio.sleep(2 * SHORT)  # the timer of the first rings for nobody
        return quick

    assert run(body) == ["in time"] * 100


def test_each_has_its_own_time() -> None:
    async def body(limit: TimeLimit) -> Any:
        late: list[str] = []

        async def begin(name: str) -> None:
            with pytest.raises(TimeoutError):
                await wait(limit)
            late.append(name)

        first = asyncio.create_task(begin("first"))
        await asyncio.sleep(SHORT / 2)
        await asyncio.gather(first, begin("second"))
        return late

    assert run(body) == ["first", "second"]


def test_a_cancelled_task_is_no_late_one() -> None:
    async def body(limit: TimeLimit) -> Any:
        task = asyncio.create_task(wait(limit))
        await asyncio.sleep(0)
        task.cancel()
        return await asyncio.gather(task, return_exceptions=True)

    (found,) = run(body, LONG)
    assert isinstance(found, asyncio.CancelledError)


def test_a_late_task_that_is_cancelled_too_stays_cancelled() -> None:
    async def late(limit: TimeLimit) -> None:
        task = asyncio.current_task()
        assert task is not None
        with limit:
            try:
                await asyncio.sleep(LONG)
            except asyncio.CancelledError:
                task.cancel()  # by somebody else, before the limit's own has come out
                raise

    async def body(limit: TimeLimit) -> Any:
        return await asyncio.gather(asyncio.create_task(late(limit)), return_exceptions=True)

    (found,) = run(body)
    assert isinstance(found, asyncio.CancelledError)


def test_a_task_goes_on_after_its_time_was_over() -> None:
    async def body(limit: TimeLimit) -> Any:
        with pytest.raises(TimeoutError):
            await wait(limit)
        await asyncio.sleep(0)  # would raise if a cancellation were left
        return await wait(limit, 0)

    assert run(body) == "in time"


def test_an_error_of_its_own_is_kept() -> None:
    async def body(limit: TimeLimit) -> Any:
        with limit:
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        run(body)

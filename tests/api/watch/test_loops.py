"""Background loops survive database outages."""

import asyncio
from contextlib import suppress

import psycopg
import pytest

from api.watch import loops
from api.watch.loops import Loop


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "FIRST_WAIT", 0.001)
    monkeypatch.setattr(loops, "LONGEST_WAIT", 0.004)


async def run(loop: Loop) -> None:
    with suppress(StopAsyncIteration):
        await loop.run()


async def test_a_loop_continues_after_a_database_outage() -> None:
    states: list[tuple[int, str | None]] = []

    async def step() -> None:
        states.append((loop.failures, loop.fault))
        if len(states) in (2, 3):
            raise psycopg.OperationalError
        if len(states) == 6:
            raise StopAsyncIteration

    loop = Loop("feed", step)
    await run(loop)
    away = "OperationalError"
    assert states == [(0, None), (0, None), (1, away), (2, away), (0, None), (0, None)]


async def test_a_loop_is_well_again_before_its_rest_and_not_after_it() -> None:
    """One that works every ten minutes was shown as failing for ten minutes after the database was back."""
    calls: list[int] = []
    worked = asyncio.Event()

    async def step() -> None:
        calls.append(loop.failures)
        if len(calls) == 1:
            raise psycopg.OperationalError
        worked.set()

    loop = Loop("cases", step, rest_s=3600)
    task = asyncio.create_task(loop.run())
    async with asyncio.timeout(5):
        await worked.wait()
        await asyncio.sleep(0)
    assert calls == [0, 1] and loop.is_healthy and loop.fault is None
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_bug_in_a_step_is_not_swallowed() -> None:
    async def step() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await Loop("feed", step).run()


async def test_a_loop_can_be_cancelled_while_it_waits() -> None:
    async def step() -> None:
        raise psycopg.OperationalError

    loop = Loop("feed", step)
    task = asyncio.create_task(loop.run())
    async with asyncio.timeout(5):
        while loop.is_healthy:  # noqa: ASYNC110
            await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_broken_loop_is_reported_and_restarted() -> None:
    calls: list[str | None] = []
    begun_again = asyncio.Event()

    async def step() -> None:
        calls.append(loop.fault)
        if len(calls) == 1:
            raise ZeroDivisionError
        begun_again.set()
        await asyncio.Event().wait()

    loop = Loop("hexes", step)
    task = asyncio.create_task(loop.keep_running())
    async with asyncio.timeout(5):
        await begun_again.wait()
    assert calls == [None, "ZeroDivisionError"]
    assert not loop.is_healthy
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_cancelled_loop_has_ended_its_step() -> None:
    """Closing a connection while a response is pending crashes the process."""
    begun, ended = asyncio.Event(), []

    async def step() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.01)
            ended.append("left")

    task = asyncio.create_task(Loop("pulse", step).keep_running())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == ["left"]

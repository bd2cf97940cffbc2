"""One answer for all who ask for the same at the same time."""

import asyncio
from collections.abc import Callable

import pytest

from api.live.single_flight import SingleFlight


class Kitchen:
    """Makes numbered answers, each when it is let."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.at_once = self.most_at_once = 0
        self.let = asyncio.Event()

    def making(self, name: str) -> Callable[[], asyncio.Future[str] | asyncio.Task[str]]:
        return lambda: asyncio.ensure_future(self._make(name))

    async def _make(self, name: str) -> str:
        self.begun.append(name)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await self.let.wait()
        self.at_once -= 1
        return f"{name} {len(self.begun)}"


async def turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_callers_before_the_start_share_one_result() -> None:
    together, kitchen = SingleFlight[str](most=1), Kitchen()
    kitchen.let.set()
    answers = await asyncio.gather(*(together.ask("soup", kitchen.making("soup")) for _ in range(100)))
    assert answers == ["soup 1"] * 100
    assert kitchen.begun == ["soup"]


async def test_a_caller_after_the_start_gets_a_new_run() -> None:
    together, kitchen = SingleFlight[str](most=1), Kitchen()
    early = asyncio.create_task(together.ask("soup", kitchen.making("soup")))
    await turns()
    late = [asyncio.create_task(together.ask("soup", kitchen.making("soup"))) for _ in range(100)]
    await turns()
    kitchen.let.set()
    assert await early == "soup 1"
    assert await asyncio.gather(*late) == ["soup 2"] * 100


async def test_different_keys_run_a_few_at_a_time() -> None:
    together, kitchen = SingleFlight[str](most=2), Kitchen()
    asked = [asyncio.create_task(together.ask(n, kitchen.making(str(n)))) for n in range(10)]
    await turns()
    assert len(kitchen.begun) == 2
    kitchen.let.set()
    await asyncio.gather(*asked)
    assert kitchen.most_at_once == 2
    assert len(kitchen.begun) == 10


async def test_an_error_is_raised_for_all_waiting_callers_and_the_next_one_retries() -> None:
    together = SingleFlight[int](most=1)

    async def fail() -> int:
        raise ZeroDivisionError

    async def succeed() -> int:
        return 1

    answers = await asyncio.gather(*(together.ask("x", fail) for _ in range(3)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [ZeroDivisionError] * 3
    assert await together.ask("x", succeed) == 1


async def test_a_cancelled_caller_does_not_affect_the_others() -> None:
    together, kitchen = SingleFlight[str](most=1), Kitchen()
    leaving = asyncio.create_task(together.ask("soup", kitchen.making("soup")))
    staying = asyncio.create_task(together.ask("soup", kitchen.making("soup")))
    await turns()
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    kitchen.let.set()
    assert await staying == "soup 1"

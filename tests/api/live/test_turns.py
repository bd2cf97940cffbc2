"""Turns of accounts: one account's reads wait for each other, and no other account for them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager

import pytest

from api.live.single_flight import SingleFlight
from api.live.turns import TooManyReads, Turns

FLOODER, OTHER = 1, 2


class Readers:
    """Reads that take until they are let."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.begun: list[int] = []
        self.let = asyncio.Event()

    async def read(self, account: int) -> None:
        async with self.turns.turn(account):
            self.begun.append(account)
            await self.let.wait()

    @asynccontextmanager
    async def reading(self, *accounts: int) -> AsyncIterator[list[asyncio.Task[None]]]:
        tasks = [asyncio.create_task(self.read(account)) for account in accounts]
        await settled()
        yield tasks
        self.let.set()
        await asyncio.gather(*tasks, return_exceptions=True)


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_another_account_does_not_wait_for_a_flood_of_one() -> None:
    readers = Readers(Turns(of_account=1, waiting=30, in_all=2))
    async with readers.reading(*[FLOODER] * 24, OTHER):
        assert readers.begun == [FLOODER, OTHER]


async def test_an_account_whose_queue_is_full_is_refused_and_told_when_to_ask_again() -> None:
    readers = Readers(Turns(of_account=1, waiting=8))
    async with readers.reading(*[FLOODER] * 24) as tasks:
        refused = [task.exception() for task in tasks if task.done()]
        assert len(refused) == 15
        assert all(isinstance(error, TooManyReads) and error.params["seconds"] > 0 for error in refused)
    assert len(readers.begun) == 9


async def test_accounts_take_turns_where_only_some_run_in_all() -> None:
    readers = Readers(Turns(of_account=1, waiting=8, in_all=1))
    async with readers.reading(FLOODER, FLOODER, FLOODER, OTHER):
        assert readers.begun == [FLOODER]
        readers.let.set()
        await settled()
    assert readers.begun.index(OTHER) == 1


async def test_a_read_that_fails_or_is_cancelled_gives_its_turn_back() -> None:
    turns = Turns(of_account=1, waiting=0)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            async with turns.turn(FLOODER):
                raise ZeroDivisionError
    readers = Readers(turns)
    async with readers.reading(FLOODER) as (task,):
        task.cancel()
        await settled()
        async with turns.turn(FLOODER):
            pass


async def test_equal_reads_of_one_account_wait_for_one_turn_and_share_what_it_reads() -> None:
    turns, flights = Turns(of_account=1, waiting=1), SingleFlight[int](most=2)
    made: list[int] = []

    async def make() -> int:
        made.append(len(made))
        return made[-1]

    async with turns.turn(FLOODER):
        asked = [asyncio.create_task(flights.ask("moment", make, turn=turns.turn(FLOODER))) for _ in range(24)]
        await settled()
        assert made == []
    assert await asyncio.gather(*asked) == [0] * 24


async def test_a_refused_turn_is_refused_to_all_that_wait_for_the_same_and_the_next_asks_anew() -> None:
    turns, flights = Turns(of_account=1, waiting=0), SingleFlight[str](most=2)

    def ask() -> Awaitable[str]:
        return flights.ask("moment", _done, turn=turns.turn(FLOODER))

    async with turns.turn(FLOODER):
        refused = await asyncio.gather(ask(), ask(), return_exceptions=True)
        assert [type(error) for error in refused] == [TooManyReads] * 2
    assert await ask() == "done"


async def _done() -> str:
    return "done"

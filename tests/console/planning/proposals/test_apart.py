"""The process of a search: it tells of progress, answers, and ends with whoever asked."""

import asyncio
from collections.abc import Mapping
from random import Random
from typing import Any

import pytest

from console.planning.proposals.apart import SearchEnded, search_apart
from console.planning.proposals.searching import job_of
from tests.geo.coverage.evening.lands import lattice, row

pytestmark = pytest.mark.served


async def test_a_search_in_a_process_of_its_own_finds_the_same_cause() -> None:
    told: list[Mapping[str, Any]] = []
    land = row([10, 10, 10, 40, 10, 10, 10], [0, 0, 1, 1, 2, 2, 3])
    found = await search_apart(job_of(land, {}, seconds=20), told.append)
    (why,) = found["bottlenecks"]
    assert (why["cause"], why["pieces"], why["share"]) == ("piece", [3], 0.4)
    assert found["settled"] and len(found["alternatives"]) == 1 and told[0].keys() == {"share", "worst"}


async def test_a_search_that_is_cancelled_ends_within_a_second() -> None:
    begun = asyncio.Event()
    land = lattice(12, 12, group=4, rng=Random(1))
    task = asyncio.create_task(search_apart(job_of(land, {}, seconds=60), lambda _: begun.set()))
    await asyncio.wait([asyncio.create_task(begun.wait()), task], timeout=60, return_when=asyncio.FIRST_COMPLETED)
    task.cancel()
    async with asyncio.timeout(1):
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_a_search_ends_when_its_time_is_up() -> None:
    land = lattice(12, 12, group=4, rng=Random(1))
    found = await search_apart(job_of(land, {}, seconds=0.2), lambda _: None)
    assert not found["settled"]


async def test_a_process_that_ends_without_a_result_is_told() -> None:
    with pytest.raises(SearchEnded):
        await search_apart(b"{}", lambda _: None)

"""Changes are numbered by one after the other: a snapshot waits for numbers that are about to be committed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

import pytest

from api.keeping.postgres.roles import Urls, conninfo_of
from api.live.feed_publisher import FeedListener, FeedPublisher
from api.live.moments import Moments
from console.feed import actions
from geo.store import Reach, Store
from tests.worlds import NOW, ROOT, World


class OneTransaction:
    """A store whose transactions are counted while they are open."""

    def __init__(self) -> None:
        self.open = self.most = 0

    @asynccontextmanager
    async def transaction(self, _reach: Any) -> AsyncIterator[None]:
        self.open += 1
        self.most = max(self.most, self.open)
        try:
            yield
        finally:
            self.open -= 1


async def test_a_snapshot_numbers_what_waits_after_the_server_itself_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    committed, begun = asyncio.Event(), 0

    async def sequence(_session: Any, **_options: Any) -> int:
        nonlocal begun
        begun += 1
        await committed.wait()
        return 0

    monkeypatch.setattr(actions, "sequence", sequence)
    store = OneTransaction()
    nothing = cast(Any, SimpleNamespace())
    publisher = FeedPublisher(
        cast(Any, store),
        nothing,
        root=nothing,
        sources=nothing,
        moments=Moments(),
        now=lambda: NOW,
    )
    both = asyncio.gather(publisher.number_events(), publisher.number_events())
    for _ in range(20):
        await asyncio.sleep(0)
    assert begun == 1
    committed.set()
    await both
    assert (begun, store.most) == (2, 1)


async def test_numbering_wakes_other_processes_and_not_the_one_that_did_it(
    database: Urls, store: Store, world: World
) -> None:
    own, other = asyncio.Event(), asyncio.Event()
    listeners = [
        FeedListener(conninfo_of(database.app), woken, counted=asyncio.Event(), own=name)
        for woken, name in ((own, "mine"), (other, "another's"))
    ]
    try:
        listening = [asyncio.create_task(one.step()) for one in listeners]
        for _ in range(50):  # Until both connections listen.
            own.clear()
            async with store.transaction(Reach(scope=ROOT)) as session:
                await session.execute(actions.NOTIFY_NUMBERED, {"payload": "mine"})
            if await asyncio.wait(listening, timeout=0.2) != (set(), {*listening}) and other.is_set():
                break
        await asyncio.gather(*listening)
    finally:
        for one in listeners:
            await one.close()
    assert other.is_set() and not own.is_set()


async def test_what_a_snapshot_has_numbered_is_published_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    async def sequence(_session: Any, **_options: Any) -> int:
        return 1

    monkeypatch.setattr(actions, "sequence", sequence)
    nothing = cast(Any, SimpleNamespace())
    publisher = FeedPublisher(
        cast(Any, OneTransaction()), nothing, root=nothing, sources=nothing, moments=Moments(), now=lambda: NOW
    )
    assert await publisher.number_events() == 1 and publisher.wake.is_set()

"""Changes are numbered by one after the other: a snapshot waits for numbers that are about to be committed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

import pytest

from api.live.feed_publisher import FeedPublisher
from api.live.moments import Moments
from console.feed import actions
from tests.worlds import NOW


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

"""Watching over what has been asked and not answered, beside the requests."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from api.watch.loops import Loop
from console.tasks.actions import warn_unanswered
from geo.store import Reach, Store

PASS_SECONDS = 1.0


def watch_unanswered(store: Store, *, root: str, now: Callable[[], datetime]) -> Loop:
    """A loop that warns of every task whose force has not answered in time. `root`: the root division's path.

    Several servers may run it at once: each row is marked by one of them.
    """

    async def look() -> None:
        async with store.transaction(Reach(scope=root)) as session:
            await warn_unanswered(session, now=now())
        await asyncio.sleep(PASS_SECONDS)

    return Loop("unanswered", look)

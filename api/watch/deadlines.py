"""Sweeping the deadlines of all features, beside the requests."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from api.watch.loops import Loop
from console.deadlines.actions import sweep
from console.incidents.deadlines import KINDS as OF_INCIDENTS
from console.tasks.deadlines import KINDS as OF_TASKS
from geo.store import Reach, Store

KINDS = (*OF_TASKS, *OF_INCIDENTS)
"""Every kind of deadline there is: each feature's own, put together."""

PASS_SECONDS = 1.0


def watch_deadlines(store: Store, *, root: Reach, now: Callable[[], datetime]) -> Loop:
    """A loop that fires what is due, and warns of what will be. `root` reaches everything.

    Several servers may run it at once: each deadline is taken by one of them.
    """

    async def sweep_all() -> None:
        swept = True
        while swept:
            async with store.transaction(root) as session:
                swept = bool(await sweep(session, KINDS, now=now()))
        await asyncio.sleep(PASS_SECONDS)

    return Loop("deadlines", sweep_all)

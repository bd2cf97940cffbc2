"""Opening the cases of incidents that have none: from before the pack had a case flow, or added beside the server; and
passing on those whose place new lines have put beyond their unit, and those of posts that nobody holds any more.
"""

from collections.abc import Callable
from datetime import datetime

from api.watch.loops import AFTER_SCREENS_SECONDS, Loop
from console.access.rules import Actor
from console.cases.casework import Casework
from console.cases.history import open_missing
from console.cases.moving import leave_post, left_posts
from console.cases.rehoming import rehome_cases, stray_cases
from console.notices.rules import Delivery
from geo.store import Reach, Store

AT_ONCE = 500
FEW = 50
"""Stray cases in one transaction: each is locked and written alone."""
PASS_SECONDS = 60.0
KEEPER = "keeper"


def watch_cases(
    store: Store, work: Casework | None, delivery: Delivery, *, root: Reach, now: Callable[[], datetime]
) -> Loop:
    """A loop that opens missing cases, those of open incidents first, and passes on stray ones, some in each
    transaction, and those of posts that nobody holds.
    """

    async def keep() -> None:
        if work is not None:
            await open_all(store, work, root=root, now=now)
            await pass_on_strays(store, work, delivery, root=root, now=now)
            await empty_left_posts(store, work, root=root, now=now)

    return Loop("cases", keep, rest_s=PASS_SECONDS, first_s=AFTER_SCREENS_SECONDS)


async def open_all(store: Store, work: Casework, *, root: Reach, now: Callable[[], datetime]) -> None:
    """Open the missing cases."""
    opened = AT_ONCE
    while opened == AT_ONCE:
        async with store.transaction(root) as session:
            opened = await open_missing(session, work, actor=keeper_of(root), limit=AT_ONCE, now=now())


async def pass_on_strays(
    store: Store, work: Casework, delivery: Delivery, *, root: Reach, now: Callable[[], datetime]
) -> None:
    """Pass on the cases whose unit works in another division."""
    while True:
        async with store.transaction(root) as session:
            strays = await stray_cases(session, limit=FEW)
            actor = keeper_of(root)
            passed = await rehome_cases(session, work, strays, delivery=delivery, actor=actor, now=now())
        if passed < FEW:
            return


async def empty_left_posts(store: Store, work: Casework, *, root: Reach, now: Callable[[], datetime]) -> None:
    """Give the running cases of posts that nobody holds any more to the queues of their units, post by post."""
    async with store.transaction(root) as session:
        posts = await left_posts(session, day=now().astimezone(work.zone).date())
    for post in posts:
        async with store.transaction(root) as session:
            await leave_post(session, work, post, successor=None, by=None, now=now())


def keeper_of(root: Reach) -> Actor:
    """Return the actor that does the server's own work."""
    return Actor(user_id=0, username=KEEPER, role="source", scope=root.scope or "")

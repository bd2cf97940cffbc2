"""Opening the cases of incidents that have none: from before the pack had a case flow, or added beside the server."""

from collections.abc import Callable
from datetime import datetime

from api.watch.loops import Loop
from console.access.rules import Actor
from console.cases.casework import Casework
from console.cases.history import open_missing
from geo.store import Reach, Store

AT_ONCE = 500
PASS_SECONDS = 600.0
KEEPER = "keeper"


def watch_cases(store: Store, work: Casework | None, *, root: Reach, now: Callable[[], datetime]) -> Loop:
    """A loop that opens missing cases, those of open incidents first, some in each transaction."""
    actor = keeper_of(root)

    async def open_some() -> None:
        opened = AT_ONCE if work is not None else 0
        while work is not None and opened == AT_ONCE:
            async with store.transaction(root) as session:
                opened = await open_missing(session, work, actor=actor, limit=AT_ONCE, now=now())

    return Loop("cases", open_some, rest_s=PASS_SECONDS)


def keeper_of(root: Reach) -> Actor:
    """Return the actor that does the server's own work."""
    return Actor(user_id=0, username=KEEPER, role="source", scope=root.scope or "")

"""An open live screen counts as use of its session."""

from datetime import timedelta

from sqlalchemy import update

from console.access.actions import touch_sessions
from console.access.queries import find_session
from console.access.tables import Session
from geo.store import NO_REACH, Store
from tests.worlds import NOW, World

IDLE = timedelta(minutes=60)


async def test_an_open_screen_keeps_its_session_alive_and_an_unused_one_ends(store: Store, world: World) -> None:
    later = NOW + timedelta(minutes=90)
    watching, forgotten = (world.tokens[name] for name in ("operator", "clerk"))
    async with store.transaction(NO_REACH) as session:
        await session.execute(update(Session).values(kind="cookie"))
        found = await find_session(session, watching, now=NOW, idle=IDLE)
        assert found is not None
        await touch_sessions(session, {found.id}, now=later - timedelta(minutes=1))
    async with store.transaction(NO_REACH) as session:
        assert await find_session(session, watching, now=later, idle=IDLE) is not None
        assert await find_session(session, forgotten, now=later, idle=IDLE) is None

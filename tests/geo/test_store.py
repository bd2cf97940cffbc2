"""The pool gives out lines that the server still holds."""

from sqlalchemy import text

from api.postgres.cluster import Cluster
from api.postgres.roles import connect
from geo.store import NOWHERE, Store

PID = text("SELECT pg_backend_pid()")


async def backend_of(store: Store) -> int:
    async with store.transaction(NOWHERE) as session:
        return int(await session.scalar(PID) or 0)


async def test_a_line_that_the_server_has_ended_is_not_given_out(store: Store, cluster: Cluster) -> None:
    ended = await backend_of(store)
    assert await backend_of(store) == ended
    with connect(cluster.socket) as server:
        server.execute("SELECT pg_terminate_backend(%s, 5000)", [ended])
    assert await backend_of(store) != ended


async def test_a_line_that_was_closed_in_the_pool_is_not_given_out(store: Store) -> None:
    """As one is whose socket broke while nobody had it."""
    async with store.transaction(NOWHERE) as session:
        line = (await (await session.connection()).get_raw_connection()).driver_connection
        closed = int(await session.scalar(PID) or 0)
    assert line is not None
    await line.close()
    assert await backend_of(store) != closed

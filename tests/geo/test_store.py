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

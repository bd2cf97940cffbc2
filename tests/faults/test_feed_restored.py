"""A dump restored elsewhere is another feed: clients of the first one must resync."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import httpx

from api.keeping.postgres.dump import dump, load
from api.keeping.postgres.roles import SUPERUSER, Urls, conninfo_of, make_database, urls_of
from console.access.rules import Actor
from geo.store import Store
from tests.browser.server import Server
from tests.faults.conftest import Site
from tests.faults.feed_checking import EVERYTHING, compare, opened, operator_of, running, sequenced, settled, views
from tests.faults.feed_clients import Desk, crowd
from tests.faults.test_feed_waiting import change


async def test_a_dump_restored_elsewhere_begins_a_new_epoch_and_all_clients_resync(site: Site, rng: Random) -> None:
    """Including clients at a position that the restored feed has reached again, with other changes."""
    ledger, actor = await opened(site), await operator_of(site.store)
    first, second = [*ledger.versions][:2]
    desk = Desk([site.server.url], dict(site.world.tokens), steady=True)
    clients = crowd(views(site.world), desk, rng, size=len(views(site.world)), lingers=1.0)
    async with httpx.AsyncClient(base_url=site.server.url, timeout=60, trust_env=False) as http:
        async with running(client.run(http) for client in clients):
            await settled(clients, 0)
            await changes(site.store, first, actor, count=3)
            file = site.folder / "county.dump"
            dump(f"{conninfo_of(site.urls.owner)} user={SUPERUSER}", file)
            await changes(site.store, first, actor, count=4)
            await settled(clients, await sequenced(site.store))
            await site.server.kill()
            async with elsewhere(site, file) as store:
                await changes(store, second, actor, count=6)
                server = Server(restored(site), site.folder, port=site.server.port)
                await server.start()
                await settled(clients, await sequenced(store))
                assert desk.resyncs == {"epoch": len(clients)}
                assert (desk.wrongs, desk.left_out) == ([], set())
                await compare(clients, desk, http)
        await server.stop()


def restored(site: Site) -> Urls:
    return urls_of(site.cluster.socket, "elsewhere")


@asynccontextmanager
async def elsewhere(site: Site, file: Path) -> AsyncIterator[Store]:
    """A store over a database of another origin that holds what the dump holds, by PostgreSQL's own means alone."""
    make_database(site.cluster.socket, "elsewhere")
    load(conninfo_of(restored(site).owner), file)
    store = Store(restored(site).app, pool_size=2)
    try:
        yield store
    finally:
        await store.close()


async def changes(store: Store, incident: int, actor: Actor, *, count: int) -> None:
    """Change an incident as often, in a transaction each."""
    for _ in range(count):
        async with store.transaction(EVERYTHING) as session:
            await change(session, incident, actor)

"""The screens behind a path prefix: page, assets, calls, tiles and socket all below it."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from api.keeping.postgres.cluster import Cluster
from api.keeping.postgres.roles import connect, urls_of
from tests.browser.county import County
from tests.browser.screens import PATIENCE_MS, Screens
from tests.browser.server import Server
from tests.conftest import Settled, copied

pytestmark = pytest.mark.asyncio(loop_scope="session")

PREFIX = "/maple"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def county(
    built: None, cluster: Cluster, settled: Settled, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[County]:
    """The small county, served below a prefix. The server takes paths with the prefix, as some proxies leave them."""
    with copied(cluster, settled.template) as name, connect(cluster.socket, name) as superuser:
        server = Server(urls_of(cluster.socket, name), tmp_path_factory.mktemp("served"), prefix=PREFIX)
        await server.start()
        county = County(settled.world, server, superuser)
        yield county
        await county.close()
        await server.stop()


async def test_the_hall_works_below_a_prefix(screens: Screens, county: County) -> None:
    asked: list[str] = []
    tiled = asyncio.Event()

    def hear(url: str) -> None:
        asked.append(url)
        if "/ogc/tiles/" in url:
            tiled.set()

    def listen(page: Page) -> None:
        page.on("request", lambda request: hear(request.url))
        page.on("websocket", lambda socket: hear(socket.url))

    hall = await screens("/", user="operator", before=listen)
    await expect(hall.find("link-health", state="live")).to_be_visible()
    await asyncio.wait_for(tiled.wait(), PATIENCE_MS / 1000)
    below = county.url.removeprefix("http:")
    assert [url for url in asked if below not in url and not url.startswith(("blob:", "data:"))] == []
    for part in ("/assets/", "/api/live", "/api/snapshot"):
        assert any(part in url for url in asked), part

"""A real browser for each worker, a real server for each file of tests or for some, an empty queue for each test."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from api.keeping.postgres.cluster import Cluster
from api.keeping.postgres.roles import connect, urls_of
from api.settings import Settings
from tests.browser.chromium import CHROMIUM, launched
from tests.browser.county import County
from tests.browser.languages import LOCALES
from tests.browser.screens import Screen, Screens
from tests.browser.server import Server
from tests.conftest import Settled, copied
from tests.suite.order import SHARE_A_COUNTY, file_of


@pytest.fixture(scope="session")
def built() -> None:
    """Skips where the front end is not built."""
    page = Settings().static_dir / "index.html"
    if not page.is_file():
        pytest.skip(f"no {page}: build the front end first, as `./maplebridge test` does")


@asynccontextmanager
async def served(cluster: Cluster, settled: Settled, folder: Path) -> AsyncIterator[County]:
    """The small county, served as long as the block."""
    with copied(cluster, settled.template) as name, connect(cluster.socket, name) as superuser:
        server = Server(urls_of(cluster.socket, name), folder)
        await server.start()
        county = County(settled.world, server, superuser)
        yield county
        await county.close()
        await server.stop()


@dataclass(slots=True)
class Shared:
    """What the files that share a county have in common: it is served from the first of them to the last, with its
    screens. Open any longer, they would take their part of a processor from all later tests.
    """

    open: AsyncExitStack
    county: County | None = None
    screens: dict[str, Screen] = field(default_factory=dict)

    async def close(self) -> None:
        for screen in self.screens.values():
            await screen.page.context.close()
        self.screens.clear()
        self.county = None
        await self.open.aclose()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared(cluster: Cluster) -> AsyncIterator[Shared]:
    async with AsyncExitStack() as stack:
        yield Shared(stack)


NEXT = pytest.StashKey[pytest.Item | None]()


def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Note which test comes next, for what is kept until the last that shares it."""
    item.config.stash[NEXT] = nextitem


def shares(item: pytest.Item | None) -> bool:
    return item is not None and file_of(item.nodeid) in SHARE_A_COUNTY


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def county(
    request: pytest.FixtureRequest,
    shared: Shared,
    built: None,
    cluster: Cluster,
    settled: Settled,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[County]:
    """The small county, served: for this file alone, or for all of a worker's that share one."""
    serving = served(cluster, settled, tmp_path_factory.mktemp("served"))
    if file_of(request.node.nodeid) not in SHARE_A_COUNTY:
        async with serving as county:
            yield county
        return
    if shared.county is None:
        shared.county = await shared.open.enter_async_context(serving)
    yield shared.county
    if not shares(request.config.stash[NEXT]):
        await shared.close()


@pytest.fixture(scope="session")
def installed() -> None:
    """Skips where there is no browser."""
    if not CHROMIUM.exists():
        pytest.skip(f"no {CHROMIUM}: `./maplebridge test` installs it")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(installed: None) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await launched(playwright)
        yield browser
        await browser.close()


@pytest.fixture
def locale() -> str:
    """The browser's language, from which the page takes its own. `both_languages` gives a test each of them."""
    return LOCALES[0]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def kept(request: pytest.FixtureRequest, browser: Browser, shared: Shared) -> AsyncIterator[dict[str, Screen]]:
    """A hall and a phone that stay open, by name: as long as their county is served."""
    if file_of(request.node.nodeid) in SHARE_A_COUNTY:
        yield shared.screens
        return
    screens: dict[str, Screen] = {}
    yield screens
    for screen in screens.values():
        await screen.page.context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def screens(browser: Browser, county: County, locale: str, kept: dict[str, Screen]) -> AsyncIterator[Screens]:
    """Opens screens, before an empty queue and with the western patrol alone on duty.

    At the end none of them may have asked anybody outside, broken the policy or logged an error.
    """
    await county.clear()
    await county.on_duty("patrol_west")
    screens = Screens(browser, county, locale, kept)
    yield screens
    assert await screens.close() == []

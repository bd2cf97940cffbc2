"""A real browser for each worker, a real server for each file of tests, and an empty queue for each test."""

from collections.abc import AsyncIterator

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


@pytest.fixture(scope="session")
def built() -> None:
    """Skips where the front end is not built."""
    page = Settings().static_dir / "index.html"
    if not page.is_file():
        pytest.skip(f"no {page}: build the front end first, as `./maplebridge test` does")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def county(
    built: None, cluster: Cluster, settled: Settled, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[County]:
    """The small county, served."""
    with copied(cluster, settled.template) as name, connect(cluster.socket, name) as superuser:
        server = Server(urls_of(cluster.socket, name), tmp_path_factory.mktemp("served"))
        await server.start()
        county = County(settled.world, server, superuser)
        yield county
        await county.close()
        await server.stop()


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
async def kept(browser: Browser) -> AsyncIterator[dict[str, Screen]]:
    """Halls and phones that stay open from one test of a file to the next, by name and language."""
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

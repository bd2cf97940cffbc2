"""The server or its database goes away and comes back: the hall says so, and mends itself."""

import asyncio
import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.async_api import Page, expect

from api.keeping.postgres.cluster import Cluster
from api.keeping.postgres.roles import connect
from tests.browser.county import County
from tests.browser.muting import muting_proxy
from tests.browser.screens import Screens
from tests.faults.feed_breaking import kill_whole

pytestmark = pytest.mark.asyncio(loop_scope="session")

WHILE_AWAY = r"net::ERR_|WebSocket connection"
"""What a browser logs of its own accord when nobody answers."""

WITHOUT_DATABASE = rf"{WHILE_AWAY}|503"
STALE_MS, BACK_SECONDS = 40_000, 60
LIVE_AGAIN_SECONDS = 20


async def test_a_killed_server_is_told_of_and_its_return_needs_no_reload(screens: Screens, county: County) -> None:
    hall = await screens.hall(tolerated=WHILE_AWAY)
    before = await county.report("Before the cut")
    await expect(hall.find("queue-row", incident=before["id"])).to_be_visible()
    await hall.page.evaluate("() => { window.same = true; }")

    await county.server.kill()
    await expect(hall.find("link-health", state="live")).to_have_count(0)
    assert await hall.find("link-health").get_attribute("data-state") in ("down", "stale", "connecting")
    await expect(hall.find("queue-row", incident=before["id"])).to_be_visible()

    await county.server.start()
    meanwhile = await county.report("While the hall was away", east=0.004)
    await expect(hall.find("link-health", state="live")).to_be_visible()
    await expect(hall.find("queue-row", incident=meanwhile["id"])).to_be_visible()
    await expect(hall.find("queue-row", incident=before["id"])).to_be_visible()
    assert await hall.page.evaluate("() => window.same"), "the page was loaded anew"


async def test_a_killed_database_is_told_of_and_its_return_needs_no_reload(
    screens: Screens, county: County, cluster: Cluster
) -> None:
    hall = await screens.hall(tolerated=WITHOUT_DATABASE)
    before = await county.report("Before the crash")
    await expect(hall.find("queue-row", incident=before["id"])).to_be_visible()
    await hall.page.evaluate("() => { window.same = true; }")

    with killed(cluster):
        await expect(hall.find("link-health", state="live")).to_have_count(0, timeout=STALE_MS)
        await expect(hall.find("queue-row", incident=before["id"])).to_be_visible()

    await well(county)
    meanwhile = await county.report("After the crash", east=0.004)
    await expect(hall.find("link-health", state="live")).to_be_visible(timeout=STALE_MS)
    await expect(hall.find("queue-row", incident=meanwhile["id"])).to_be_visible()
    await expect(hall.find("queue-row", incident=before["id"])).to_be_visible()
    assert await hall.page.evaluate("() => window.same"), "the page was loaded anew"


async def test_screens_whose_connections_went_mute_are_live_again_within_twenty_seconds(
    screens: Screens, county: County
) -> None:
    async with muting_proxy(county.server.port) as proxy:
        screens.url = proxy.url
        hall, phone = await screens.hall(tolerated=WHILE_AWAY), await screens.phone(tolerated=WHILE_AWAY)
        wall = await screens("/wall", user="wall", tolerated=WHILE_AWAY)
        await wall.ready()

        again = [asyncio.create_task(live_again(screen.page)) for screen in (hall, phone, wall)]
        await asyncio.sleep(0)
        proxy.mute()
        missed = await county.report("While all was mute", east=0.004)
        await asyncio.gather(*again)
        await expect(hall.find("queue-row", incident=missed["id"])).to_be_visible()
        for screen in (hall, phone, wall):
            await expect(screen.find("link-health", state="live")).to_be_visible()


async def test_signing_out_while_the_server_is_away_warns_that_the_session_is_still_open(
    screens: Screens, county: County
) -> None:
    hall = await screens.hall(tolerated=WHILE_AWAY)
    out = hall.page.locator("header .seat button").last
    await county.server.kill()
    await out.click()
    await expect(out).to_have_text("退出失败，请重试")
    await county.server.start()
    await out.click()
    await expect(hall.page.locator("[name=username]")).to_be_visible()
    assert (await hall.page.context.request.get(f"{county.url}/api/snapshot")).status == 401


async def live_again(page: Page) -> None:
    """Wait until the page has opened another socket and the server speaks on it."""
    async with asyncio.timeout(LIVE_AGAIN_SECONDS):
        async with page.expect_websocket(timeout=0) as opened:
            pass
        socket = await opened.value
        await socket.wait_for_event("framereceived", timeout=0)


@contextmanager
def killed(cluster: Cluster) -> Iterator[None]:
    """No PostgreSQL as long as the block lasts: its holders would start another at once, so the test stands before.

    The tests' cluster commits carelessly, so that what is committed is first written down.
    """
    with connect(cluster.socket) as server:
        server.execute("CHECKPOINT")
    with (cluster.layout.home / "starting").open("a") as starting:
        fcntl.flock(starting, fcntl.LOCK_EX)
        kill_whole(cluster)
        yield


async def well(county: County) -> None:
    """Wait until the server says that it is well."""
    async with asyncio.timeout(BACK_SECONDS):
        while (await county.client("operator").get("/api/health")).status_code != 200:  # noqa: ASYNC110
            await asyncio.sleep(0.1)

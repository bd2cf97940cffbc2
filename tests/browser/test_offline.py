"""A phone without a network: what is pressed is kept, outlives the tab, and reaches the hall with both times."""

import re
from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.county import County
from tests.browser.muting import muting_proxy
from tests.browser.screens import Screens

pytestmark = pytest.mark.asyncio(loop_scope="session")

WITHOUT_NETWORK = re.compile(r"net::ERR_|Failed to (load|fetch)|NetworkError|WebSocket|AbortError|not load|status of")


async def test_a_task_done_without_a_network_outlives_the_tab_and_reaches_the_hall_in_order(
    screens: Screens, county: County
) -> None:
    incident = await county.report("Without a network")
    force = county.world.forces["patrol_west"]
    task = await county.call("operator", "POST", f"/api/incidents/{incident['id']}/tasks", json={"force": force})
    async with muting_proxy(county.server.port) as proxy:
        screens.url = proxy.url
        phone = await screens.phone(tolerated=WITHOUT_NETWORK)
        await expect(phone.find("patrol-task", status="assigned")).to_be_visible()
        page = phone.page
        await page.evaluate("async () => { await navigator.serviceWorker.ready }")
        await phone.until(lambda: page.evaluate("() => navigator.serviceWorker.controller !== null"))
        await proxy.cut()

        await phone.find("step-accept").click()
        await expect(phone.find("unsent", n=1)).to_be_visible()
        await phone.find("step-depart").click()
        await phone.find("step-arrive").click()
        await expect(phone.find("patrol-task", status="arrived")).to_be_visible()
        await page.reload()
        await expect(phone.find("unsent", n=3)).to_be_visible()
        await expect(phone.find("patrol-task", status="arrived")).to_be_visible()
        await phone.find("outcomes").locator("label").first.click()
        await phone.find("step-finish").click()
        await expect(phone.find("unsent", n=4)).to_be_visible()
        assert (await county.call("operator", "GET", f"/api/tasks?incident={incident['id']}"))["items"][0][
            "version"
        ] == 1

        address, context = page.url, page.context
        await page.close()
        again = await context.new_page()
        await again.goto(address)
        await expect(again.locator('[data-testid="unsent"][data-n="4"]')).to_be_visible()
        proxy.mend()
        await expect(again.locator('[data-testid="unsent"][data-n="0"]')).to_be_visible()
        await again.close()
    timeline: list[dict[str, Any]] = (
        await county.call("operator", "GET", f"/api/incidents/{incident['id']}/timeline")
    )["items"]
    done = [entry for entry in timeline if entry["data"].get("task") == task["id"] and "done_at" in entry["data"]]
    assert [entry["kind"] for entry in done] == ["task.accepted", "task.departed", "task.arrived", "task.finished"]
    times = [entry["data"]["done_at"] for entry in done]
    assert times == sorted(times)
    assert all(entry["data"]["device_at"] for entry in done)

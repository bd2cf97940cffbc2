"""A phone without a network: what is pressed is kept, outlives the tab, and reaches the hall with both times."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import expect

from tests.browser.county import County
from tests.browser.muting import muting_proxy
from tests.browser.screens import Screens
from tests.browser.test_access import AXE, findings
from tests.phones import Phone

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


async def test_the_hall_lets_another_outcome_hold_and_puts_a_late_finish_aside_by_the_keyboard(
    screens: Screens, county: County, tmp_path: Path
) -> None:
    force, patrol = county.world.forces["patrol_west"], county.client("patrol_west")
    first = await county.report("Two outcomes")
    task = await county.call("operator", "POST", f"/api/incidents/{first['id']}/tasks", json={"force": force})
    phones = [Phone(patrol, lambda: datetime.now(UTC), device=str(uuid4())) for _ in range(2)]
    steps = [phones[0].give(step, task["id"]) for step in ("accept", "depart", "arrive")]
    await phones[0].send(*steps, phones[0].give("finish", task["id"], reason="settled", note="A"))
    await phones[1].send(phones[1].give("finish", task["id"], base_version=4, reason="handed_over", note="B"))
    second = await county.report("Recalled before", east=0.005)
    late = await county.call("operator", "POST", f"/api/incidents/{second['id']}/tasks", json={"force": force})
    await county.call("operator", "POST", f"/api/tasks/{late['id']}/recall", json={"reason": "settled"})
    hall = await screens.hall()
    await phones[0].send(phones[0].give("finish", late["id"], base_version=1, reason="settled", note="C"))
    await expect(hall.find("reviews-open")).to_contain_text("2")
    await hall.press("q")
    await expect(hall.find("review")).to_have_count(2)
    await expect(hall.find("review-said").first).to_contain_text("B")
    await expect(hall.find("review-holds").first).to_contain_text("A")
    assert await findings(hall, AXE.read_text(encoding="utf8")) == []
    await hall.page.screenshot(path=tmp_path / "reviews.png")
    await hall.find("review", status="review").get_by_test_id("review-restore").focus()
    await hall.press("Enter")
    await expect(hall.find("review")).to_have_count(1)
    await hall.find("review", code="task.recalled").get_by_test_id("review-dismiss").focus()
    await hall.press("Enter")
    await expect(hall.find("review")).to_have_count(0)
    await hall.press("Escape")
    await expect(hall.find("reviews-open")).to_have_count(0)
    [found] = (await county.call("operator", "GET", f"/api/tasks?incident={first['id']}"))["items"]
    assert (found["reason"], found["note"]) == ("handed_over", "B")


NEWER = """async () => {
  const database = await new Promise((done, failed) => {
    const opening = indexedDB.open("maplebridge-field", 99);
    opening.onsuccess = () => done(opening.result);
    opening.onerror = () => failed(opening.error);
  });
  database.close();
}"""
KEPT = """async () => {
  const answered = (request) => new Promise((done) => (request.onsuccess = () => done(request.result)));
  const database = await answered(indexedDB.open("maplebridge-field"));
  const count = await answered(database.transaction("commands").objectStore("commands").count());
  database.close();
  return count;
}"""


async def test_a_store_of_a_newer_version_is_let_go_and_never_emptied(screens: Screens, county: County) -> None:
    """A newer page upgrades it while this one is open; then this one, older, is opened again."""
    incident = await county.report("An older page")
    force = county.world.forces["patrol_west"]
    await county.call("operator", "POST", f"/api/incidents/{incident['id']}/tasks", json={"force": force})
    phone = await screens.phone(tolerated=WITHOUT_NETWORK, motion=False)  # One that is not kept for other tests.
    page = phone.page
    await page.route("**/api/commands?**", lambda route: route.abort())
    await phone.find("step-accept").click()
    await expect(phone.find("unsent", n=1)).to_be_visible()
    await page.evaluate(NEWER)
    await expect(phone.find("store-problem")).to_contain_text("重新打开本窗口")
    await page.reload()
    await expect(phone.find("store-problem")).to_contain_text("更新的版本")
    await expect(phone.find("patrol-task")).to_be_visible()
    assert await page.evaluate(KEPT) == 1

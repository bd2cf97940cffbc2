"""A patrol's phone and what the hall sees of it: a task that is seen, a call for help without a signal, the way."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, Request, expect

from tests.browser.county import County
from tests.browser.screens import Screen, Screens
from tests.browser.server import PUSH_HOST
from tests.push_services import Phone

pytestmark = pytest.mark.asyncio(loop_scope="session")

SUBSCRIBES = """(said) => {
  PushManager.prototype.subscribe = async () => {
    const found = {toJSON: () => said, options: {applicationServerKey: null}, unsubscribe: async () => true};
    PushManager.prototype.getSubscription = async () => found;
    return found;
  };
}"""
"""Lets a page have a subscription: a browser without its maker's network has none."""
SHOWN = """async () => (await (await navigator.serviceWorker.ready).getNotifications())
    .map(({title, body, tag}) => ({title, body, tag}))"""
HAPPENS = """async ([kind, said]) => {
  const focused = [];
  WindowClient.prototype.focus = async function () { focused.push(this.url); };
  const [notification] = await self.registration.getNotifications({tag: "test"});
  const event = kind === "notificationclick" ? new NotificationEvent(kind, {notification}) : new ExtendableEvent(kind);
  let done;
  const words = {waitUntil: (work) => (done = work), oldSubscription: null, newSubscription: {toJSON: () => said}};
  for (const [name, value] of Object.entries(words)) Object.defineProperty(event, name, {value});
  self.dispatchEvent(event);
  await done;
  return focused;
}"""
"""Lets something happen to a worker that only a person, or the browser's maker, can make happen."""
OWN = "async () => (await fetch('api/push')).json()"
POSITIONS = re.compile(r"/api/positions$")


async def test_the_hall_sees_that_a_task_was_shown_and_the_phone_hands_the_way_over(
    screens: Screens, county: County, tmp_path: Path
) -> None:
    hall, phone = await screens.hall(), await screens.phone()
    incident = await county.report("Smoke over the mill")
    await hall.find("queue-row", incident=incident["id"]).click()
    force = county.world.forces["patrol_west"]
    await county.call("operator", "POST", f"/api/incidents/{incident['id']}/tasks", json={"force": force})
    await expect(hall.find("phone-seen", state="seen")).to_be_visible()
    way = phone.find("way-links").locator('[data-app="other"]')
    await expect(way).to_have_attribute("href", f"geo:{incident['lat']:.6f},{incident['lon']:.6f}")
    for width in (360, 390):
        await phone.page.set_viewport_size({"width": width, "height": 844})
        await phone.page.screenshot(path=tmp_path / f"task-{width}.png")
        assert await phone.page.evaluate("document.documentElement.scrollWidth") <= width
    sizes = await phone.find("way-links").locator("a").evaluate_all("all => all.map(a => a.offsetHeight)")
    assert min(sizes) >= 48


async def test_a_phone_that_nothing_happens_to_asks_for_no_record_again(screens: Screens) -> None:
    phone = await screens.phone()
    await phone.page.wait_for_load_state("networkidle")
    asked: list[str] = []
    phone.page.on("request", lambda request: asked.append(request.url) if request.method == "GET" else None)
    await phone.page.wait_for_timeout(3_000)
    assert asked == []


async def test_a_call_for_help_without_a_signal_gives_the_numbers_within_a_second(
    screens: Screens, county: County, tmp_path: Path
) -> None:
    hall, phone = await screens.hall(), await screens.phone(tolerated=r"ERR_FAILED|api/positions")
    tried: list[Request] = []
    phone.page.on("request", lambda asked: tried.append(asked) if POSITIONS.search(asked.url) else None)
    await phone.page.route(POSITIONS, lambda route: route.abort())
    button = phone.find("sos-button")
    await button.dispatch_event("pointerdown")
    await expect(phone.find("sos-state", state="counting")).to_be_visible()
    await phone.page.screenshot(path=tmp_path / "sos-counting.png")
    await phone.find("sos-cancel").click()
    await expect(button).to_be_visible()
    assert tried == []
    await button.dispatch_event("pointerdown")
    await expect(phone.find("sos-state", state="unsent")).to_be_visible()
    await expect(phone.find("sos-110")).to_have_attribute("href", "tel:110")
    await expect(phone.find("sos-hall")).to_have_attribute("href", "tel:051212345")
    await phone.page.set_viewport_size({"width": 360, "height": 780})
    await phone.page.screenshot(path=tmp_path / "sos-unsent.png")
    await phone.page.unroute(POSITIONS)
    await expect(phone.find("sos-state", state="sent")).to_be_visible()
    card = hall.find("sos", force=county.world.forces["patrol_west"])
    await expect(card).to_be_visible()
    await hall.find("sos-acknowledge").click()
    await phone.find("sos-state").get_by_role("button").click()
    await expect(button).to_be_visible()


async def test_a_phone_proves_by_a_test_that_it_shows_notices_and_a_recall_replaces_a_task(
    screens: Screens, county: County, tmp_path: Path
) -> None:
    hall = await screens.hall()
    phone = await screens.phone(motion=False, tolerated="Push API in incognito")
    page = phone.page
    await page.context.grant_permissions(["notifications"])
    pushed = await pushing(phone)
    await page.reload()
    await expect(phone.find("push", state="ask")).to_be_visible()
    await phone.find("push-test").click()
    await expect(phone.find("push", state="impossible")).to_be_visible()
    await phone.find("push").scroll_into_view_if_needed()
    await page.screenshot(path=tmp_path / "push-impossible.png")
    await page.evaluate(SUBSCRIBES, Phone(f"https://{PUSH_HOST}/phone").subscription())
    await phone.find("push-test").click()
    # The server does not reach the service; were it there, it would send what follows.
    await expect(phone.find("push", state="failed")).to_be_visible()
    language = await page.evaluate("document.documentElement.lang")
    said = {"about": "test", "language": language[:2], "token": county.proof_of_last_notice()}
    await pushed(said)
    await expect(phone.find("push", state="proven")).to_be_visible()
    await phone.find("push").scroll_into_view_if_needed()
    await page.screenshot(path=tmp_path / "push-proven.png")
    [shown] = await page.evaluate(SHOWN)
    assert shown["tag"] == "test"
    [worker] = page.context.service_workers
    assert await worker.evaluate(HAPPENS, ["notificationclick", None]) == [page.url], "a tap opens the page"
    assert await page.evaluate(SHOWN) == [], "and the notice is over"
    own = await page.evaluate(OWN)
    moved = {
        key: value for key, value in Phone(f"https://{PUSH_HOST}/moved").subscription().items() if key != "language"
    }
    await worker.evaluate(HAPPENS, ["pushsubscriptionchange", moved])
    anew = await page.evaluate(OWN)
    assert (own["proven_at"] is None, anew["subscribed"], anew["proven_at"]) == (False, True, None)

    incident = await county.report("A name that no notice holds")
    await hall.find("queue-row", incident=incident["id"]).click()
    force = county.world.forces["patrol_west"]
    task = await county.call("operator", "POST", f"/api/incidents/{incident['id']}/tasks", json={"force": force})
    await expect(phone.find("patrol-task", status="assigned")).to_be_visible()
    for about in ("sent", "recalled"):
        await pushed(said | {"about": about, "task": task["id"]})
    words = [one["body"] for one in await page.evaluate(SHOWN) if one["tag"] == f"task-{task['id']}"]
    assert len(words) == 1 and ("召回" in words[0] or "recalled" in words[0])
    await pushed("no JSON")
    assert "name" not in json.dumps(await page.evaluate(SHOWN))
    await county.call("operator", "POST", f"/api/tasks/{task['id']}/recall", json={"reason": "mistake"})


async def pushing(phone: Screen) -> Any:
    """Return what hands the phone's worker a push event, as the browser does, and waits until a notice is shown."""
    page = phone.page
    cdp = await page.context.new_cdp_session(page)
    registrations: list[str] = []
    cdp.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: registrations.extend(one["registrationId"] for one in told["registrations"]),
    )
    await cdp.send("ServiceWorker.enable")
    await page.evaluate("async () => { await navigator.serviceWorker.ready }")

    async def pushed(said: Any) -> None:
        before = await _count_of_messages(page)
        data = said if isinstance(said, str) else json.dumps(said)
        word = {"origin": phone.origin, "registrationId": registrations[-1], "data": data}
        await cdp.send("ServiceWorker.deliverPushMessage", word)

        async def heard() -> bool:
            return await _count_of_messages(page) > before

        await phone.until(heard)

    return pushed


async def _count_of_messages(page: Page) -> int:
    """How often the worker has said that it showed a notice."""
    count = """() => {
      if (window.notices === undefined) {
        window.notices = 0;
        navigator.serviceWorker.addEventListener("message", ({data}) => (window.notices += data === "notice shown"));
      }
      return window.notices;
    }"""
    return int(await page.evaluate(count))

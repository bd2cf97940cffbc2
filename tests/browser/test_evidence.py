"""Photos and voice notes of a phone without signal: kept on it, sent by their author alone, and seen in the hall."""

import pytest
from playwright.async_api import expect

from tests.browser.county import County
from tests.browser.muting import muting_proxy
from tests.browser.screens import Screen, Screens
from tests.media_files import photo

pytestmark = pytest.mark.asyncio(loop_scope="session")

WHILE_AWAY = r"net::ERR_|WebSocket connection"
LOCATED = "() => new Promise((found) => navigator.geolocation.getCurrentPosition(() => found(true)))"
FILL_THE_PHONE = """() => {
  window.put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = () => { throw new DOMException("no room", "QuotaExceededError"); };
}"""
MAKE_ROOM = "() => { IDBObjectStore.prototype.put = window.put; }"
IS_PLAYED = """(audio) => new Promise((played, failed) => {
  audio.addEventListener("timeupdate", () => audio.currentTime > 0 && played(audio.duration));
  audio.addEventListener("error", () => failed(audio.error?.message));
  audio.muted = true;
  void audio.play();
})"""


async def taken(phone: Screen, content: bytes) -> None:
    async with phone.page.expect_file_chooser() as opened:
        await phone.find("take-photo").locator("..").click()
    chooser = await opened.value
    assert await phone.page.evaluate(LOCATED)
    await chooser.set_files({"name": "image.jpg", "mimeType": "image/jpeg", "buffer": content})


async def test_what_a_phone_takes_without_signal_outlives_it_and_reaches_the_hall(
    screens: Screens, county: County
) -> None:
    hall = await screens.hall()
    incident = await county.report("Ladder against the wall", north=-0.004)  # Beside those of other files.
    await hall.find("queue-row", incident=incident["id"]).click()
    await county.stand("patrol_west", incident["lon"], incident["lat"])
    body = {"force": county.world.forces["patrol_west"]}
    await county.call("operator", "POST", f"/api/incidents/{incident['id']}/tasks", json=body)
    async with muting_proxy(county.server.port) as proxy:
        screens.url = proxy.url
        phone = await screens.phone(tolerated=WHILE_AWAY)
        context = phone.page.context
        await context.grant_permissions(["geolocation"])
        await context.set_geolocation(
            {"longitude": incident["lon"] + 0.001, "latitude": incident["lat"], "accuracy": 12}
        )
        await phone.find("step-accept").click()
        await expect(phone.find("evidence")).to_be_visible()

        await proxy.cut()
        await taken(phone, photo(size=(4000, 3000)))
        await expect(phone.find("evidence-item", kind="photo", state="waiting")).to_have_count(1)
        assert await phone.find("evidence").get_attribute("data-kept-ms")
        await phone.find("record-voice").click()
        await expect(phone.find("stop-recording")).to_contain_text("2")
        await phone.find("stop-recording").click()
        await expect(phone.find("heard")).to_be_visible()
        await phone.find("keep-recording").click()
        await expect(phone.find("evidence-item", kind="voice", state="waiting")).to_have_count(1)
        await phone.page.evaluate(FILL_THE_PHONE)
        await taken(phone, photo(30))
        await expect(phone.find("evidence-unkept")).to_contain_text("存储已满")
        await phone.page.evaluate(MAKE_ROOM)
        await taken(phone, b"no picture")
        await expect(phone.find("evidence-problem")).to_be_visible()
        await expect(phone.find("evidence-waiting", waiting=2)).to_be_visible()
        await phone.page.close()

        proxy.mend()
        await screens.sign_in(context, "patrol_east")
        other = await context.new_page()
        await other.goto(f"{proxy.url}/patrol")
        await expect(other.locator('[data-testid="evidence-waiting"][data-others="2"]')).to_be_visible()
        await other.close()
        nothing = await county.call("operator", "GET", f"/api/incidents/{incident['id']}/attachments")
        assert nothing["items"] == []

        await screens.sign_in(context, "patrol_west")
        back = await context.new_page()
        await back.goto(f"{proxy.url}/patrol")
        await expect(back.locator('[data-testid="evidence-item"][data-state="sent"]')).to_have_count(2)
        await expect(back.locator('[data-testid="evidence-waiting"]')).to_have_count(0)
        await back.close()

    shown = hall.find("attachments")
    await expect(shown).to_have_attribute("data-here", "2")
    await expect(shown).to_contain_text("误差 12 米")
    image = shown.locator("img")
    await hall.until(lambda: image.evaluate("(img) => img.complete && img.naturalWidth > 100"))
    await image.click()
    await expect(hall.find("attachment-view").locator("img")).to_be_visible()
    await hall.press("Escape")
    await expect(hall.find("attachment-view")).to_have_count(0)
    await expect(hall.find("incident")).to_be_visible()
    assert await shown.locator("audio").evaluate(IS_PLAYED) > 1
    (kept, voice) = (await county.call("operator", "GET", f"/api/incidents/{incident['id']}/attachments"))["items"]
    assert (kept["width"], kept["height"], kept["origin"]) == (1600, 1200, "camera")
    assert (voice["kind"], voice["media_type"]) == ("voice", "audio/mpeg")

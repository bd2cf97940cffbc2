"""Every account has a first screen that says what it can do now and where its guide is, and signs out from it."""

import pytest
from playwright.async_api import expect

from api.http.guide import NAMES
from tests.browser.county import County
from tests.browser.languages import both_languages
from tests.browser.screens import Screen, Screens
from tests.browser.test_access import axe, findings, findings_in_every_look

__all__ = ["axe"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

DECODED = """() => Promise.all([...document.images].map((image) => {
  image.loading = "eager";
  return image.decode().then(() => true);
}))"""
"""Whether each picture can be shown, those too that wait until one scrolls to them."""

OUT = {"zh-CN": "退出", "en-GB": "Sign out"}
FIRST = {"admin": "system", "auditor": "start-row", "clerk": "start-row"}


async def test_roles_without_a_screen_of_their_own_begin_at_one_that_says_what_they_can_do(
    screens: Screens, county: County, axe: str
) -> None:
    incident = (await county.report("Smoke over the mill"))["id"]
    for role, tool in FIRST.items():
        page = await screens("/start" if role == "clerk" else "/", user=role)
        await expect(page.find("start", role=role)).to_be_visible()
        await expect(page.find(tool).first).to_be_visible()
        async for locale in page.in_each_language():
            assert len(await page.page.locator("main > p").first.inner_text()) > 20
            await expect(page.page.get_by_role("button", name=OUT[locale])).to_be_visible()
            look = findings_in_every_look if locale == screens.locale else findings
            assert await look(page, axe) == [], (role, locale)
        if role == "clerk":
            await registers(page)
            assert await findings(page, axe) == []
        if role == "auditor":
            await page.find("start-row", incident=incident).get_by_role("button").click()
            await expect(page.find("start-record").get_by_test_id("timeline")).to_be_visible()
        await page.page.get_by_role("button", name=OUT[screens.locale]).click()
        await expect(page.page.locator("[name=username]")).to_be_visible()


async def registers(clerk: Screen) -> None:
    """By keys alone: the record's own form, likely duplicates included, and the incident opens with its case code."""
    await clerk.press("n")
    await expect(clerk.find("place-map").locator("canvas")).to_be_visible()
    await clerk.page.keyboard.type("婚姻")
    await clerk.press("Enter", "Tab")
    await clerk.page.keyboard.type("A quarrel at the window")
    await clerk.press("Tab")
    await clerk.page.keyboard.type("east gate of the market")
    await clerk.press("Control+Enter")
    record = clerk.find("start-record")
    await expect(record).to_be_focused()
    await expect(record).to_contain_text("A quarrel at the window")
    await expect(clerk.find("new-incident")).to_have_count(0)
    await expect(clerk.find("start-row")).to_have_count(2)


@both_languages
async def test_the_guide_of_a_screen_opens_by_its_key_in_the_pages_language(screens: Screens, axe: str) -> None:
    start = await screens("/start", user="admin")
    await expect(start.find("guide")).to_be_visible()
    async with start.page.context.expect_page() as opening:
        await start.press("?")
    guide = Screen(page=await opening.value, origin=start.origin, tolerated=start.tolerated, faults=start.faults)
    guide.hear()
    await guide.page.wait_for_url(f"**/guide/start?lang={screens.locale[:2]}")
    for name in NAMES:
        await guide.page.goto(f"{start.origin}/guide/{name}?lang={screens.locale[:2]}")
        await expect(guide.page.locator("h1")).to_be_visible()
        assert all(await guide.page.evaluate(DECODED))
        for width in (1280, 640):
            await guide.page.set_viewport_size({"width": width, "height": 800})
            assert await findings(guide, axe) == [], (name, width)

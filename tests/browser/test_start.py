"""Every account has a first screen that says what it can do now, and signs out from it."""

import pytest
from playwright.async_api import expect

from tests.browser.county import County
from tests.browser.languages import both_languages
from tests.browser.screens import Screens
from tests.browser.test_access import axe, findings

__all__ = ["axe"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

OUT = {"zh-CN": "退出", "en-GB": "Sign out"}
FIRST = {"planner": "lines", "admin": "system", "auditor": "start-row", "clerk": "start-row"}


@both_languages
async def test_roles_without_a_screen_of_their_own_begin_at_one_that_says_what_they_can_do(
    screens: Screens, county: County, axe: str
) -> None:
    incident = (await county.report("Smoke over the mill"))["id"]
    for role, tool in FIRST.items():
        page = await screens("/", user=role)
        await expect(page.find("start", role=role)).to_be_visible()
        assert len(await page.page.locator("main > p").first.inner_text()) > 20
        await expect(page.find(tool).first).to_be_visible()
        assert await findings(page, axe) == [], role
        if role == "auditor":
            await page.find("start-row", incident=incident).get_by_role("button").click()
            await expect(page.find("start-record").get_by_test_id("timeline")).to_be_visible()
        await page.page.get_by_role("button", name=OUT[screens.locale]).click()
        await expect(page.page.locator("[name=username]")).to_be_visible()

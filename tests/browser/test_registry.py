"""The register and the accounts in the browser, by keyboard: a unit is found and changed; axe finds nothing."""

import pytest
from playwright.async_api import expect

from tests.browser.county import County
from tests.browser.screens import Screens
from tests.browser.test_access import axe, findings

__all__ = ["axe"]
pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_an_administrator_finds_a_unit_and_changes_it_by_keyboard(
    screens: Screens, county: County, axe: str
) -> None:
    town = county.world.west.rpartition(".")[2]
    for code, kind, name in (("west", "centre", "西镇综治中心"), ("west.room", "room", "第一调解室")):
        unit = {"code": code, "kind": kind, "name": name, "division": town, "hours": "office", "reason": "设立"}
        await county.call("admin", "POST", "/api/units", json=unit)
    screen = await screens("/registry", user="admin")
    await expect(screen.find("division", code=county.world.root)).to_have_attribute("aria-selected", "true")
    await screen.press("t", "ArrowDown")
    await expect(screen.find("unit-details", code="west")).to_contain_text("西镇综治中心")
    await expect(screen.find("sitting")).to_contain_text("今日没有")
    await expect(screen.find("figure-households")).to_have_text("800")
    assert await findings(screen, axe) == []
    await screen.press("u", "ArrowDown")
    await expect(screen.find("unit-details", code="west.room")).to_be_visible()
    await screen.press("e")
    await expect(screen.find("unit-form")).to_be_visible()
    await screen.page.keyboard.type("（东）")
    for label, words in (("电话", "0512-63"), ("变更原因", "搬到一楼")):
        await screen.find("unit-form").get_by_label(label).fill(words)
    assert await findings(screen, axe) == []
    await screen.press("Enter")
    await expect(screen.find("unit-details")).to_contain_text("0512-63")
    await screen.press("3")
    await expect(screen.find("change-log")).to_contain_text("搬到一楼")
    await screen.press("g")
    form = screen.find("post-form")
    await screen.page.keyboard.type("周敏")
    for label, words in (("新人员的工号", "GH-0301"), ("变更原因", "新录用")):
        await form.get_by_label(label).fill(words)
    await form.get_by_label("办理角色").select_option("handler")
    assert await findings(screen, axe) == []
    await form.get_by_label("变更原因").press("Enter")
    await expect(screen.find("posts")).to_contain_text("周敏")
    await screen.press("n")
    form = screen.find("unit-open").get_by_test_id("unit-form")
    for label, words in (("编码", "west.two"), ("名称", "第二调解室"), ("变更原因", "增设")):
        await form.get_by_label(label, exact=True).fill(words)
    await form.get_by_label("类别").select_option("room")
    assert await findings(screen, axe) == []
    await form.get_by_label("变更原因").press("Enter")
    await expect(screen.find("unit-details", code="west.two")).to_contain_text("第二调解室")
    await screen.find("unit-close").click()
    await screen.find("reason-form").get_by_label("变更原因").fill("并回第一调解室")
    await screen.press("Enter")
    await expect(screen.find("units", shown=2)).to_be_visible()
    await expect(screen.find("reason-form")).to_have_count(0)
    await screen.press("2")
    await expect(screen.find("exposure-total")).to_contain_text("800")
    await expect(screen.find("exposure-row")).to_have_count(2)
    assert await findings(screen, axe) == []
    await screen.press("/")
    await screen.page.keyboard.type("调解室")
    await expect(screen.find("units", shown=1)).to_be_visible()
    await screen.page.keyboard.press("Escape")
    await screen.find("screen-link", path="/admin").click()
    await screen.find("account-row", username="clerk").click()
    await screen.find("act-person").click()
    await screen.page.keyboard.type("gh-03")
    await screen.page.get_by_role("option", name="周敏").click()
    await screen.find("act-form").get_by_label("变更原因").fill("入职")
    assert await findings(screen, axe) == []
    await screen.press("Enter")
    await expect(screen.find("account-person")).to_contain_text("周敏")
    await screen.press("/")
    await screen.page.keyboard.type("source")
    await expect(screen.find("accounts", shown=1)).to_be_visible()
    await screen.find("account-row", username="source").press("ArrowDown")
    await expect(screen.find("account", username="source")).to_be_visible()
    await screen.find("act-token").press("Enter")
    await screen.find("act-form").get_by_label("用途").fill("热线接入")
    await screen.find("act-form").get_by_label("变更原因").fill("换服务器")
    assert await findings(screen, axe) == []
    await screen.press("Enter")
    await expect(screen.find("secret")).to_contain_text("只显示这一次")
    await expect(screen.find("change-log")).to_contain_text("换服务器")
    assert await findings(screen, axe) == []
    await screen.page.reload()
    await expect(screen.find("account-row", username="clerk")).to_be_visible()
    await expect(screen.find("secret")).to_have_count(0)
    await screen.press("n")
    await expect(screen.find("account-form")).to_be_visible()
    assert await findings(screen, axe) == []

"""An operator's desk through a shift: filters, the palette, alarms, one's own record, windows on other monitors."""

import re

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.county import County
from tests.browser.screens import Screen, Screens
from tests.worlds import WEST

pytestmark = pytest.mark.asyncio(loop_scope="session")

IN_THE_EAST = 0.02
"""Degrees from the western patrol's home to the eastern town."""


def rows(screen: Screen) -> Locator:
    return screen.find("queue-row")


def code(path: str) -> str:
    return path.rpartition(".")[2]


async def listed(screen: Screen, *incidents: int) -> None:
    await expect(rows(screen)).to_have_count(len(incidents))
    for incident in incidents:
        await expect(screen.find("queue-row", incident=incident)).to_be_visible()


async def test_filters_stay_over_a_reload_and_tell_of_what_is_urgent_outside(screens: Screens, county: County) -> None:
    hall = await screens.hall(fresh=True)
    west = (await county.report("A loose sign", risk="low"))["id"]
    fire = (await county.report("Smoke over the mill", risk="low", north=0.005))["id"]
    await listed(hall, west, fire)
    await hall.press("f")
    await hall.find("filter", field="area").select_option(code(WEST))
    grave = (await county.report("Gas in the yard", east=IN_THE_EAST))["id"]
    await expect(hall.find("outside")).to_contain_text("1")
    await listed(hall, west, fire)
    await hall.find("sort").select_option("newest")
    assert hall.page.url.endswith(f"/?area={code(WEST)}&sort=newest") or "sort=newest&area" in hall.page.url
    await hall.page.reload()
    await hall.ready()
    await expect(hall.find("in-force")).to_contain_text("West Town")
    await listed(hall, fire, west)
    assert await rows(hall).first.get_attribute("data-incident") == str(fire)
    await hall.press("j", "j")
    await expect(hall.find("queue-row", incident=west)).to_have_class(re.compile("cursor"))
    await hall.page.evaluate("() => document.activeElement.blur()")
    await hall.press("0")
    await listed(hall, grave, west, fire)
    await expect(hall.find("outside")).to_have_count(0)


async def test_the_palette_finds_by_pinyin_marks_a_force_and_runs_commands(screens: Screens, county: County) -> None:
    hall = await screens.hall()
    leak = (await county.report("楼上漏水", category="dispute.neighbour"))["id"]
    await county.report("楼上漏水", category="dispute.neighbour", east=IN_THE_EAST)
    await expect(rows(hall)).to_have_count(2)
    await hall.press("Control+k")
    found = hall.find("palette-row", kind="incident")
    await hall.page.keyboard.type("lsls")
    await expect(found).to_have_count(2)
    assert len(set(await found.all_inner_texts())) == 2, "rows of one title are told apart"
    await expect(found.filter(has_text="West Town")).to_have_count(1)
    await hall.page.keyboard.press("ControlOrMeta+a")
    await hall.page.keyboard.type("Force patrol_w")
    await expect(hall.find("palette-row", kind="force").first).to_contain_text("可派")
    await hall.press("Enter")
    await expect(hall.page.locator(".map-tag").filter(has_text="Force patrol_west")).to_be_visible()
    await hall.press("/")
    await hall.page.keyboard.type("tuceng rd")
    await expect(hall.find("palette-row").first).to_contain_text("热点")
    await hall.press("Enter", "l")
    await expect(hall.page.get_by_role("checkbox").first).not_to_be_checked()
    await hall.page.get_by_role("checkbox").first.check()
    await hall.press("Escape", "/")
    await hall.page.keyboard.type("lsls west")
    await hall.press("Enter")
    await expect(hall.find("incident", incident=leak)).to_be_visible()


async def test_an_alarm_is_called_out_and_is_two_keys_from_its_answer(screens: Screens, county: County) -> None:
    hall = await screens.hall(fresh=True)
    quiet = (await county.report("A loose sign", risk="low"))["id"]
    await listed(hall, quiet)
    grave = (await county.report("Smoke over the mill", north=0.005))["id"]
    await expect(hall.find("called")).to_contain_text("1")
    assert re.match(r"2 待派 · 枫桥", await hall.page.title())
    await hall.press("a")
    await expect(hall.find("incident", incident=grave)).to_be_visible()
    await expect(hall.find("send")).to_be_enabled()
    await hall.press("d")
    await expect(hall.find("task", status="assigned")).to_be_visible()
    await expect(hall.find("alert")).to_have_count(0)
    (task,) = (await county.call("operator", "GET", f"/api/tasks?incident={grave}"))["items"]
    await county.call("patrol_west", "POST", f"/api/tasks/{task['id']}/decline", json={"reason": "too_far"})
    await expect(hall.find("alert", kind="declined")).to_contain_text("Force patrol_west")
    await expect(hall.find("alert", kind="high_risk")).to_be_visible()
    await hall.press("Escape", "s")
    await expect(hall.find("shift").locator("li")).to_have_count(1)
    await expect(hall.find("shift")).to_contain_text("Smoke over the mill")
    await expect(hall.find("handover")).to_contain_text("您离开之后")
    await hall.find("handover").locator("[data-list=opened]").click()
    await expect(hall.find("handover-list")).to_contain_text("Smoke over the mill")
    await hall.find("handover-list").get_by_role("button").filter(has_text="Smoke over the mill").click()
    await expect(hall.find("incident", incident=grave)).to_be_visible()


async def test_a_panel_has_a_window_of_its_own_that_follows_and_leaves_its_place(
    screens: Screens, county: County
) -> None:
    hall = await screens.hall()
    first = (await county.report("Smoke over the mill"))["id"]
    second = (await county.report("A loose sign", risk="low", east=0.005))["id"]
    await listed(hall, first, second)
    await hall.press("j", "Enter", "o")
    popup = await opened(hall, "queue")
    await expect(hall.find("panel-out", panel="queue")).to_be_visible()
    await expect(hall.find("queue-row")).to_have_count(0)
    row = popup.locator(f"[data-testid=queue-row][data-incident='{first}']")
    await expect(row).to_have_attribute("aria-current", "true")
    await popup.locator(f"[data-testid=queue-row][data-incident='{second}']").click()
    await expect(hall.find("incident", incident=second)).to_be_visible()
    await hall.page.reload()
    await expect(hall.find("incident", incident=second)).to_be_visible()
    await expect(hall.find("panel-out", panel="queue")).to_be_visible()
    third = (await county.report("A cat in a tree", risk="low", north=0.005))["id"]
    await expect(popup.locator(f"[data-testid=queue-row][data-incident='{third}']")).to_be_visible()
    await popup.close()
    await listed(hall, first, second, third)
    await hall.press("o")
    popup = await opened(hall, "map")
    await expect(popup.locator("canvas").first).to_be_visible()
    await expect(hall.page.locator("canvas")).to_have_count(0)
    await hall.find("bring-back", panel="map").click()
    await expect(hall.page.locator("canvas").first).to_be_visible()
    assert popup.is_closed()


async def opened(hall: Screen, panel: str) -> Page:
    """The window that a panel gets."""
    async with hall.page.expect_popup() as opening:
        await hall.find("open-window", panel=panel).click()
    return await opening.value


async def test_a_scrolled_queue_keeps_its_place_while_more_urgent_incidents_come(
    screens: Screens, county: County
) -> None:
    hall = await screens.hall()
    low = [(await county.report(f"Sign {n}", risk="low", east=0.0004 * n))["id"] for n in range(16)]
    await listed(hall, *low)
    await hall.press(*["j"] * len(low))
    last = hall.find("queue-row", incident=low[-1])
    before = await last.bounding_box()
    await county.report("Smoke over the mill", north=0.005)
    await expect(hall.page.locator("#queue header button").first).to_contain_text("17")

    async def is_where_it_was() -> bool:
        after = await last.bounding_box()
        return bool(before and after and abs(before["y"] - after["y"]) < 2)

    await hall.until(is_where_it_was)

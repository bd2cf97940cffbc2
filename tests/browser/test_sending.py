"""Sending several, a colleague who is faster, recalls with a reason, what patrols say, and a force's card."""

import re
from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.county import County
from tests.browser.recalling import recall
from tests.browser.screens import Screen, Screens

pytestmark = pytest.mark.asyncio(loop_scope="session")

WORDS = {
    "zh-CN": {
        "sent": "Operator West 已于",
        "support": "请求支援",
        "declined": "距离太远",
        "why": "已有主办，请改选其他角色",
        "away": "分钟到",
        "sums": "4 项派单",
    },
    "en-GB": {
        "sent": "Operator West sent",
        "support": "asks for support",
        "declined": "Too far away",
        "why": "Another unit leads: choose another role",
        "away": "min away",
        "sums": "4 to send",
    },
}


async def opened(hall: Screen, county: County, *, candidates: int) -> int:
    """Report an incident and open it by the keyboard."""
    incident = int((await county.report("Smoke over the mill"))["id"])
    await expect(hall.find("queue-row", incident=incident)).to_be_visible()
    await hall.press("j", "Enter")
    await expect(hall.find("candidate")).to_have_count(candidates)
    return incident


async def listed(hall: Screen) -> list[int]:
    """The forces of the candidates' rows, by their digits."""
    found: list[int] = await hall.find("candidate").evaluate_all(
        "(rows) => rows.map((row) => Number(row.dataset.force))"
    )
    return found


async def active(county: County, incident: int) -> list[tuple[int, str]]:
    found = (await county.call("operator", "GET", f"/api/tasks?incident={incident}"))["items"]
    return sorted((task["force"], task["role"]) for task in found if task["active"])


async def send(county: County, incident: int, force: int, *, user: str = "operator") -> dict[str, Any]:
    task: dict[str, Any] = await county.call(user, "POST", f"/api/incidents/{incident}/tasks", json={"force": force})
    return task


async def test_several_go_in_one_press_and_one_who_went_elsewhere_is_named(screens: Screens, county: County) -> None:
    """Two are marked by keys, the third by the mouse; a colleague takes the third away meanwhile."""
    await county.on_duty("patrol_west", "mediator_west", "patrol_east")
    hall = await screens.hall()
    incident = await opened(hall, county, candidates=3)
    elsewhere = (await county.report("Smoke over the quay", north=0.006))["id"]
    first, second, third = await listed(hall)
    await hall.press("Shift+Digit2", "r")
    await hall.find("mark").nth(2).click()
    await expect(hall.find("marked").locator("li")).to_have_count(3)
    await send(county, elsewhere, third)
    await expect(hall.find("candidate", force=third, taken="busy")).to_be_visible()
    await hall.press("d")
    await expect(hall.find("task")).to_have_count(2)
    await expect(hall.find("refused").locator("li")).to_have_count(1)
    assert await active(county, incident) == sorted([(first, "lead"), (second, "observer")])
    assert await listed(hall) == [first, second, third], "a row has moved under the hand"


async def test_a_colleague_who_was_faster_is_named_and_takes_nothing_from_under_the_hand(
    screens: Screens, county: County
) -> None:
    await county.on_duty("patrol_west", "mediator_west")
    hall = await screens.hall()
    incident = await opened(hall, county, candidates=2)
    first, second = await listed(hall)
    await hall.press("2")
    await send(county, incident, first, user="operator_west")
    await expect(hall.find("sent-by-other")).to_contain_text(re.compile(r"\d\d:\d\d:\d\d"))
    await expect(hall.find("candidate", force=second)).to_have_attribute("aria-pressed", "true")
    assert await listed(hall) == [first, second]
    await hall.press("d")
    await expect(hall.find("send")).to_be_disabled()
    async for locale in hall.in_each_language():
        await expect(hall.find("sent-by-other")).to_contain_text(WORDS[locale]["sent"])
        await expect(hall.find("why-not")).to_have_text(WORDS[locale]["why"])
        await expect(hall.find("send")).to_have_attribute("title", WORDS[locale]["why"])
        await expect(hall.find("away")).to_contain_text(WORDS[locale]["away"])
    assert await active(county, incident) == [(first, "lead")]
    await hall.press("2", "d")
    await expect(hall.find("task")).to_have_count(2)
    assert await active(county, incident) == sorted([(first, "lead"), (second, "support")])
    await expect(hall.find("sent-by-other")).to_have_count(0)


async def test_a_task_is_recalled_or_transferred_with_a_reason_and_never_by_one_click(
    screens: Screens, county: County
) -> None:
    await county.on_duty("patrol_west", "mediator_west")
    hall, phone = await screens.hall(), await screens.phone()
    incident = await opened(hall, county, candidates=2)
    patrol, mediator = county.world.forces["patrol_west"], county.world.forces["mediator_west"]
    task = await send(county, incident, patrol, user="operator_west")
    for step in ("accept", "depart", "arrive"):
        await county.call("patrol_west", "POST", f"/api/tasks/{task['id']}/{step}")
    await expect(hall.find("task", status="arrived")).to_be_visible()
    await hall.find("recall").click()
    form = hall.find("recall-form")
    await expect(form.locator(".warning")).to_have_count(2)  # On scene, and sent by another.
    await expect(hall.find("recall-confirm")).to_be_disabled()
    await form.locator("input[value=closer]").check()
    await form.locator(".note").fill("二队就在旁边")
    await hall.find("recall-confirm").click()
    await expect(hall.find("timeline").locator('[data-kind="task.recalled"]')).to_contain_text(
        "有更近的力量 · 二队就在旁边"
    )
    await expect(phone.find("recalled")).to_contain_text("有更近的力量")
    await expect(phone.find("recalled")).to_contain_text("二队就在旁边")

    await send(county, incident, patrol)
    await hall.find("transfer").click()
    await hall.find("transfer-form").locator("select").select_option(str(mediator))
    await hall.find("recall-confirm").click()
    await expect(hall.find("task", status="assigned").locator("h3")).to_contain_text("Force mediator_west")
    assert await active(county, incident) == [(mediator, "lead")]
    await recall(hall)
    await expect(hall.find("task")).to_have_count(0)


async def test_what_a_force_tells_by_radio_is_entered_in_the_hall_by_key(screens: Screens, county: County) -> None:
    hall, phone = await screens.hall(), await screens.phone()
    incident = await opened(hall, county, candidates=1)
    await send(county, incident, county.world.forces["patrol_west"])
    for status in ("accepted", "departed", "arrived"):
        await expect(hall.find("relay")).to_be_enabled()
        await hall.press("y")
        await expect(hall.find("task", status=status)).to_be_visible()
    await expect(phone.find("step-finish")).to_be_visible()
    await hall.press("y")
    await expect(hall.find("relay-confirm")).to_be_disabled()
    await hall.press("Escape")
    await expect(hall.find("relay-form")).to_have_count(0)
    await hall.find("relay").click()
    await hall.find("relay-form").locator("input[value=settled]").check()
    await hall.find("relay-confirm").click()
    await expect(phone.find("idle")).to_be_visible()
    line = hall.find("timeline").locator('[data-kind="task.finished"]')
    await expect(line).to_contain_text("当场化解")
    await expect(line).to_contain_text("坐席代报")


async def test_what_a_patrol_says_from_its_task_reaches_the_hall_at_once(screens: Screens, county: County) -> None:
    """It asks for support, gives the task back with a reason, and its telephone has the hall's number."""
    await county.on_duty("patrol_west", "mediator_west")
    hall, phone = await screens.hall(), await screens.phone()
    incident = await opened(hall, county, candidates=2)
    await send(county, incident, county.world.forces["patrol_west"])
    await phone.find("step-accept").tap()
    await expect(phone.find("call-hall")).to_have_attribute("href", "tel:051212345")
    await phone.find("ask-support").tap()
    await phone.find("support-form").locator("textarea").fill("有十几个人")
    await phone.find("support-send").tap()
    await expect(phone.find("support-sent")).to_be_visible()
    async for locale in hall.in_each_language():
        await expect(hall.find("alert", kind="support")).to_contain_text(WORDS[locale]["support"])
    await expect(hall.find("support-asked")).to_be_visible()
    await expect(hall.find("timeline").locator('[data-kind="task.support_asked"]')).to_contain_text("有十几个人")
    await phone.find("step-give_back").tap()
    await phone.find("decline-too_far").tap()
    await expect(phone.find("idle")).to_be_visible()
    alert = hall.find("alert", kind="declined")
    given_back = hall.find("timeline").locator('[data-kind="task.given_back"]')
    async for locale in hall.in_each_language():
        for told in (alert, given_back):
            await expect(told).to_contain_text(WORDS[locale]["declined"])
    await expect(alert).to_contain_text("Operator")
    await hall.press("Escape")
    await alert.locator("[data-testid=alert-open]").click()
    await expect(hall.find("incident", incident=incident)).to_be_visible()
    await expect(hall.find("candidate")).to_have_count(1)
    await hall.press("1", "d")
    await expect(alert).to_have_count(0)


async def test_a_click_on_a_force_opens_its_card_with_telephone_and_trail_by_right(
    screens: Screens, county: County
) -> None:
    await county.on_duty("patrol_west", "mediator_west")
    hall = await screens.hall()
    force, (lon, lat) = county.world.forces["mediator_west"], county.world.middle_of(county.world.west)
    lat += 0.004
    looks = len(county.looks())
    await county.within_one_day()
    county.give_telephone(force, "111 0000 0042")
    await county.stand("mediator_west", lon + 0.004, lat, seconds_ago=60)
    await county.stand("mediator_west", lon, lat)
    await hall.until(lambda: click_opens_card(hall, force, lon, lat), every_ms=500)
    await expect(hall.find("force-load")).to_contain_text(re.compile(r"\d"))
    load = int(re.sub(r"\D", "", await hall.find("force-load").inner_text()))
    await expect(hall.find("force-telephone")).to_contain_text("*** **** **42")
    await hall.find("show-telephone").click()
    await expect(hall.find("force-telephone").locator("a").first).to_have_attribute("href", "tel:11100000042")
    await expect(hall.find("force-message")).to_have_attribute("href", "sms:11100000042")
    await hall.find("force-locate").click()
    before = await hall.colour_at(lon + 0.002, lat)
    await hall.find("show-trail").click()
    await hall.until(lambda: is_painted_anew(hall, (lon + 0.002, lat), before), every_ms=500)
    assert county.looks()[looks:] == ["force.telephone", "force.trail"]
    incident = await opened(hall, county, candidates=2)
    await hall.find("card-send").click()
    await expect(hall.find("task", status="assigned")).to_contain_text("Force mediator_west")
    await expect(hall.find("force-load")).to_contain_text(str(load + 1))
    assert await active(county, incident) == [(force, "lead")]


async def test_every_force_is_listed_by_its_state_with_the_time_in_it(screens: Screens, county: County) -> None:
    await county.on_duty("patrol_west", "mediator_west")
    hall = await screens.hall()
    patrol, mediator = county.world.forces["patrol_west"], county.world.forces["mediator_west"]
    incident = await opened(hall, county, candidates=2)
    await send(county, incident, patrol)
    await hall.press("u")
    rows = hall.find("forces-row")
    await expect(rows.first).to_have_attribute("data-force", str(patrol))
    await expect(rows.first).to_contain_text("已派出，待应答")
    await expect(rows.first.locator(".since")).to_contain_text(re.compile(r"\d+ 秒"))
    await hall.find("forces-free").click()
    await expect(rows).to_have_count(1)
    await hall.find("forces-find").fill("mediator")
    await hall.find("forces-row", force=mediator).click()
    await expect(hall.find("force-card", force=mediator)).to_be_visible()
    await hall.press("Escape")
    await expect(hall.find("forces-row", force=mediator)).to_be_visible()
    await hall.find("forces-free").click()
    await hall.find("forces-find").fill("")
    await expect(rows).to_have_count(len(county.world.forces))
    await hall.press("Escape")
    await expect(hall.find("forces")).to_have_count(0)


async def click_opens_card(hall: Screen, force: int, lon: float, lat: float) -> bool:
    """Click where the force is. The map draws when it can: until it has, a click meets nothing."""
    place = "([lon, lat]) => { const { x, y } = window.__maplebridge.map.project([lon, lat]); return [x, y]; }"
    x, y = await hall.page.evaluate(place, [lon, lat])
    box = await hall.page.locator(".map canvas").first.bounding_box()
    assert box is not None
    await hall.page.mouse.click(box["x"] + x, box["y"] + y)
    return await hall.find("force-card", force=force).count() == 1


async def is_painted_anew(hall: Screen, place: tuple[float, float], before: tuple[int, int, int]) -> bool:
    """Whether the map's colour at a place has become the trail's yellow."""
    red, _, blue = await hall.colour_at(*place)
    return (red, blue) != (before[0], before[2]) and red > blue + 40


async def test_all_that_wait_get_a_proposal_that_is_edited_and_confirmed(screens: Screens, county: County) -> None:
    """One row is unticked and one force is taken by a colleague meanwhile: the rest is sent, and each row says so."""
    hall = await screens.hall()
    await county.on_duty("patrol_west", "mediator_west", "patrol_east", "mediator_east")
    waiting = [int((await county.report(f"Smoke {i}", north=0.004 * i))["id"]) for i in range(3)]
    elsewhere = (await county.report("Smoke elsewhere", north=0.014))["id"]
    await expect(hall.find("queue-row")).to_have_count(4)
    await hall.press("m")
    rows = hall.find("several-row")
    await expect(rows).to_have_count(4)
    async for locale in hall.in_each_language():
        await expect(hall.find("several-sums")).to_contain_text(WORDS[locale]["sums"])
    of = {incident: hall.find("several-row", incident=incident) for incident in waiting}
    await hall.find("several-row", incident=elsewhere).get_by_role("checkbox").uncheck()
    await of[waiting[0]].get_by_role("checkbox").uncheck()
    taken = int(await of[waiting[1]].get_attribute("data-force") or 0)
    await send(county, elsewhere, taken)
    await expect(hall.find("several-row", incident=waiting[1], taken="busy")).to_be_visible()
    await hall.press("Enter")
    await expect(hall.find("several-done")).to_be_visible()
    await expect(hall.find("several-row", incident=waiting[1], outcome="force.busy")).to_be_visible()
    await expect(hall.find("several-row", incident=waiting[2], outcome="sent")).to_be_visible()
    assert [len(await active(county, incident)) for incident in waiting] == [0, 0, 1]
    await hall.press("Escape")

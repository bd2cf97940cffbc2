"""Several units on one incident: who leads, who supports, who observes, as hall and phone show it."""

import pytest
from playwright.async_api import expect

from tests.browser.county import County
from tests.browser.recalling import recall
from tests.browser.screens import Screen, Screens

pytestmark = pytest.mark.asyncio(loop_scope="session")

WORDS = {
    "zh-CN": {"lead": "主办", "support": "协办", "observer": "列席", "three": "3 支力量", "unnamed": "其他辖区力量"},
    "en-GB": {
        "lead": "Lead",
        "support": "Support",
        "observer": "Observer",
        "three": "3 units",
        "unnamed": "Unit from another area",
    },
}


async def pick(hall: Screen, force: int) -> None:
    """Press the number of a force among the candidates. Another role has another list."""

    async def picked() -> bool:
        listed = await hall.find("candidate").evaluate_all("(rows) => rows.map((row) => row.dataset.force)")
        if str(force) not in listed:
            return False
        await hall.press(str(listed.index(str(force)) + 1))
        return await hall.page.locator(f'[data-force="{force}"][aria-pressed="true"]').count() == 1

    await hall.until(picked)


async def shown_as_sent(hall: Screen, force: int) -> None:
    """Wait until a force that was sent is marked so in its row, or left out of the next role's list."""
    free = hall.page.locator(f'[data-testid="candidate"][data-force="{force}"]:not([data-taken])')
    await expect(free).to_have_count(0)


async def opened(screens: Screens) -> tuple[Screen, int]:
    """The hall with a new incident open and its candidates listed."""
    hall = await screens.hall()
    incident = (await screens.county.report("Smoke over the mill"))["id"]
    await expect(hall.find("queue-row", incident=incident)).to_be_visible()
    await hall.press("j", "Enter")
    await expect(hall.find("candidate")).to_have_count(3)
    return hall, incident


async def test_three_units_on_one_incident_each_with_its_role_and_its_own_end(screens: Screens, county: County) -> None:
    await county.on_duty("patrol_west", "mediator_west", "patrol_east")
    forces = county.world.forces
    (hall, incident), phone = await opened(screens), await screens.phone()

    await pick(hall, forces["patrol_west"])
    await hall.press("d")
    await expect(hall.find("task", role="lead")).to_be_visible()
    await shown_as_sent(hall, forces["patrol_west"])
    await expect(hall.find("send")).to_be_disabled()
    await pick(hall, forces["mediator_west"])
    await hall.press("d")
    await expect(hall.find("task", role="support")).to_be_visible()
    await shown_as_sent(hall, forces["mediator_west"])
    await pick(hall, forces["patrol_east"])
    await hall.find("role-observer").click()
    await expect(hall.find("role-lead")).to_be_disabled()
    await hall.find("send").click()
    await expect(hall.find("task", role="observer")).to_be_visible()
    shown = [await task.get_attribute("data-role") for task in await hall.find("task").all()]
    assert shown == ["lead", "support", "observer"]
    await hall.page.locator("#queue header button").nth(1).click()
    async for locale in hall.in_each_language():
        for role in shown:
            await expect(hall.find("task", role=str(role))).to_contain_text(WORDS[locale][str(role)])
        await expect(hall.find("queue-row", incident=incident)).to_contain_text(WORDS[locale]["three"])

    companions = phone.find("companions").locator("li")
    await expect(companions).to_have_count(2)
    await expect(companions.nth(0)).to_contain_text("Force mediator_west")
    async for locale in phone.in_each_language():
        await expect(phone.find("patrol-task", role="lead")).to_contain_text(WORDS[locale]["lead"])
        await expect(companions.nth(1)).to_contain_text(WORDS[locale]["unnamed"])

    tasks = (await county.call("operator", "GET", f"/api/tasks?incident={incident}"))["items"]
    support = next(task["id"] for task in tasks if task["role"] == "support")
    await county.call("gateway", "POST", f"/api/tasks/{support}/decline", json={"reason": "too_far"})
    await expect(hall.find("task", role="support")).to_have_count(0)
    await expect(companions).to_have_count(1)
    await recall(hall, role="observer")
    await expect(hall.find("task", role="observer")).to_have_count(0)
    await expect(companions).to_have_count(0)
    for step in ("accept", "depart", "arrive"):
        await phone.find(f"step-{step}").tap()
    await phone.find("outcome-settled").tap()
    await phone.find("step-finish").tap()
    await expect(phone.find("idle")).to_be_visible()
    await expect(hall.find("incident", incident=incident, status="handled")).to_be_visible()

    record = hall.find("timeline").locator("li")
    ended = [
        ("task.declined", "support", "mediator_west"),
        ("task.recalled", "observer", "patrol_east"),
        ("task.finished", "lead", "patrol_west"),
    ]
    async for locale in hall.in_each_language():
        for kind, role, name in ended:
            entry = record.and_(hall.page.locator(f'[data-kind="{kind}"]'))
            await expect(entry).to_contain_text(f"Force {name}")
            await expect(entry).to_contain_text(WORDS[locale][role])


async def test_when_the_lead_is_recalled_another_is_sent_to_lead(screens: Screens, county: County) -> None:
    await county.on_duty("patrol_west", "mediator_west", "patrol_east")
    forces = county.world.forces
    hall, _ = await opened(screens)
    for code, role in (("patrol_west", "lead"), ("mediator_west", "support")):
        await pick(hall, forces[code])
        await hall.press("d")
        await expect(hall.find("task", role=role)).to_be_visible()
        await shown_as_sent(hall, forces[code])
    await recall(hall, role="lead")
    await expect(hall.find("task")).to_have_count(1)
    await expect(hall.find("candidate", force=forces["patrol_west"])).to_be_visible()
    await pick(hall, forces["patrol_east"])
    await expect(hall.find("role-lead")).to_have_attribute("aria-pressed", "true")
    await hall.press("d")
    await expect(hall.find("task", role="lead")).to_contain_text("Force patrol_east")


async def test_a_pick_to_lead_is_not_sent_once_a_colleague_has_sent_another(screens: Screens, county: County) -> None:
    """Neither to lead nor, without a word, to support."""
    await county.on_duty("patrol_west", "mediator_west", "patrol_east")
    forces = county.world.forces
    hall, incident = await opened(screens)
    await pick(hall, forces["mediator_west"])
    body = {"force": forces["patrol_west"]}
    await county.call("operator", "POST", f"/api/incidents/{incident}/tasks", json=body)
    await expect(hall.find("task", role="lead")).to_contain_text("Force patrol_west")
    await expect(hall.find("send")).to_be_disabled()
    await hall.press("d")
    tasks = (await county.call("operator", "GET", f"/api/tasks?incident={incident}"))["items"]
    assert [task["force"] for task in tasks] == [forces["patrol_west"]]

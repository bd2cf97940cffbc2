"""Keys, and buttons for those who use none; the language; the strip of the last hours."""

import re
from collections.abc import Sequence

import pytest
from playwright.async_api import Locator, expect

from tests.browser.county import County
from tests.browser.languages import both_languages
from tests.browser.screens import Screen, Screens

pytestmark = pytest.mark.asyncio(loop_scope="session")

MOST_TABS = 120

WHILE_AWAY = r"net::ERR_"
"""What a browser logs of its own accord when nobody answers."""

FOCUSED = "() => document.activeElement?.getAttribute('data-testid') ?? null"


def dialog(screen: Screen) -> Locator:
    return screen.page.get_by_role("dialog")


async def queued(screen: Screen, incidents: Sequence[int]) -> None:
    for incident in incidents:
        await expect(screen.find("queue-row", incident=incident)).to_be_visible()


async def cursor(screen: Screen) -> int:
    """The incident that the queue's cursor stands on."""
    row = screen.page.locator("[data-testid=queue-row].cursor")
    return int(await row.get_attribute("data-incident") or 0)


async def tab_to(screen: Screen, testid: str) -> None:
    for _ in range(MOST_TABS):
        if await screen.page.evaluate(FOCUSED) == testid:
            return
        await screen.press("Tab")
    raise AssertionError(f"{testid} is not reached by Tab")


async def test_each_key_opens_its_sheet_and_escape_closes_it(screens: Screens) -> None:
    hall = await screens.hall()
    for key in ("?", "i", "q", "l", "t", "s", "o", "/", "Control+k"):
        await expect(dialog(hall)).to_have_count(0)
        await hall.press(key)
        await expect(dialog(hall)).to_be_visible()
        await hall.press("Escape")
    await expect(dialog(hall)).to_have_count(0)


async def test_the_key_that_opens_a_sheet_closes_it_again(screens: Screens) -> None:
    hall = await screens.hall()
    for key in ("?", "l", "t", "s", "o"):
        await hall.press(key)
        await expect(dialog(hall)).to_be_visible()
        await hall.press(key)
        await expect(dialog(hall)).to_have_count(0)


async def test_an_incident_that_is_found_and_cannot_be_fetched_shows_an_error(screens: Screens) -> None:
    """Found by the last letter and Enter at once, before the answer to it has come."""
    hall = await screens.hall(tolerated=r"status of 404")
    found = {"kind": "incident", "id": "999999", "label": "Smoke over the mill", "lon": 120.6, "lat": 31.1}
    await hall.page.route("**/api/search?*", lambda route: route.fulfill(json={"items": [found]}))
    await hall.press("/")
    await hall.page.keyboard.type("smoke")
    await hall.press("Enter")
    await expect(hall.find("incident-gone")).to_be_visible()
    await hall.press("Escape")
    await expect(hall.find("incident-gone")).to_have_count(0)


@both_languages
async def test_the_help_names_every_key(screens: Screens) -> None:
    hall = await screens.hall()
    await hall.press("?")
    keys = await dialog(hall).locator("kbd").all_inner_texts()
    assert keys == [
        "J", "K", "Enter", "1–9", "A", "D", "M", "X", "⇧1–9", "R", "Y", "Esc", "Ctrl K", "/", "F", "0", "N", "E", "B",
        "P", "C", "G", "I", "Q", "S", "U", "W", "L", "T", "O", "V", ",", ".", "[", "]", "-", "+", "?",
    ]  # fmt: skip


async def test_a_layer_that_is_switched_off_is_drawn_no_more(screens: Screens, county: County) -> None:
    hall = await screens.hall()
    incident = await county.report("Smoke over the mill")
    place = incident["lon"], incident["lat"]

    async def drawn() -> bool:
        return await hall.drawn_at(*place) == ("incidents", incident["id"])

    async def painted_over() -> bool:
        return await hall.colour_at(*place) != colour

    await hall.until(drawn)
    colour = await hall.colour_at(*place)
    await hall.press("l")
    second = dialog(hall).get_by_role("checkbox").nth(1)
    await second.uncheck()
    await hall.until(painted_over)
    assert not await drawn()
    await second.check()
    await hall.until(drawn)


async def test_the_cursor_goes_down_and_up_the_queue(screens: Screens, county: County) -> None:
    hall = await screens.hall()
    first = (await county.report("Smoke over the mill", risk="high"))["id"]
    second = (await county.report("A loose sign", risk="low", east=0.005))["id"]
    await queued(hall, [first, second])
    stood = []
    for key in ("j", "j", "j", "k", "k"):
        await hall.press(key)
        stood.append(await cursor(hall))
    assert stood == [first, second, second, first, first]


async def test_a_figure_chooses_whom_to_send(screens: Screens, county: County) -> None:
    await county.on_duty("patrol_west", "mediator_west")
    hall = await screens.hall()
    incident = (await county.report("Smoke over the mill"))["id"]
    await queued(hall, [incident])
    await hall.press("j", "Enter")
    second = hall.find("candidate").nth(1)
    await expect(hall.find("candidate").nth(0)).to_have_attribute("aria-pressed", "true")
    await expect(second).to_be_visible()
    await hall.press("2")
    await expect(second).to_have_attribute("aria-pressed", "true")
    wanted = int(await second.get_attribute("data-force") or 0)
    await hall.press("d")
    await expect(hall.find("task", status="assigned")).to_be_visible()
    tasks = (await county.call("operator", "GET", f"/api/tasks?incident={incident}"))["items"]
    assert [task["force"] for task in tasks] == [wanted]


async def test_a_key_that_is_held_down_sends_once(screens: Screens, county: County) -> None:
    """Whoever is next in line was not looked at."""
    await county.on_duty("patrol_west", "mediator_west")
    hall = await screens.hall()
    incident = (await county.report("Smoke over the mill"))["id"]
    await queued(hall, [incident])
    await hall.press("j", "Enter")
    await expect(hall.find("candidate").nth(1)).to_be_visible()
    await hall.page.keyboard.down("d")
    for _ in range(5):
        await expect(hall.find("task", status="assigned")).to_be_visible()
        await hall.page.keyboard.down("d")
    await hall.page.keyboard.up("d")
    tasks = (await county.call("operator", "GET", f"/api/tasks?incident={incident}"))["items"]
    assert len(tasks) == 1


async def test_whoever_uses_no_shortcuts_reaches_everything_by_tab(screens: Screens, county: County) -> None:
    """From the top of the page to the queue, into the incident, to the button that sends."""
    hall = await screens.hall()
    incident = (await county.report("Smoke over the mill"))["id"]
    await queued(hall, [incident])
    await tab_to(hall, "queue-row")
    await hall.press("Enter")
    await expect(hall.find("send")).to_be_enabled()
    await tab_to(hall, "send")
    await hall.press("Enter")
    await expect(hall.find("task", status="assigned")).to_be_visible()


async def test_what_is_sought_is_found(screens: Screens, county: County) -> None:
    hall = await screens.hall()
    reported = await county.report("Smoke over the mill")
    await queued(hall, [reported["id"]])
    await hall.press("/")
    await hall.page.keyboard.type(reported["case_code"])
    await expect(dialog(hall).get_by_role("option").first).to_be_visible()
    await hall.press("Enter")
    await expect(hall.find("incident", incident=reported["id"])).to_be_visible()


@pytest.mark.parametrize("locale", ["en-GB"])
async def test_a_search_that_failed_says_so_and_is_tried_again(screens: Screens, county: County) -> None:
    """Of an incident that came after the field was opened: only the server finds it."""
    hall = await screens.hall(tolerated=WHILE_AWAY)
    await hall.page.route("**/api/search?*", lambda route: route.abort())
    await hall.press("/")
    await hall.page.keyboard.type("Smoke over the mill")
    await expect(dialog(hall)).to_contain_text("Search failed")
    reported = await county.report("Smoke over the mill")
    await hall.page.unroute("**/api/search?*")
    await hall.press("Enter")
    await expect(hall.find("incident", incident=reported["id"])).to_be_visible()


@both_languages
async def test_the_language_is_switched_in_place(screens: Screens, county: County) -> None:
    hall = await screens.hall()
    incident = (await county.report("Smoke over the mill"))["id"]
    await queued(hall, [incident])
    await hall.press("j", "Enter")
    await expect(hall.find("candidate").first).to_be_visible()
    chinese = screens.locale == "zh-CN"
    words = [("推荐力量", "zh-CN"), ("Recommended units", "en")]
    for title, tag in words if chinese else reversed(words):
        await expect(hall.page.locator("#candidates-title")).to_have_text(title)
        await expect(hall.page.locator("html")).to_have_attribute("lang", tag)
        await hall.page.get_by_role("button", name=re.compile("English，|中文")).click()
    await expect(hall.find("incident", incident=incident)).to_be_visible()


async def test_the_strip_shows_the_past_and_leads_back(screens: Screens, county: County) -> None:
    """Five minutes ago nothing had happened, and nobody can be sent there. A day ago nothing was recorded: a dash."""
    hall = await screens.hall()
    incident = (await county.report("Smoke over the mill"))["id"]
    await queued(hall, [incident])
    for way_back in ("button", "Escape"):
        await hall.find("strip").focus()
        await hall.press(*["ArrowLeft"] * 5)
        await expect(hall.find("replay-banner")).to_be_visible()
        await expect(hall.find("link-health", state="replay")).to_be_visible()
        await expect(hall.find("queue-row")).to_have_count(0)
        if way_back == "button":
            await hall.find("replay-banner").get_by_role("button").click()
        else:
            await hall.press(way_back)
        await expect(hall.find("replay-banner")).to_have_count(0)
        await queued(hall, [incident])
    await expect(hall.find("link-health", state="live")).to_be_visible()
    await expect(hall.find("figure-waiting")).to_contain_text("1")
    await hall.press("BracketLeft")
    await expect(hall.find("figure-waiting")).to_contain_text("–")
    for state in ("暂停", "播放"):
        await hall.press("v")
        await expect(hall.find("replay-controls")).to_contain_text(state)
    await hall.press("Escape")
    await expect(hall.find("figure-waiting")).to_contain_text("1")


async def test_in_the_past_the_hotspots_are_those_of_the_moment_and_none_others_can_be_chosen(
    screens: Screens, county: County
) -> None:
    hall = await screens.hall()
    await queued(hall, [(await county.report("Smoke over the mill"))["id"]])
    week = dialog(hall).get_by_role("radio").nth(2)
    await hall.press("t")
    await week.check()
    await hall.press("Escape")
    await hall.find("strip").focus()
    await hall.press(*["ArrowLeft"] * 5)
    await expect(hall.find("replay-banner")).to_be_visible()
    await hall.press("t")
    await expect(dialog(hall).get_by_role("radio").nth(1)).to_be_checked()
    await expect(week).to_be_disabled()
    await expect(dialog(hall).get_by_role("combobox")).to_be_disabled()
    await hall.press("Escape", "Escape")
    await expect(hall.find("replay-banner")).to_have_count(0)
    await hall.press("t")
    await expect(week).to_be_checked()
    await expect(week).to_be_enabled()
    await dialog(hall).get_by_role("radio").nth(1).check()  # As the next test expects it.

"""axe finds nothing, on any screen, in any state, in either theme and at twice the size; nothing is cut off."""

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.county import County
from tests.browser.languages import both_languages
from tests.browser.screens import Screen, Screens
from tests.shared import CHECKOUT

pytestmark = pytest.mark.asyncio(loop_scope="session")

AXE = CHECKOUT / "static" / "node_modules" / "axe-core" / "axe.min.js"

LOADED = "() => window.axe !== undefined"
FINDINGS = """async () => (await axe.run(document, { resultTypes: ["violations"] })).violations.flatMap((rule) =>
  rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 160)} (${node.failureSummary})`))"""


TWICE = "2"
IN_THE_BAR = "header:has([data-testid=link-health]) :is(button, select)"
CUT_OFF = (
    f"() => [...document.querySelectorAll('{IN_THE_BAR}')]"
    """.flatMap((one) => {
  const { left, top, right, bottom, width, height } = one.getBoundingClientRect();
  const seen = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
  const whole = left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight && width > 0 && height > 0;
  const wide = one.scrollWidth <= one.clientWidth + 1;
  return whole && wide && one.contains(seen) ? [] : [one.outerHTML.slice(0, 120)];
})"""
)
TOUCHING = """([mark, heard]) => {
  const bar = document.querySelector("header:has([data-testid=link-health])");
  const [clock, figures] = [bar.querySelector(".clock"), bar.querySelector("dl")];
  if (!clock.querySelector("small")) {
    clock.append(Object.assign(document.createElement("small"), { className: clock.className }));
    figures.append(figures.firstElementChild.cloneNode(true));
  }
  clock.querySelector("small").textContent = mark;
  bar.querySelector("[data-testid=link-health] small").textContent = heard;
  const parts = "h1, dl > *, [data-testid=link-health] :is(span, small), time, .clock small, button, select";
  const boxOf = (one) => {
    if (one.matches("button, select")) return one.getBoundingClientRect();
    const range = document.createRange();
    range.selectNodeContents(one);
    const { left, right, top, bottom, height } = range.getBoundingClientRect();
    return { left, right, top: top + 0.15 * height, bottom: bottom - 0.15 * height };
  };
  const boxes = [...bar.querySelectorAll(parts)].map((one) => [one.outerHTML.slice(0, 80), boxOf(one)]);
  const inside = (a, b) => a.left < b.right - 1 && b.left < a.right - 1;
  const touch = (a, b) => inside(a, b) && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  return boxes.flatMap(([name, a], at) =>
    boxes.slice(at + 1).filter(([, b]) => touch(a, b)).map(([other]) => [name, other]));
}"""
"""Pairs of things in the bar that lie over each other, with all that can stand in it: a demo's mark, six figures. Of a
line of words its letters count: the room above and below them is larger than the lines of a close text are apart."""
FULLEST = (("模拟 ×60", "12分钟前更新"), ("Simulated ×60", "Last update 12 min ago"))
CORNER = """() => {
  const { map, colour } = window.__maplebridge;
  const { lng, lat } = map.unproject([map.getContainer().clientWidth - 5, 5]);
  return colour(lng, lat);
}"""
SWATCHES = """() => [...document.querySelectorAll("[data-testid=legend] .sign :is(path, circle, i)")].map((one) => {
  const { fill, stroke, backgroundColor } = getComputedStyle(one);
  return [fill, stroke, backgroundColor].join();
})"""


@pytest.fixture(scope="module")
def axe() -> str:
    """Read the source of axe. Skips where the front end's packages are not installed."""
    if not AXE.is_file():
        pytest.skip(f"no {AXE}: `npm ci` in static/ installs it, as `./maplebridge test` does")
    return Path(AXE).read_text(encoding="utf8")


async def findings(screen: Screen, axe: str) -> list[str]:
    """What axe has against the page as it stands. It comes in by the browser's own door, past the page's policy."""
    if not await screen.page.evaluate(LOADED):
        await screen.page.evaluate(axe)
    found: list[str] = await screen.page.evaluate(FINDINGS)
    return found


async def findings_in_every_look(screen: Screen, axe: str) -> list[str]:
    """Return axe's findings in both system themes, at 100 % and 200 %.

    The page is left as it was.
    """
    size = screen.find("text-size")
    found = []
    for scale in ("1", TWICE):
        await size.select_option(scale)
        for theme in ("dark", "light"):
            await screen.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            await expect(screen.page.locator(f"html[data-theme={theme}]")).to_have_count(1)
            found += [f"{theme} {scale}: {finding}" for finding in await findings(screen, axe)]
    await screen.page.emulate_media(color_scheme="dark")
    await size.select_option("0")
    return found


@both_languages
async def test_axe_finds_nothing_on_the_sign_in_page(screens: Screens, axe: str) -> None:
    sign_in = await screens("/")
    await expect(sign_in.page.locator("[name=username]")).to_be_visible()
    assert await findings_in_every_look(sign_in, axe) == []
    await sign_in.page.fill("[name=username]", "operator")
    await sign_in.page.fill("[name=password]", "not this one")
    await sign_in.press("Enter")
    await expect(sign_in.page.locator("form [role=alert]")).not_to_be_empty()
    assert await findings(sign_in, axe) == []


@both_languages
async def test_axe_finds_nothing_in_the_hall(screens: Screens, county: County, axe: str) -> None:
    """With an incident open that has a likely duplicate and a force on its way, and in a replay."""
    hall = await screens.hall()
    assert await findings(hall, axe) == []
    incident = (await county.report("Smoke over the mill"))["id"]
    await county.report("Smoke over the mill again")
    await expect(hall.find("queue-row", incident=incident)).to_be_visible()
    await hall.press("j", "Enter")
    await expect(hall.find("candidate").first).to_be_visible()
    assert await findings(hall, axe) == []
    await hall.press("f", "?")
    await expect(hall.find("guide")).to_have_attribute("href", f"/guide/operator?lang={screens.locale[:2]}")
    await hall.press("Escape")
    for key in ("?", "l", "t", "s", "o", "/"):
        await hall.press(key)
        await expect(hall.page.get_by_role("dialog")).to_be_visible()
        assert await findings(hall, axe) == [], key
        await hall.press("Escape")
    await hall.press("n", "Control+Enter")
    await expect(hall.find("field-error").first).to_be_visible()
    assert await findings(hall, axe) == []
    await hall.press(*["Escape"] * 2)
    for key, form in (("e", "edit-form"), ("b", "note-form")):
        await hall.press(key)
        await expect(hall.find(form)).to_be_visible()
        assert await findings(hall, axe) == [], form
        await hall.press("Escape")
    await hall.press("d")
    await expect(hall.find("task", status="assigned")).to_be_visible()
    county.let_the_answer_be_late(incident)
    await expect(hall.find("alert", kind="unanswered")).to_be_visible()
    assert await findings(hall, axe) == []
    await hall.find("strip").focus()
    await hall.press(*["ArrowLeft"] * 5)
    await expect(hall.find("replay-banner")).to_be_visible()
    assert await findings(hall, axe) == []


SIZES = ((1920, 1080), (1366, 768))


async def test_the_hall_is_whole_in_either_theme_and_at_twice_the_size(
    screens: Screens, county: County, axe: str
) -> None:
    """Every button of the bar is in view, under nothing else, and named; the legend keeps its colours when forced."""
    hall = await screens.hall(fresh=True, size=(1920, 1080))
    incident = (await county.report("Smoke over the mill"))["id"]
    await hall.find("queue-row", incident=incident).click()
    await expect(hall.find("candidate").first).to_be_visible()
    await hall.press("t")
    assert await findings_in_every_look(hall, axe) == []
    await hall.press("Escape")
    await expect(hall.find("legend")).to_be_visible()
    shown = await hall.page.evaluate(SWATCHES)
    assert len(set(shown)) > 8
    await hall.page.emulate_media(forced_colors="active")
    assert await hall.page.evaluate(SWATCHES) == shown
    await hall.page.emulate_media(forced_colors="none")
    for width, height in SIZES:
        await hall.page.set_viewport_size({"width": width, "height": height})
        tops = []
        for testid in ("description", "where", "candidate"):
            await expect(hall.find(testid).first).to_be_in_viewport(ratio=1)
            box = await hall.find(testid).first.bounding_box()
            assert box
            tops.append(box["y"])
        assert tops == sorted(tops), "what and where come before whom to send"
        for words in FULLEST:
            assert await hall.page.evaluate(TOUCHING, words) == []
            await hall.page.get_by_role("button", name=re.compile("English|中文")).click()
    await hall.find("text-size").select_option(TWICE)
    for width, height in SIZES:
        await hall.page.set_viewport_size({"width": width, "height": height})
        assert await hall.page.evaluate(CUT_OFF) == []
        await expect(hall.page.get_by_role("button", name="退出")).to_be_in_viewport()
        await expect(hall.find("incident", incident=incident)).to_be_in_viewport()
    await hall.find("theme").click()
    await hall.find("theme").click()
    await expect(hall.page.locator("html[data-theme=light]")).to_have_count(1)

    async def is_light() -> bool:
        return sum(await hall.page.evaluate(CORNER)) > 3 * 200

    await hall.until(is_light)  # The map's colours change over some frames.


@both_languages
async def test_axe_finds_nothing_on_the_patrols_phone(screens: Screens, county: County, axe: str) -> None:
    phone = await screens.phone()
    await expect(phone.find("idle")).to_be_visible()
    assert await findings(phone, axe) == []
    incident = (await county.report("Smoke over the mill"))["id"]
    force = county.world.forces["patrol_west"]
    await county.call("operator", "POST", f"/api/incidents/{incident}/tasks", json={"force": force})
    await expect(phone.find("patrol-task", status="assigned")).to_be_visible()
    assert await findings_in_every_look(phone, axe) == []
    assert await phone.page.evaluate(CUT_OFF) == []
    await phone.find("step-decline").tap()
    await expect(phone.find("decline-too_far")).to_be_visible()
    assert await findings(phone, axe) == []
    await phone.page.get_by_role("group").get_by_role("button").last.tap()
    for step in ("accept", "depart", "arrive"):
        await phone.find(f"step-{step}").tap()
    await expect(phone.find("finish-note")).to_be_visible()
    assert await findings(phone, axe) == []
    await phone.find("outcome-settled").tap()
    await phone.find("finish-note").fill("The stove is out")
    await phone.find("step-finish").tap()
    await expect(phone.find("idle")).to_be_visible()
    folded = await phone.page.locator("summary").all()
    for opened in folded:
        await opened.tap()
    assert await findings(phone, axe) == []
    for closed in reversed(folded):
        await closed.tap()


async def test_axe_finds_nothing_on_the_wall(screens: Screens, county: County, axe: str) -> None:
    await county.report("Smoke over the mill")
    wall = await screens("/wall", user="wall", size=(1920, 1080))
    await wall.ready()
    await expect(wall.find("latest").locator("li")).to_have_count(1)
    for theme in ("light", "dark"):
        await wall.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        for width, height in ((1920, 1080), (960, 540)):
            await wall.page.set_viewport_size({"width": width, "height": height})
            async for locale in wall.in_each_language():
                assert await findings(wall, axe) == [], (theme, width, locale)

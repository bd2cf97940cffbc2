"""The wall: the whole county's picture, and nothing of anybody in it."""

import asyncio
import re

import pytest
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Response, WebSocket, expect

from tests.browser.county import County
from tests.browser.screens import Screen, Screens

pytestmark = pytest.mark.asyncio(loop_scope="session")

WALL = (1920, 1080)
LARGEST = (3840, 2160)

COLOURS = """(urgencies) => [...document.querySelectorAll("[data-testid=latest] li")]
    .map((row, i) => row.classList.contains(urgencies[i]) && getComputedStyle(row.querySelector("strong")).color)"""
"""The colours of the latest incidents' states, where their urgencies are these."""

SIGNS = """(urgencies) => urgencies
    .map((urgency) => getComputedStyle(document.querySelector(`ul .sign.${urgency}`)).fill)"""
"""The colours of the legend's signs."""

OUT = re.compile("退出|Sign out")


class Received:
    """Text of everything that the server sends to a page."""

    def __init__(self) -> None:
        self.bodies: list[asyncio.Task[bytes]] = []
        self.frames: list[str] = []

    def listen(self, page: Page) -> None:
        page.on("response", self._answer)
        page.on("websocket", self._socket)

    def _answer(self, response: Response) -> None:
        """Read each answer at once: the browser does not keep those that are asked for again and again."""
        if "/api/" in response.url and response.ok:
            self.bodies.append(asyncio.ensure_future(body_of(response)))

    def _socket(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._frame)

    def _frame(self, frame: str | bytes) -> None:
        self.frames.append(frame if isinstance(frame, str) else frame.decode(errors="replace"))

    async def text(self) -> str:
        bodies = await asyncio.gather(*self.bodies)
        return "\n".join([*(body.decode(errors="replace") for body in bodies), *self.frames])


async def body_of(response: Response) -> bytes:
    """Return the body; request it again where the browser has not kept it."""
    try:
        return await response.body()
    except PlaywrightError:
        return await (await response.frame.page.context.request.get(response.url)).body()


OFF = """() => {
  const map = window.__maplebridge.map;
  const middle = map.project(map.getCenter());
  const box = map.getContainer();
  return Math.hypot(middle.x - box.clientWidth / 2, middle.y - box.clientHeight / 2);
}"""
"""By how many pixels the map's middle lies beside its frame's."""


async def draws(screen: Screen, *incidents: int) -> bool:
    return set(incidents) <= set(await screen.drawn("incidents"))


async def test_a_wall_shows_figures_and_what_came_in_and_nothing_personal(screens: Screens, county: County) -> None:
    """Neither on the page nor in anything that the server ever sent to it, before the page loads and after. The page
    is read from four metres.
    """
    early = await county.report("Quarrel of the Zhangs")
    received = Received()
    wall = await screens("/wall", user="wall", size=WALL, before=received.listen)
    await wall.ready()
    await expect(wall.find("latest").locator("li")).to_have_count(1)
    await is_read_and_fits(wall, WALL)
    late = await county.report("Quarrel of the Lis", east=0.004, risk="low")
    await expect(wall.find("latest").locator("li")).to_have_count(2)
    assert await wall.page.evaluate(COLOURS, ["wait", "now"]) == await wall.page.evaluate(SIGNS, ["wait", "now"])
    await expect(wall.find("figure-waiting")).to_have_text("2")
    await expect(wall.find("figure-onduty")).not_to_have_text("0")
    assert await wall.find("figure-free").count() == 0, "it is not told who is on a task"
    await wall.until(lambda: draws(wall, early["id"], late["id"]))
    await expect(wall.find("areas").locator("tbody tr")).to_have_count(2)  # Also the town where nothing is open.
    await expect(wall.find("areas").locator("tbody tr").last.locator("td")).to_have_text(["0", "0", "0"])
    await expect(wall.find("lastweek")).to_have_text("–")

    sent = await received.text()
    assert f'"id":{late["id"]}' in sent, "the answers were not recorded"
    names = [early["case_code"], late["case_code"], "Quarrel", "Zhang", "told at length", "Force ", "patrol_west"]
    for text in (sent, await wall.page.content()):
        assert [name for name in names if name in text] == []
    for exact in (early["lon"], late["lon"]):
        assert not re.search(rf"{exact:.6f}", sent)


async def test_a_walls_account_sees_no_hall(screens: Screens) -> None:
    """`/` leads to its own screen; `/patrol` shows that it has no access."""
    wall = await screens("/", user="wall")
    await expect(wall.find("latest")).to_be_visible()
    await expect(wall.page.get_by_role("button", name=OUT)).to_have_count(0)
    await wall.page.goto(f"{wall.origin}/patrol")
    await expect(wall.page.locator("main.notice h1")).to_be_visible()
    assert await wall.find("patrol-task").count() == 0


async def test_a_person_signs_out_from_the_wall_and_opens_its_guide(screens: Screens) -> None:
    """A planner looks at it with an account of their own."""
    wall = await screens("/wall", user="planner", size=(1366, 768))
    await expect(wall.find("guide")).to_have_attribute("href", "/guide/wall?lang=zh")
    await wall.ready()  # A tile that is asked for at the sign-out is refused.
    await wall.page.get_by_role("button", name=OUT).click()
    await expect(wall.page.locator("[name=username]")).to_be_visible()


async def is_read_and_fits(wall: Screen, size: tuple[int, int]) -> None:
    """Words are 24 px high where the screen is 1,080, and more as it is larger; nothing has to be scrolled."""
    row = wall.find("latest").locator("li").first
    await expect(row).to_be_visible()
    height = await row.evaluate("(row) => parseFloat(getComputedStyle(row).fontSize)")
    assert height >= 24 * size[1] / 1080
    taken = await wall.page.evaluate(
        "() => { const e = document.documentElement; return [e.scrollWidth, e.scrollHeight]; }"
    )
    assert tuple(taken) == size
    for section in await wall.page.locator("aside section").all():
        box = await section.bounding_box()
        assert box is not None and box["x"] + box["width"] <= size[0] and box["y"] + box["height"] <= size[1]


@pytest.mark.parametrize("path", ["/wall", "/"])
async def test_on_four_times_the_pixels_dots_lie_where_their_ground_is_and_a_wall_fits(
    screens: Screens, county: County, path: str
) -> None:
    """The map and the layers above it are drawn by the same size, also where the page took its own after a moment."""
    await county.report("Smoke over the mill")
    screen = await screens(path, user="wall" if path == "/wall" else "operator", size=LARGEST)
    if path == "/wall":
        await is_read_and_fits(screen, LARGEST)
    await screen.ready()
    assert await screen.page.evaluate(OFF) < 1

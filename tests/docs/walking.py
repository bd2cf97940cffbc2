"""The READMEs' first five minutes, step by step, in a browser."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from tests.browser.chromium import launched
from tests.browser.pictures import Album
from tests.browser.screens import COARSE

PATIENCE_MS = 180_000
NO_TASK = re.compile("当前没有任务|No task")
DESK = (1366, 768)
PHONE = (390, 844)
WALL = (1920, 1080)
SAID = "楼上漏水，邻居不肯修"
STEPS = ("accept", "depart", "arrive", "finish")
AFTER = {"accept": "accepted", "depart": "departed", "arrive": "arrived"}

Accounts = Mapping[str, Mapping[str, str]]
Report = Callable[[], Any]
"""Sends the README's report and returns the incident."""


@dataclass(frozen=True, slots=True)
class Walk:
    """One walk: the demo's address and accounts, the browser, and its language."""

    url: str
    accounts: Accounts
    browser: Browser
    locale: str
    album: Album | None = None
    """Where pictures go, if they are asked for."""

    async def steps(self, report: Report) -> None:
        hall = await self.signed_in("operator", "/")
        await self.first_dispatch(hall)
        incident = report()
        await self.served_by_the_phone(hall, incident)
        await self.the_wall(incident)
        if self.album:
            await self.further_pictures(hall, self.album)
        await hall.context.close()

    async def picture(self, page: Page, name: str) -> None:
        if self.album:
            await self.album.take(page, name)

    async def further_pictures(self, hall: Page, album: Album) -> None:
        """What the guide shows and the READMEs do not lead to."""
        first = ["ArrowDown", "Enter", "Tab"]  # The first category, and on to the next field.
        for keys, name in (
            (["Escape", "Escape", "n", *first], "new"),
            (["Escape", "t"], "hotspots"),
            (["Escape", "u"], "units"),
        ):
            for key in keys:
                await hall.keyboard.press(key)
            await album.take(hall, name)
        clerk = await self.signed_in("clerk", "/start")
        await of(clerk, "start-row").first.wait_for()
        await clerk.keyboard.press("n")
        await of(clerk, "place-map").wait_for()
        for key in first:
            await clerk.keyboard.press(key)
        await album.take(clerk, "start")
        await clerk.goto(f"{self.url}/desk")
        await clerk.locator("#visit-title").fill(SAID)
        await of(clerk, "kinds").wait_for()
        await album.take(clerk, "desk")
        await clerk.context.close()
        board = await self.signed_in("supervisor", "/board")
        await of(board, "board-row").first.wait_for()
        await album.take(board, "board")
        await board.context.close()
        album.check()

    async def signed_in(self, account: str, path: str, size: tuple[int, int] = DESK) -> Page:
        """Sign in by the form, in a browser profile of its own. What is not taken as a picture is drawn coarsely."""
        width, height = size
        context = await self.browser.new_context(
            locale=self.locale,
            viewport={"width": width, "height": height},
            color_scheme="dark" if size == WALL else "light",
            device_scale_factor=1 if self.album else COARSE,
            reduced_motion="no-preference" if self.album else "reduce",
        )
        context.set_default_timeout(PATIENCE_MS)
        page = await context.new_page()
        await page.goto(self.url + path)
        await page.fill("input[name=username]", self.accounts[account]["username"])
        await page.fill("input[name=password]", self.accounts[account]["password"])
        await page.click("button[type=submit]")
        return page

    async def first_dispatch(self, hall: Page) -> None:
        """Steps 2 and 3: the first candidate of an incident from the queue is dispatched by its key."""
        await expect(of(hall, "queue-row").first).to_be_visible()
        await expect(of(hall, "demo")).to_contain_text("60")
        await self.picture(hall, "hall")
        for key in ("j", "k", "Enter"):
            await hall.keyboard.press(key)
        await expect(of(hall, "candidate").first).to_be_visible()
        await expect(of(hall, "candidate").first.locator("[class~=cost]")).to_be_visible()
        await self.picture(hall, "candidates")
        await hall.keyboard.press("1")
        await hall.keyboard.press("d")
        await expect(of(hall, "task").first).to_be_visible()
        await self.picture(hall, "sent")
        await hall.keyboard.press("?")
        await expect(hall.locator("kbd").first).to_be_visible()
        await hall.keyboard.press("Escape")

    async def served_by_the_phone(self, hall: Page, incident: Mapping[str, Any]) -> None:
        """Step 4: the hall finds the report and the team by name, and shows each of the phone's steps."""
        phone = await self.signed_in("patrol", "/patrol", PHONE)
        await expect(of(phone, "idle")).to_have_text(NO_TASK)  # Before, its first line is the account's name.
        team = await phone.locator("header h1").inner_text()
        await self.found(hall, incident["case_code"])
        await expect(of(hall, "candidate").first).to_be_visible()
        await of(hall, "find-force").fill(team)
        await expect(of(hall, "candidate")).to_have_count(1)
        await hall.keyboard.press("Enter")
        await expect(of(hall, "candidate").and_(hall.locator("[aria-pressed=true]"))).to_contain_text(team)
        await hall.keyboard.press("d")
        for step in STEPS:
            if step == "accept":
                await of(phone, "step-accept").wait_for()
                await self.picture(phone, "patrol-task")
            if step == "finish":
                await phone.locator("[data-testid^=outcome-]").first.check()
                await self.picture(phone, "patrol-finish")
            await of(phone, f"step-{step}").click()
            if step in AFTER:
                await expect(hall.locator(f'[data-testid=task][data-status="{AFTER[step]}"]')).to_be_visible()
        await expect(of(phone, "idle")).to_be_visible()
        await phone.context.close()

    async def found(self, hall: Page, words: str) -> None:
        """Find something by `/`, and open the first result."""
        await hall.keyboard.press("/")
        await of(hall, "palette").locator("[role=combobox]").fill(words)
        await expect(of(hall, "palette-row").first).to_contain_text(words)
        await self.picture(hall, "palette")
        await hall.keyboard.press("Enter")
        await expect(of(hall, "palette")).to_have_count(0)

    async def the_wall(self, incident: Mapping[str, Any]) -> None:
        """Step 5: the wall shows neither the incident's words nor its code."""
        wall = await self.signed_in("wall", "/wall", WALL)
        await expect(of(wall, "latest").locator("li").first).to_be_visible()
        await self.picture(wall, "wall")
        text = await wall.inner_text("body")
        assert incident["title"] not in text and incident["case_code"] not in text
        await wall.context.close()


def of(page: Page, testid: str) -> Locator:
    return page.locator(f'[data-testid="{testid}"]')


async def walk(
    url: str, accounts: Accounts, report: Report, *, locale: str, times: int, album: Album | None = None
) -> int:
    """Walk some times in a row, each in profiles of its own, and return the number of walks."""
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playwright:
        browser = await launched(playwright)
        for _ in range(times):
            await Walk(url, accounts, browser, locale, album).steps(report)
        await browser.close()
    return times

"""A day at the desk: visitor after visitor is taken in and routed by keys alone, though the server is killed."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from time import perf_counter
from typing import Literal

from playwright.async_api import expect

from tests.browser.screens import Screen
from tests.browser.server import Server

SAID = (
    "楼上漏水，邻居不肯修",
    "工厂拖欠工资三个月",
    "物业不修电梯",
    "健身卡退费被拒",
    "拆迁补偿款没有到账",
    "夫妻吵架要离婚",
    "承包地界址不清",
    "电动车追尾赔偿",
    "楼道堵塞消防通道",
    "装修合同定金不退",
)
Kill = Literal["registering", "routing"]


def visits(number: int) -> list[str]:
    """What so many visitors say, each in words of their own."""
    return [f"{said}（{n}）" for n, said in enumerate(islice(cycle(SAID), number), start=1)]


@dataclass(slots=True)
class Day:
    """A clerk at the desk, and how long each visitor took: from the first key to the desk's being free.

    `pace` is the clerk's own: milliseconds between two keys. `kills` says before which step of which visitor the server
    is killed; it is started again while the next step waits.
    """

    desk: Screen
    server: Server
    where: str
    route: str
    pace: float = 0
    kills: Mapping[int, Kill] = field(default_factory=dict)
    took: list[float] = field(default_factory=list)

    async def work(self, said: Sequence[str]) -> None:
        """Take all visitors in and route them, but for those that wait for a killed server: they come to the queue."""
        for number, words in enumerate(said):
            began = perf_counter()
            kill = self.kills.get(number)
            if await self._take_in(words, killing=kill == "registering"):
                await self._route(killing=kill == "routing")
                await self._next()
            self.took.append(perf_counter() - began)

    async def _take_in(self, words: str, *, killing: bool) -> bool:
        """Register a visit; return whether its case has opened. If not, it is kept on the device, the form free."""
        desk = self.desk
        await expect(desk.page.locator("#visit-title")).to_be_focused()
        await self._type(words)
        await expect(desk.find("kinds")).to_be_visible()
        await self._keys("Enter", "Enter")
        await expect(desk.page.locator("#visit-place")).to_be_focused()
        await self._type(self.where)
        await expect(desk.page.locator("#visit-place-list [role=option]").first).to_be_visible()
        await self._keys("Enter")
        if killing:
            await self.server.kill()
        await self._keys("Control+Enter")
        if not killing:
            await expect(desk.find("desk-case")).to_be_visible()
            return True
        await expect(desk.find("unsent-item", state="waiting")).to_be_visible()
        await self.server.start()
        return False

    async def _route(self, *, killing: bool = False) -> None:
        """Triage and route the open case, as the desk suggests."""
        await self._keys("t")
        await self._confirm("triage")
        await self._keys("t")
        form = self.desk.find("move-form", move=self.route)
        await expect(form).to_be_visible()
        for condition in await form.locator("fieldset input[type=checkbox]").all():
            while not await condition.evaluate("(box) => box === document.activeElement"):
                await self._keys("Tab")
            await self._keys("Space")
        if killing:
            await self.server.kill()
            await self._keys("Control+Enter")
            await expect(self.desk.find("move-refused", code="unreachable")).to_be_visible()
            await self.server.start()
        await self._confirm(self.route)

    async def _confirm(self, move: str) -> None:
        form = self.desk.find("move-form", move=move)
        await expect(form).to_be_visible()
        await self._keys("Control+Enter")
        await expect(form).to_have_count(0)
        await expect(self.desk.find("move-made")).to_be_visible()

    async def _next(self) -> None:
        await self._keys("n")

    async def route_what_waits(self) -> None:
        """Route the cases that still wait at the desk, from the first on."""
        left = sum(kill == "registering" for kill in self.kills.values())
        await expect(self.desk.page.locator("#visit-title")).to_be_focused()
        await self._keys("Escape")
        for n in range(left, 0, -1):
            await expect(self.desk.find("case-row")).to_have_count(n)
            await self._keys("j")
            await self._route()
            await self._keys("n", "Escape")

    async def _type(self, words: str) -> None:
        await self.desk.page.keyboard.type(words, delay=self.pace)

    async def _keys(self, *keys: str) -> None:
        for key in keys:
            if self.pace:
                await asyncio.sleep(self.pace / 1000)
            await self.desk.press(key)


def kills_of(day: int) -> Iterator[tuple[int, Kill]]:
    """Yield two kills of a long day: one while a visit is registered, one while a case is routed."""
    yield day // 3, "registering"
    yield 2 * day // 3, "routing"

"""What an operator's hands do at the hall: keys, clicks, and waiting for what the screen answers."""

from typing import Any

from playwright.async_api import Locator, Page, expect

PATIENCE_MS = 60_000
LEVELS = 5
"""Sheets, incidents and fields that may be open one over the other."""

BESIDE_THE_SHEETS = """([lon, lat]) => {
  const { map } = window.__maplebridge;
  map.stop().jumpTo({ center: [lon, lat], zoom: 15 });
  const { left, top } = map.getCanvas().getBoundingClientRect();
  const { x, y } = map.project([lon, lat]);
  return [left + x, top + y];
}"""
"""Brings a place to the middle of the map and returns its pixel."""

SETTLED = "() => window.__maplebridge.map.queryRenderedFeatures().length > 0"

ROWS = """async () => {
  const view = document.querySelector('#queue .viewport');
  const painted = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const ids = new Set();
  const rows = () => [...view.querySelectorAll('[data-testid=queue-row]')];
  const take = () => rows().forEach((row) => ids.add(Number(row.dataset.incident)));
  const before = view.scrollTop;
  for (let top = 0; top <= view.scrollHeight; top += view.clientHeight / 2) {
    view.scrollTop = top;
    await painted();
    take();
  }
  view.scrollTop = before;
  await painted();
  return [...ids];
}"""
"""Scrolls through the whole queue and returns the incidents of its rows."""


class Hands:
    """One operator at one page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def find(self, testid: str, **attributes: str | int) -> Locator:
        marks = "".join(f'[data-{name}="{value}"]' for name, value in attributes.items())
        return self.page.locator(f'[data-testid="{testid}"]{marks}')

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.page.keyboard.press(key)

    async def write(self, words: str) -> None:
        await self.page.keyboard.type(words, delay=15)

    async def seen(self, what: Locator, *, n: int | None = None) -> None:
        """Wait until there is one, or exactly `n`."""
        if n is None:
            await expect(what.first).to_be_visible(timeout=PATIENCE_MS)
        else:
            await expect(what).to_have_count(n, timeout=PATIENCE_MS)

    async def says(self, what: Locator, words: str) -> None:
        await expect(what.first).to_contain_text(words, timeout=PATIENCE_MS)

    async def back(self) -> None:
        """Close all that is open."""
        await self.press(*["Escape"] * LEVELS)
        await self.page.evaluate("() => document.activeElement?.blur()")
        await self.seen(self.find("incident"), n=0)

    async def click_map(self, lon: float, lat: float) -> None:
        x, y = await self.page.evaluate(BESIDE_THE_SHEETS, [lon, lat])
        await self.until(SETTLED)
        await self.page.mouse.click(x, y)

    async def until(self, question: str) -> None:
        """Wait until the page answers something true. Its policy forbids the browser's own way to wait."""
        for _ in range(PATIENCE_MS // 100):
            if await self.page.evaluate(question):
                return
            await self.page.wait_for_timeout(100)
        raise AssertionError(f"waited in vain for {question}")

    async def opened(self) -> int:
        """The incident that is open."""
        await self.seen(self.find("incident"))
        return int(str(await self.find("incident").get_attribute("data-incident")))

    async def rows(self) -> set[int]:
        """The incidents of all the queue's rows."""
        found: list[int] = await self.page.evaluate(ROWS)
        return set(found)

    async def ask(self, path: str, **params: Any) -> Any:
        """Read from the server in the operator's session."""
        answer = await self.page.context.request.get(path, params=params)
        assert answer.ok, f"{path}: {answer.status}"
        return await answer.json()

"""Pictures of a shift at even intervals, and one sheet of them all."""

from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from playwright.async_api import Error, Page

SHEET = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; background: #222; color: #eee; font: 22px sans-serif }}
body {{ display: grid; grid-template-columns: repeat(3, 1fr); gap: 8px }}
figure {{ margin: 0 }} img {{ width: 100%; display: block }} figcaption {{ padding: 4px 8px }}
</style>{figures}"""
FIGURE = '<figure><img src="{name}"><figcaption>{words}</figcaption></figure>'


@dataclass
class Film:
    """Takes one picture in each `every` minutes, preferably of a moment that it does not have yet."""

    page: Page
    folder: Path
    every: float
    minute: Callable[[], float]
    taken: list[tuple[str, str]] = field(default_factory=list)

    async def look(self, moment: str) -> None:
        """Take a picture of this moment, if one is due."""
        late = self.minute() - len(self.taken) * self.every
        known = any(moment in words for _, words in self.taken)
        if late < 0 or (known and late < self.every / 2):
            return
        name = f"{len(self.taken) + 1:02}.png"
        if not await self._picture(name):
            return
        self.taken.append((name, f"{self.minute():.0f} min: {moment}"))

    async def fault(self, task: str) -> None:
        """Take a picture of what went wrong, beside the film."""
        await self._picture(f"fault-{self.minute():04.0f}-{task}.png")

    async def _picture(self, name: str) -> bool:
        """Take a picture, unless the machine is too busy for one: the shift goes on without."""
        try:
            await self.page.screenshot(path=self.folder / name)
        except Error:
            return False
        return True

    async def strip(self) -> Path:
        """Draw all pictures on one sheet."""
        figures = "".join(FIGURE.format(name=name, words=escape(words)) for name, words in self.taken)
        page_file, sheet = self.folder / "film.html", self.folder / "film.png"
        page_file.write_text(SHEET.format(figures=figures), encoding="utf8")
        context = await self._browser_page()
        await context.goto(page_file.as_uri())
        await context.screenshot(path=sheet, full_page=True)
        await context.close()
        return sheet

    async def _browser_page(self) -> Page:
        browser = self.page.context.browser
        assert browser
        return await browser.new_page(viewport={"width": 2880, "height": 1800})

"""Screens in a real browser, each with a profile of its own, and each held to what every screen keeps to."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    WebSocket,
    expect,
)

from tests.browser.county import County
from tests.browser.languages import LOCALES
from tests.worlds import PASSWORD

PATIENCE_MS = 60_000
DESK = (1440, 810)
PHONE = (390, 844)

COARSE = 0.5
"""Pixels drawn for each of the page's, each way: software that plays a graphics card takes a quarter of the time."""

TELL_OF_POLICY = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
"""

OPEN_AT_MOST = 4
"""A sheet, an incident, the past, and a choice in one of them."""

LOOK = """() => {
  const { map } = window.__maplebridge;
  return { center: map.getCenter().toArray(), zoom: map.getZoom() };
}"""
LOOK_AGAIN = """(look) => {
  document.activeElement?.blur();
  window.__maplebridge.map.stop().jumpTo(look);
}"""

NOTHING = r"(?!)"
"""A pattern that no fault is tolerated by."""

SWITCH = re.compile("^(English，|中文)")
HTML_LANGUAGES = {"zh-CN": "zh-CN", "en-GB": "en"}

REFUSED = re.compile(r"status of 401 .* \S+/api/session$")
"""A browser logs every 401, and a wrong password is one."""

expect.set_options(timeout=PATIENCE_MS)


@dataclass
class Screen:
    """One page, and everything it did that no screen of ours may do. Playwright hangs its wrappers on it: no slots."""

    page: Page
    origin: str
    tolerated: re.Pattern[str]
    faults: list[str] = field(default_factory=list)
    look: dict[str, Any] = field(default_factory=dict)
    """Where the map of a kept hall looked at first: its centre and zoom."""

    def find(self, testid: str, **attributes: str | int) -> Locator:
        """Whatever is marked for tests with this name and these `data-` attributes."""
        marks = "".join(f'[data-{name}="{value}"]' for name, value in attributes.items())
        return self.page.locator(f'[data-testid="{testid}"]{marks}')

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.page.keyboard.press(key)

    async def drawn(self, layer: str) -> list[int | str]:
        """The ids of a layer whose pixels are found on the painted map; none before there is a map."""
        found: list[int | str] = await self.page.evaluate("(layer) => window.__maplebridge?.drawn(layer) ?? []", layer)
        return found

    async def drawn_at(self, lon: float, lat: float) -> tuple[str, int | str] | None:
        """The layer and the id of what is found at a place's pixel of the painted map."""
        found = await self.page.evaluate("(place) => window.__maplebridge?.at(...place) ?? null", [lon, lat])
        return found and (found["layer"], found["id"])

    async def colour_at(self, lon: float, lat: float) -> tuple[int, int, int]:
        """What the map's canvas shows at a place, red, green and blue."""
        red, green, blue = await self.page.evaluate("(place) => window.__maplebridge.colour(...place)", [lon, lat])
        return red, green, blue

    async def until(self, what: Callable[[], Awaitable[Any]], *, every_ms: float = 100) -> None:
        """Wait until `what` answers something true. The page's policy forbids the browser's own way to wait.

        What looks at the painted map has a part of it drawn anew each time.
        """
        for _ in range(int(PATIENCE_MS / every_ms)):
            if await what():
                return
            await self.page.wait_for_timeout(every_ms)
        raise AssertionError("waited in vain")

    async def ready(self) -> None:
        """Wait until the live link stands and the map's own tiles are drawn."""
        await self.live()
        await self.until(self._shows_tiles, every_ms=200)

    async def live(self) -> None:
        """Wait until the live link stands; in the past there is none."""
        await expect(self.find("link-health", state="live")).to_be_visible()

    async def _shows_tiles(self) -> bool:
        shown = "() => (window.__maplebridge?.map.queryRenderedFeatures().length ?? 0) > 0"
        return bool(await self.page.evaluate(shown))

    async def put_back(self) -> None:
        """Close what is open in a hall, as an operator would, and look at the whole county again."""
        await self.press(*["Escape"] * OPEN_AT_MOST)
        await self.page.evaluate("() => document.activeElement?.blur()")
        await self.press("0")
        await self.page.locator("#queue header button").first.click()
        await self.page.evaluate(LOOK_AGAIN, self.look)
        for left in ("incident", "replay-banner", "queue-row"):
            await expect(self.find(left)).to_have_count(0)
        await expect(self.page.get_by_role("dialog")).to_have_count(0)

    async def speak(self, locale: str) -> None:
        """Switch the language by the page's own button, unless the page speaks it."""
        html = self.page.locator("html")
        language = HTML_LANGUAGES[locale]
        if await html.get_attribute("lang") != language:
            await self.page.get_by_role("button", name=SWITCH).click()
            await expect(html).to_have_attribute("lang", language)

    async def in_each_language(self) -> AsyncIterator[str]:
        """Let the page speak each language, its own last: for words that can be looked at in place."""
        own = await self.page.locator("html").get_attribute("lang")
        for locale in sorted(LOCALES, key=lambda locale: HTML_LANGUAGES[locale] == own):
            await self.speak(locale)
            yield locale

    async def is_idle(self) -> None:
        """Wait until a phone has no task."""
        await expect(self.find("idle")).to_be_visible()

    async def has_sent(self) -> None:
        """Wait until a phone has sent what was pressed, which it shows before: else the next test meets it."""
        if await self.find("unsent").count():
            await expect(self.find("unsent", n=0)).to_be_visible()

    def hear(self) -> None:
        """Begin to write down what the page must not do."""
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self._fault(f"error: {error}"))
        self.page.on("request", self._asked)
        self.page.on("websocket", self._asked)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._fault(f"console: {message.text} {message.location.get('url', '')}")

    def _asked(self, request: Request | WebSocket) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("blob", "data") and parts.netloc != urlsplit(self.origin).netloc:
            self._fault(f"outside: {request.url}")

    def _fault(self, fault: str) -> None:
        if not REFUSED.search(fault) and not self.tolerated.search(fault):
            self.faults.append(fault)


class Screens:
    """Opens screens of a county for its users, signed in already where a user is named."""

    def __init__(self, browser: Browser, county: County, locale: str, kept: dict[str, Screen]) -> None:
        self.browser = browser
        self.kept = kept
        self.county = county
        self.locale = locale
        self.url = county.url
        """Where the screens find the server: a test may put a proxy between."""
        self.opened: list[Screen] = []

    async def __call__(
        self,
        path: str = "/",
        *,
        user: str | None = None,
        size: tuple[int, int] = DESK,
        phone: bool = False,
        motion: bool = False,
        tolerated: str = NOTHING,
        before: Callable[[Page], None] = lambda page: None,
    ) -> Screen:
        """`motion`: let maps fly, as most people see them; else they jump, which leaves time to the other tests.

        `tolerated`: faults that the test itself provokes. `before`: what to do with the page before it loads.
        """
        context = await self._context(size, phone=phone, motion=motion)
        if user:
            await self.sign_in(context, user)
        page = await context.new_page()
        screen = Screen(page=page, origin=self.url, tolerated=re.compile(tolerated))
        screen.hear()
        before(page)
        self.opened.append(screen)
        await page.goto(self.url + path)
        return screen

    async def _context(self, size: tuple[int, int], *, phone: bool, motion: bool) -> BrowserContext:
        width, height = size
        context = await self.browser.new_context(
            viewport={"width": width, "height": height},
            locale=self.locale,
            color_scheme="dark",
            device_scale_factor=COARSE,
            reduced_motion="no-preference" if motion else "reduce",
            has_touch=phone,
            is_mobile=phone,
        )
        context.set_default_timeout(PATIENCE_MS)
        await context.add_init_script(TELL_OF_POLICY)
        return context

    async def sign_in(self, context: BrowserContext, user: str) -> None:
        body = {"username": user, "password": PASSWORD}
        answer = await context.request.post(f"{self.url}/api/session", data=body)
        assert answer.ok, await answer.text()

    async def hall(self, *, fresh: bool = False, tolerated: str = NOTHING, **options: Any) -> Screen:
        """The operator's hall, live and drawn.

        It is kept for the tests of a file, and put back in between. A test that leaves more behind than Escape puts
        back, or has options of its own, gets a `fresh` one.
        """
        if fresh or options or self.url != self.county.url:
            return await self._hall(tolerated=tolerated, **options)
        kept = await self._kept_or("hall", self._new_hall, Screen.put_back)
        kept.tolerated = re.compile(tolerated)
        return kept

    async def _new_hall(self) -> Screen:
        hall = await self._hall()
        hall.look = await hall.page.evaluate(LOOK)
        return hall

    async def _hall(self, **options: Any) -> Screen:
        screen = await self("/", user="operator", **options)
        await screen.ready()
        return screen

    async def phone(self, *, tolerated: str = NOTHING, **options: Any) -> Screen:
        """The western patrol's phone, kept as the hall is: with its task gone, it stands as when it was opened."""
        if options or self.url != self.county.url:
            return await self._phone(tolerated=tolerated, **options)
        kept = await self._kept_or("phone", self._phone, Screen.is_idle)
        kept.tolerated = re.compile(tolerated)
        return kept

    async def _phone(self, **options: Any) -> Screen:
        screen = await self("/patrol", user="patrol_west", size=PHONE, phone=True, **options)
        await screen.ready()
        return screen

    async def _kept_or(
        self, name: str, opened: Callable[[], Awaitable[Screen]], put_back: Callable[[Screen], Awaitable[None]]
    ) -> Screen:
        """Take up the screen that an earlier test has left, in this test's language, or open one. What comes late of
        that test is judged as it said; one that cannot be put back fails this test alone, and is kept no longer.
        """
        screen = self.kept.pop(name, None)
        if screen is None:
            screen = await opened()
        else:
            self.opened.append(screen)
            await put_back(screen)
            await screen.live()
            await screen.speak(self.locale)
        self.kept[name] = screen
        return screen

    async def close(self) -> list[str]:
        """Close all but those that are kept; answer what any of them did that it must not.

        One that stands on its own page no more, since the test has signed out, is kept no longer.
        """
        found = [fault for screen in self.opened for fault in screen.faults]
        for name, screen in [*self.kept.items()]:
            await screen.page.unroute_all(behavior="wait")
            await screen.has_sent()
            screen.faults.clear()
            if not await screen.find("link-health").count():
                del self.kept[name]
        for screen in self.opened:
            if screen not in self.kept.values():
                await screen.page.context.close()
        return found

"""Pictures of a running installation, for the README and for whoever wants to look: no test, nothing is asserted.

    python -m tests.browser.shots http://127.0.0.1:8000 --operator NAME PASSWORD --patrol NAME PASSWORD \\
        --wall NAME PASSWORD

The demo's READY line names its accounts. The hall and the wall (1920 × 1080) and the patrol's phone (390 × 844) go to
docs/images in both languages. It only looks: nobody is sent, nothing is changed.

    python -m tests.browser.shots … --matrix FOLDER [--only hall-cut 390x844 en]

takes instead every state of `tests/browser/states.py` at every size in both languages, and a page `index.html` that
shows them side by side; `--only` keeps those whose file names hold one of the words of each kind.
"""

import argparse
import asyncio
import itertools
import struct
import zlib
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, async_playwright

from tests.browser.chromium import launched
from tests.browser.states import STATES, State, opened
from tests.shared import CHECKOUT

Accounts = dict[str, tuple[str, str]]

LOCALES = {"zh": "zh-CN", "en": "en-GB"}
PATIENCE_MS = 180_000
SETTLING_MS = 10_000
"""Until tiles have come and nothing fades or moves any more, on a machine that draws by software."""

DESK = {"viewport": {"width": 1920, "height": 1080}}
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "has_touch": True, "is_mobile": True}


async def wall(page: Page) -> None:
    """The whole county, as the wall begins."""
    await page.locator("[data-testid=latest] li").first.wait_for()


async def patrol(page: Page) -> None:
    """The phone, with or without a task."""
    await page.locator("[data-testid=patrol-task], [data-testid=idle]").first.wait_for()


SCREENS: dict[str, tuple[str, dict[str, Any], Callable[[Page], Awaitable[None]]]] = {
    "hall": ("/", DESK, opened),
    "wall": ("/wall", DESK, wall),
    "patrol": ("/patrol", PHONE, patrol),
}
ACCOUNTS = {"hall": "operator", "wall": "wall", "patrol": "patrol"}


async def signed_in(context: BrowserContext, url: str, account: tuple[str, str]) -> Page:
    context.set_default_timeout(PATIENCE_MS)
    body = dict(zip(("username", "password"), account, strict=True))
    answer = await context.request.post(f"{url}/api/session", data=body)
    if not answer.ok:
        raise SystemExit(f"{account[0]} is not let in: {answer.status} {await answer.text()}")
    return await context.new_page()


async def take(browser: Browser, url: str, *, name: str, locale: str, account: tuple[str, str]) -> bytes:
    """A PNG of one screen in one language."""
    path, device, show = SCREENS[name]
    async with await browser.new_context(locale=LOCALES[locale], color_scheme="dark", **device) as context:
        page = await signed_in(context, url, account)
        await page.goto(url + path)
        await show(page)
        await page.wait_for_timeout(SETTLING_MS)
        return packed(await page.screenshot(timeout=PATIENCE_MS))


def packed(png: bytes) -> bytes:
    """The same picture in fewer bytes: browsers pack in a hurry."""
    chunks = [*_chunks(png)]
    pixels = zlib.decompress(b"".join(data for kind, data in chunks if kind == b"IDAT"))
    head = [chunk for chunk in chunks if chunk[0] == b"IHDR"]
    whole = [*head, (b"IDAT", zlib.compress(pixels, 9)), (b"IEND", b"")]
    return png[:8] + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in whole
    )


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    while at < len(png):
        (size,) = struct.unpack_from(">I", png, at)
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        at += 12 + size


SIZES = {"1366x768": (1366, 768), "1920x1080": (1920, 1080), "3840x2160": (3840, 2160), "390x844": (390, 844)}


async def take_state(browser: Browser, url: str, *, state: State, size: str, locale: str, accounts: Accounts) -> bytes:
    """A PNG of one screen in one state, at one size and in one language."""
    width, height = SIZES[size]
    viewport = ViewportSize(width=width, height=height)
    async with await browser.new_context(locale=LOCALES[locale], color_scheme="dark", viewport=viewport) as context:
        if state.account:
            page = await signed_in(context, url, accounts[state.account])
        else:
            page = await context.new_page()
        for arrange in state.arrange:
            await arrange(context)
        await page.goto(url + state.path)
        for show in state.show:
            await show(page)
        await page.wait_for_timeout(SETTLING_MS / 2)
        return await page.screenshot(timeout=PATIENCE_MS)


async def take_matrix(url: str, accounts: Accounts, folder: Path, *, only: Sequence[str]) -> None:
    """Every state whose account is known, at every size, in every language, and a page that shows them."""
    taken: list[str] = []
    async with async_playwright() as playwright:
        browser = await launched(playwright)
        for (name, state), size, locale in itertools.product(STATES.items(), SIZES, LOCALES):
            file = f"{name}-{size}-{locale}.png"
            if not _wanted((name, size, locale), only) or (state.account and state.account not in accounts):
                continue
            png = await take_state(browser, url, state=state, size=size, locale=locale, accounts=accounts)
            await asyncio.to_thread((folder / file).write_bytes, png)
            taken.append(file)
            print(file, flush=True)  # noqa: T201
        await browser.close()
    shown = "".join(f'<figure><img src="{file}" alt="" loading="lazy"><figcaption>{file}</figure>' for file in taken)
    style = "<style>body{display:flex;flex-wrap:wrap;gap:1em;background:#222;color:#ddd}img{height:22em}</style>"
    await asyncio.to_thread((folder / "index.html").write_text, f"<!doctype html>{style}{shown}\n")


def _wanted(kinds: tuple[str, str, str], only: Sequence[str]) -> bool:
    """Whether each kind that words speak of is among them."""
    known = (STATES, SIZES, LOCALES)
    spoken = [{word for word in only if word in all_of} for all_of in known]
    return all(not words or kind in words for kind, words in zip(kinds, spoken, strict=True))


async def take_all(url: str, accounts: Accounts, folder: Path) -> None:
    async with async_playwright() as playwright:
        browser = await launched(playwright)
        for name in (name for name, role in ACCOUNTS.items() if role in accounts):
            for locale in LOCALES:
                png = await take(browser, url, name=name, locale=locale, account=accounts[ACCOUNTS[name]])
                file = folder / f"{name}-{locale}.png"
                await asyncio.to_thread(file.write_bytes, png)
                print(f"{file}: {len(png) // 1000} kB")  # noqa: T201
        await browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description="Take pictures of a running installation.")
    parser.add_argument("url")
    parser.add_argument("--folder", type=Path, default=CHECKOUT / "docs" / "images")
    parser.add_argument("--matrix", type=Path, metavar="FOLDER")
    parser.add_argument("--only", nargs="+", default=[], choices=[*STATES, *SIZES, *LOCALES], metavar="WORD")
    for role in ACCOUNTS.values():
        parser.add_argument(f"--{role}", nargs=2, metavar=("NAME", "PASSWORD"))
    asked = parser.parse_args()
    accounts = {role: tuple(given) for role in ACCOUNTS.values() if (given := getattr(asked, role))}
    folder = asked.matrix or asked.folder
    folder.mkdir(parents=True, exist_ok=True)
    url = asked.url.rstrip("/")
    asyncio.run(
        take_matrix(url, accounts, folder, only=asked.only) if asked.matrix else take_all(url, accounts, folder)
    )


if __name__ == "__main__":
    main()

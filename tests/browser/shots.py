"""Pictures of a running installation, for the README and for whoever wants to look: no test, nothing is asserted.

    python -m tests.browser.shots http://127.0.0.1:8000 --operator NAME PASSWORD --patrol NAME PASSWORD \\
        --wall NAME PASSWORD

The demo's READY line names its accounts. The hall and the wall (1920 × 1080) and the patrol's phone (390 × 844) go to
docs/images in both languages. It only looks: nobody is sent, nothing is changed.
"""

import argparse
import asyncio
import struct
import zlib
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tests.browser.chromium import launched
from tests.shared import CHECKOUT

LOCALES = {"zh": "zh-CN", "en": "en-GB"}
PATIENCE_MS = 180_000
SETTLING_MS = 10_000
"""Until tiles have come and nothing fades or moves any more, on a machine that draws by software."""

DESK = {"viewport": {"width": 1920, "height": 1080}}
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "has_touch": True, "is_mobile": True}


async def hall(page: Page) -> None:
    """The first matter of the queue, open, with whom one might send."""
    await page.locator("[data-testid=queue-row]").first.wait_for()
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await page.locator("[data-testid=candidate]").first.wait_for()


async def wall(page: Page) -> None:
    """The whole county, as the wall begins."""
    await page.locator("[data-testid=latest] li").first.wait_for()


async def patrol(page: Page) -> None:
    """The phone, with or without a task."""
    await page.locator("[data-testid=errand], [data-testid=idle]").first.wait_for()


SCREENS: dict[str, tuple[str, dict[str, Any], Callable[[Page], Awaitable[None]]]] = {
    "hall": ("/", DESK, hall),
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
    async with await browser.new_context(locale=LOCALES[locale], **device) as context:
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


async def take_all(url: str, accounts: dict[str, tuple[str, str]], folder: Path) -> None:
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
    for role in ACCOUNTS.values():
        parser.add_argument(f"--{role}", nargs=2, metavar=("NAME", "PASSWORD"))
    asked = parser.parse_args()
    accounts = {role: tuple(given) for role in ACCOUNTS.values() if (given := getattr(asked, role))}
    asked.folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(take_all(asked.url.rstrip("/"), accounts, asked.folder))


if __name__ == "__main__":
    main()

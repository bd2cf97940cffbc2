"""Pictures of a running installation, for the README and for whoever wants to look: no test, nothing is asserted.

    python -m tests.browser.shots http://127.0.0.1:8000 --operator NAME PASSWORD --patrol NAME PASSWORD \\
        --wall NAME PASSWORD --clerk NAME PASSWORD --supervisor NAME PASSWORD

The demo's READY line names its accounts. It takes the pictures of the guide in both languages, on the walk that the
tests make with `--pictures`: an incident is reported and served. Use a demo.

    python -m tests.browser.shots … --matrix FOLDER [--only hall-cut 390x844 en]

takes instead every state of `tests/browser/states.py` at every size in both languages, and a page `index.html` that
shows them side by side; `--only` keeps those whose file names hold one of the words of each kind.
"""

import argparse
import asyncio
import itertools
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, async_playwright

from tests.browser.chromium import launched
from tests.browser.pictures import FOLDER, PATIENCE_MS, SETTLING_MS, Album
from tests.browser.states import STATES, State
from tests.docs.walking import walk

Accounts = dict[str, tuple[str, str]]

LOCALES = {"zh": "zh-CN", "en": "en-GB"}
ACCOUNTS = ("operator", "patrol", "wall", "clerk", "supervisor")
TITLES = {"zh": "市场后面冒烟", "en": "Smoke behind the market"}


async def signed_in(context: BrowserContext, url: str, account: tuple[str, str]) -> Page:
    context.set_default_timeout(PATIENCE_MS)
    body = dict(zip(("username", "password"), account, strict=True))
    answer = await context.request.post(f"{url}/api/session", data=body)
    if not answer.ok:
        raise SystemExit(f"{account[0]} is not let in: {answer.status} {await answer.text()}")
    return await context.new_page()


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


def report(url: str, operator: tuple[str, str], *, lang: str) -> Any:
    """Report the READMEs' incident, and return it."""
    incident = {"category": "hazard.fire", "title": TITLES[lang], "lon": 120.638, "lat": 31.159}
    account = dict(zip(("username", "password"), operator, strict=True))
    with httpx.Client(base_url=url, headers={"Origin": url}, timeout=PATIENCE_MS / 1000) as client:
        client.post("/api/session", json=account).raise_for_status()
        incident["source"] = client.get("/api/session").json()["sources"][0]
        return client.post("/api/incidents", json=incident).raise_for_status().json()


async def take_walk(url: str, accounts: Accounts, folder: Path, *, langs: Sequence[str]) -> None:
    """The pictures of the READMEs' first five minutes and of the guide, in these languages."""
    named = {name: dict(zip(("username", "password"), given, strict=True)) for name, given in accounts.items()}
    for lang in langs:
        sending = partial(report, url, accounts["operator"], lang=lang)
        await walk(url, named, sending, locale=LOCALES[lang], times=1, album=Album(lang, folder))


def main() -> None:
    parser = argparse.ArgumentParser(description="Take pictures of a running installation.")
    parser.add_argument("url")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--matrix", type=Path, metavar="FOLDER")
    parser.add_argument("--only", nargs="+", default=[], choices=[*STATES, *SIZES, *LOCALES], metavar="WORD")
    for role in ACCOUNTS:
        parser.add_argument(f"--{role}", nargs=2, metavar=("NAME", "PASSWORD"))
    asked = parser.parse_args()
    accounts = {role: tuple(given) for role in ACCOUNTS if (given := getattr(asked, role))}
    folder = asked.matrix or asked.folder
    folder.mkdir(parents=True, exist_ok=True)
    url = asked.url.rstrip("/")
    asyncio.run(
        take_matrix(url, accounts, folder, only=asked.only)
        if asked.matrix
        else take_walk(url, accounts, folder, langs=[lang for lang in LOCALES if not asked.only or lang in asked.only])
    )


if __name__ == "__main__":
    main()

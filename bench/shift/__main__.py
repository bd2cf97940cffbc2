"""Works a shift at the hall of a running demo, for some minutes without a reload, as an operator does.

    ./maplebridge demo                                   # in another terminal
    python -m bench.shift --minutes 45 --film FOLDER < READY-LINE

Reads the demo's READY line from standard input or from `--ready FILE`.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import linear_regression
from typing import Any

from playwright.async_api import Browser, Error, Page, async_playwright

from bench.shift.film import Film
from bench.shift.hands import PATIENCE_MS, Hands
from bench.shift.watching import Watch, server_of
from bench.shift.work import Work
from tests.browser.chromium import launched

DESK = {"viewport": {"width": 1920, "height": 1080}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
PICTURES = 12
SHORT = 400
"""Characters of an error in the report."""
WARM = 1 / 3
"""Share of the shift after which memory counts: before, tiles and hours fill their stores."""

Accounts = dict[str, dict[str, str]]


async def signed_in(browser: Browser, url: str, account: dict[str, str], **options: Any) -> Page:
    """A page of an account in a profile of its own; not yet loaded."""
    context = await browser.new_context(base_url=url, locale="zh-CN", color_scheme="dark", **options)
    context.set_default_timeout(PATIENCE_MS)
    assert (await context.request.post("/api/session", data=account)).ok
    return await context.new_page()


async def work(minutes: float, work: Work, watch: Watch, film: Film, *, only: Sequence[str]) -> None:
    """Work round after round. A task that fails is written down with a picture, and the next one follows."""
    tasks = [task for task in work.tasks if not only or task.__name__ in only]
    while watch.minute < minutes:
        for task in tasks:
            if watch.minute >= minutes:
                return
            if watch.minute >= len(watch.memory):
                await watch.weigh()
            try:
                await task()
                sys.stderr.write(f"minute {watch.minute:.1f}: {task.__name__}\n")
            except (AssertionError, Error) as error:
                watch.fault(f"{task.__name__}: {str(error)[:SHORT]}")
                await film.fault(task.__name__)
                await work.hands.back()
            await film.look("the hall")
        await watch.compare_queue()


def slope(memory: Sequence[tuple[float, float, float]], which: int) -> str:
    """Format megabytes an hour, of the warm part."""
    warm = memory[int(len(memory) * WARM) :]
    if len(warm) < 3:
        return "too short to say"
    found = linear_regression([one[0] for one in warm], [one[which] for one in warm])
    return f"{60 * found.slope:+.0f} MB an hour"


def report(work: Work, watch: Watch) -> str:
    numbers = ", ".join(f"{what} {n}" for what, n in work.done.items())
    heaps, rss = (", ".join(f"{one[which]:.0f}" for one in watch.memory) for which in (1, 2))
    queues = ", ".join(f"{rows}/{there}" for rows, there in watch.queues)
    return (
        f"{watch.minute:.0f} minutes: {numbers}\n"
        f"page's heap, MB: {heaps}; {slope(watch.memory, 1)}\n"
        f"page's DOM nodes: {', '.join(map(str, watch.nodes))}\n"
        f"server, MB: {rss}; {slope(watch.memory, 2)}\n"
        f"rows / open incidents: {queues}\n"
        f"faults: {len(watch.faults)}\n" + "".join(f"  {fault}\n" for fault in watch.faults)
    )


async def shift(said: dict[str, Any], options: argparse.Namespace) -> str:
    accounts: Accounts = said["accounts"]
    async with async_playwright() as playwright:
        browser = await launched(playwright)
        page = await signed_in(browser, said["url"], accounts["operator"], **DESK)
        hands = Hands(page)
        phone = Hands(await signed_in(browser, said["url"], accounts["patrol"], **PHONE))
        watch = Watch(hands, await page.context.new_cdp_session(page), server_of(options.pid))
        await page.goto("/")
        await hands.seen(hands.find("link-health", state="live"))
        await hands.seen(hands.find("queue-row"))
        watch.hear(page)
        await phone.page.goto("/patrol")
        await phone.seen(phone.find("idle"))
        film = Film(page, options.film, options.minutes / PICTURES, lambda: watch.minute)
        force = (await phone.ask("/api/me"))["force"]
        team = (await hands.ask(f"/api/forces/{force}"))["name"]
        job = Work(hands, phone, team, film.look)
        try:
            await work(options.minutes, job, watch, film, only=options.only)
            await watch.weigh()
            await film.strip()
        except Error as error:
            watch.fault(f"the shift ended: {str(error)[:SHORT]}")
        await browser.close()
    return report(job, watch)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ready", type=Path, help="file with the demo's READY line")
    parser.add_argument("--pid", type=int, required=True, help="process id of the demo")
    parser.add_argument("--minutes", type=float, default=45)
    parser.add_argument("--film", type=Path, default=Path("film"), help="folder of the pictures")
    parser.add_argument("--only", nargs="*", default=(), metavar="TASK", help="tasks by name, of bench/shift/work.py")
    options = parser.parse_args()
    line = options.ready.read_text() if options.ready else sys.stdin.readline()
    options.film.mkdir(parents=True, exist_ok=True)
    sys.stdout.write(asyncio.run(shift(json.loads(line.partition("READY ")[2]), options)))


if __name__ == "__main__":
    main()

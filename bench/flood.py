"""Floods the hall of a running demo with reports, as a source sends them, and measures what reaches its operator.

    python -m bench.flood --ready FILE --token TOKEN

The file has the demo's READY line; `maplebridge users token demo-source` prints a token. Measured are the calls (what
is heard and read out) in any ten minutes, whether the card of critical alarms counts each critical incident that waits,
and how many keys and seconds lead from the flood to the next one sent.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import httpx
from playwright.async_api import Error, Page, async_playwright

from bench.shift.hands import Hands
from tests.browser.chromium import launched

REACH_CALLS = 10
WINDOW_SECONDS = 600
CRITICAL_EACH = 10
"""One of so many reports has the highest risk."""
KEYS = ("a", "d")
"""The next action: the next alarm's incident, and its first candidate."""
ACT_EACH_SECONDS = 45
COUNTED_WITHIN_SECONDS = 20

HEAR = """() => {
  window.heard = [];
  const called = document.querySelector('[data-testid=called]');
  new MutationObserver(() => window.heard.push([Date.now() / 1000, called.textContent]))
    .observe(called, { childList: true, characterData: true, subtree: true });
}"""

CARD = """() => document.querySelector('[data-testid=alert][data-kind=high_risk] p')?.textContent ?? ''"""


@dataclass
class Measured:
    """Critical incidents that no card counted in time, seconds of each next action, and counts of the card."""

    lost: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    most_waiting: int = 0
    counts: int = 0


def body(number: int) -> dict[str, Any]:
    risk = {"risk": "high"} if number % CRITICAL_EACH == 0 else {}
    row, column = divmod(number, 20)
    return risk | {
        "source": "hotline",
        "category": "hazard.fire",
        "title": f"浓烟 第{number + 1}报",
        "lon": 120.60 + 0.004 * column,
        "lat": 30.98 + 0.004 * row,
        "occurred_at": datetime.now(UTC).isoformat(),
    }


async def report(client: httpx.AsyncClient, *, incidents: int, seconds: float) -> None:
    """Send reports at an even pace."""
    began = time.monotonic()
    for number in range(incidents):
        await asyncio.sleep(max(0.0, began + number * seconds / incidents - time.monotonic()))
        (await client.post("/api/incidents", json=body(number))).raise_for_status()


async def critical_waiting(hands: Hands) -> set[int]:
    page = await hands.ask("/api/incidents", status="registered", limit=1000)
    return {one["id"] for one in page["items"] if one["risk"] == "high"}


async def count_critical(hands: Hands, found: Measured) -> None:
    """Compare the card's count with the server's, which go on meanwhile, until they agree."""
    seen: list[tuple[int, str]] = []
    until = time.monotonic() + COUNTED_WITHIN_SECONDS
    while time.monotonic() < until:
        before, words = len(await critical_waiting(hands)), await hands.page.evaluate(CARD)
        seen.append((before, words))
        found.most_waiting = max(found.most_waiting, before)
        shown = "".join(filter(str.isdigit, words.split("件")[0])) if "件" in words else ""
        if (before == 0 and not words) or (before == 1 and words) or shown == str(before):
            found.counts += 1
            return
        await asyncio.sleep(0.5)
    found.lost.append(f"waiting and the card: {seen[-3:]}")


async def act(hands: Hands, found: Measured) -> None:
    """Take the next action, as an operator does: by two keys, once the candidates stand there."""
    began = time.monotonic()
    try:
        await hands.press(KEYS[0])
        await hands.seen(hands.find("candidate"))
        await hands.press(KEYS[1])
        await hands.seen(hands.find("task"))
        found.seconds.append(time.monotonic() - began)
    except (AssertionError, Error) as error:
        found.failed.append(str(error)[:200])
    await hands.back()


async def operate(hands: Hands, found: Measured, *, until: float) -> None:
    acted = time.monotonic()
    while time.monotonic() < until:
        await count_critical(hands, found)
        if time.monotonic() - acted > ACT_EACH_SECONDS and await hands.find("alert").count():
            acted = time.monotonic()
            await act(hands, found)
        await asyncio.sleep(2)


def most_in_ten_minutes(times: Sequence[float]) -> int:
    return max((sum(at <= one < at + WINDOW_SECONDS for one in times) for at in times), default=0)


async def measure(said: dict[str, Any], options: argparse.Namespace) -> str:
    headers = {"Authorization": f"Bearer {options.token}"}
    seconds, found = 60 * options.minutes, Measured()
    async with async_playwright() as playwright, httpx.AsyncClient(base_url=said["url"], headers=headers) as source:
        browser = await launched(playwright)
        page = await hall(await browser.new_page(base_url=said["url"], locale="zh-CN"), said)
        hands = Hands(page)
        await hands.seen(hands.find("link-health", state="live"))
        await hands.seen(hands.find("queue-row"))
        await page.evaluate(HEAR)
        until = time.monotonic() + seconds
        await asyncio.gather(
            report(source, incidents=options.incidents, seconds=seconds), operate(hands, found, until=until)
        )
        heard = await page.evaluate("() => window.heard")
        if options.picture:
            await page.screenshot(path=options.picture)
        await browser.close()
    return summary(found, heard, options)


async def hall(page: Page, said: dict[str, Any]) -> Page:
    await page.set_viewport_size({"width": 1366, "height": 768})
    assert (await page.context.request.post("/api/session", data=said["accounts"]["operator"])).ok
    await page.goto("/")
    return page


def summary(found: Measured, heard: list[tuple[float, str]], options: argparse.Namespace) -> str:
    times = [at for at, words in heard if words]
    took = f"median {median(found.seconds):.1f} s, most {max(found.seconds):.1f} s" if found.seconds else "none"
    return (
        f"{options.incidents} reports in {options.minutes} minutes, each {CRITICAL_EACH}th critical\n"
        f"calls: {len(times)}, at most {most_in_ten_minutes(times)} in ten minutes (reach {REACH_CALLS})\n"
        f"critical ones: up to {found.most_waiting} waited, the card agreed {found.counts} times, lost: {found.lost}\n"
        f"next action: {len(KEYS)} keys, {len(found.seconds)} times, {took}; failed: {found.failed}\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ready", type=Path, required=True, help="file with the demo's READY line")
    parser.add_argument("--token", required=True, help="of the account demo-source")
    parser.add_argument("--incidents", type=int, default=300)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--picture", type=Path, help="file for a picture of the hall at the end")
    options = parser.parse_args()
    said = json.loads(options.ready.read_text().partition("READY ")[2])
    sys.stdout.write(asyncio.run(measure(said, options)))


if __name__ == "__main__":
    main()

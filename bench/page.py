"""Cost of the hall screen on the operator's machine: main thread time for each live batch, memory, and start-up.

Usage: python -m bench.page [--incidents 20000] [--forces 400] [--seconds 60] [--minutes 5]. Needs PostgreSQL with
PostGIS, Chromium, the built front end, and an otherwise idle machine. A county with that many open incidents is shown
at a zoom with cells of resolution 9, and followed while forces move every second and five incidents a second are
reported and closed: more in a minute than the county has in an hour at speed 60. Work is processor time of the page's
main thread, read from Chromium's trace between one message of the socket and the next. Drawing is done, by software on
a machine without graphics, in another process, which is not counted.
"""

import argparse
import asyncio
import json
import sys
from bisect import bisect_right
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median, quantiles
from time import perf_counter

import httpx
import numpy as np
from playwright.async_api import Browser, CDPSession, Page, async_playwright

from bench.ingest import bodies
from bench.positions import Unit, units
from bench.stage import Stage, Staged, client_of, machine, served, settle_county, staged
from tests.browser.chromium import launched
from tests.browser.server import Server

REACH_MS = 8
REACH_START_S = 3
A_SECOND = 5
"""Incidents reported and incidents closed."""

ZOOM = 11.5
PATIENCE_SECONDS = 300
DESK = {"width": 1920, "height": 1080}
CATEGORIES = ["-*", "toplevel", "devtools.timeline"]
TASK, MESSAGE = "ThreadControllerImpl::RunTask", "WebSocketReceive"

IS_USABLE = """() => document.querySelector('[data-testid=link-health][data-state=live]') !== null
    && (window.__maplebridge?.map.queryRenderedFeatures().length ?? 0) > 0"""
SHOWN = "() => ['hexes', 'incidents', 'forces'].map((layer) => window.__maplebridge.drawn(layer).length)"


@dataclass(frozen=True, slots=True)
class Work:
    """Milliseconds of the main thread: from each message to the next, and of the task that handles the message."""

    batches: list[float]
    taking: list[float]


def work_of(trace: bytes) -> Work:
    """Read a trace. Raises ValueError if it has no messages."""
    events = json.loads(trace)["traceEvents"]
    came = sorted((e["ts"], e["pid"], e["tid"]) for e in events if e["name"] == MESSAGE)
    if len(came) < 2:
        raise ValueError("no live message in the trace")
    main = came[0][1:]
    times = [at for at, *thread in came if tuple(thread) == main]
    batches, taking = [0.0] * len(times), [0.0] * len(times)
    for event in events:
        if event["name"] != TASK or (event["pid"], event["tid"]) != main:
            continue
        began, ended = event["ts"], event["ts"] + event.get("dur", 0)
        if (number := bisect_right(times, ended) - 1) >= 0:
            spent = event.get("tdur", 0) / 1000
            batches[number] += spent
            if times[number] >= began:
                taking[number] += spent
    return Work(batches[:-1], taking[:-1])


async def moving(client: httpx.AsyncClient, fleet: Sequence[Unit]) -> None:
    """Send a fix of each unit every second, on a random walk."""
    rng = np.random.default_rng(1)
    places = np.array([(unit.lon, unit.lat) for unit in fleet])
    while True:
        places += rng.uniform(-2e-5, 2e-5, places.shape)
        now = datetime.now(UTC).isoformat()
        fixes = [
            {"device": unit.device, "at": now, "lon": lon, "lat": lat}
            for unit, (lon, lat) in zip(fleet, places.round(7).tolist(), strict=True)
        ]
        (await client.post("/api/positions", json={"fixes": fixes})).raise_for_status()
        await asyncio.sleep(1)


async def coming_and_going(source: httpx.AsyncClient, operator: httpx.AsyncClient, lines: Sequence[bytes]) -> None:
    """Report incidents one by one, and close each ten seconds later, so that the number of open ones stays the same."""
    open_: deque[int] = deque()
    for line in lines:
        answer = await source.post("/api/incidents", content=line, headers={"Content-Type": "application/json"})
        open_.append(answer.raise_for_status().json()["id"])
        if len(open_) > 10 * A_SECOND:
            (await operator.post(f"/api/incidents/{open_.popleft()}/close", json={"note": ""})).raise_for_status()
        await asyncio.sleep(1 / A_SECOND)


@asynccontextmanager
async def traffic(stage: Stage, county: Staged, server: Server, *, forces: int, seconds: int) -> AsyncIterator[None]:
    """Send live traffic during the block. A failing sender ends it."""
    lines = bodies(stage, county, reports=A_SECOND * seconds, lines=1, seed=2)
    async with (
        client_of(server, county.tokens["gateway"]) as gateway,
        client_of(server, county.tokens["source"]) as source,
        client_of(server, county.tokens["operator"]) as operator,
        asyncio.TaskGroup() as group,
    ):
        going = [
            group.create_task(moving(gateway, units(stage)[:forces])),
            group.create_task(coming_and_going(source, operator, lines)),
        ]
        yield
        for task in going:
            task.cancel()


async def opened(browser: Browser, server: Server, county: Staged) -> tuple[Page, float, float]:
    """Open the hall; return the page and the seconds until its map can be used: on the clock, and of the main
    thread.
    """
    context = await browser.new_context(viewport=DESK, locale="en-GB")
    body = {"username": "operator", "password": county.passwords["operator"]}
    assert (await context.request.post(f"{server.url}/api/session", data=body)).ok
    page = await context.new_page()
    devtools = await context.new_cdp_session(page)
    await devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
    began = perf_counter()
    await page.goto(server.url)
    while not await page.evaluate(IS_USABLE):
        assert perf_counter() - began < PATIENCE_SECONDS, "the map cannot be used"
        await asyncio.sleep(0.05)
    took = perf_counter() - began
    found = (await devtools.send("Performance.getMetrics"))["metrics"]
    return page, took, float(next(metric["value"] for metric in found if metric["name"] == "TaskDuration"))


async def shown(page: Page) -> list[int]:
    """Count the cells, incidents and forces on the map, at a moment when nothing waits to be painted."""
    for _ in range(100):
        found: list[int] = await page.evaluate(SHOWN)
        if all(found):
            return found
        await asyncio.sleep(0.1)
    return [0, 0, 0]


async def heap_mb(devtools: CDPSession) -> float:
    """Return the page's memory after garbage collection."""
    await devtools.send("HeapProfiler.collectGarbage")
    return float((await devtools.send("Runtime.getHeapUsage"))["usedSize"]) / 1e6


async def followed(browser: Browser, page: Page, *, seconds: int) -> Work:
    await page.evaluate("(zoom) => window.__maplebridge.map.jumpTo({ zoom })", ZOOM)
    await asyncio.sleep(20)
    await browser.start_tracing(page=page, categories=CATEGORIES)
    await asyncio.sleep(seconds)
    return work_of(await browser.stop_tracing())


def summary(name: str, took: Sequence[float]) -> str:
    return f"{name:>40}: median {median(took):.1f} ms, p95 {quantiles(took, n=20)[18]:.1f} ms, most {max(took):.0f} ms"


async def measure(stage: Stage, options: argparse.Namespace) -> None:
    county = await settle_county(stage)
    seconds = options.seconds + 60 * options.minutes + 120
    async with served(stage) as server, async_playwright() as playwright:
        async with client_of(server, county.tokens["source"]) as source:
            for body in bodies(stage, county, reports=options.incidents, lines=1000):
                (await source.post("/api/incidents/batch", content=body)).raise_for_status()
        browser = await launched(playwright)
        async with traffic(stage, county, server, forces=options.forces, seconds=seconds):
            page, start, worked = await opened(browser, server, county)
            devtools = await page.context.new_cdp_session(page)
            work = await followed(browser, page, seconds=options.seconds)
            hexes, points, forces = await shown(page)
            heaps = [await heap_mb(devtools)]
            for _ in range(options.minutes):
                await asyncio.sleep(60)
                heaps.append(await heap_mb(devtools))
        await browser.close()
    sys.stdout.write(
        f"{machine()}; {options.incidents} open incidents, {options.forces} forces that move every second\n"
        f"on the screen at the end: {hexes} cells, {points} incidents, {forces} forces\n"
        f"{summary('the main thread, from batch to batch', work.batches)}; {len(work.batches)} batches\n"
        f"{summary('of that, taking a batch in', work.taking)}\n"
        f"median is {median(work.batches) / REACH_MS:.2f} of {REACH_MS} ms\n"
        f"usable {start:.1f} s after sign-in (reach {REACH_START_S} s, software rendering aside): "
        f"{worked:.1f} s of them work of the page's main thread\n"
        f"memory, minute by minute: {', '.join(f'{heap:.0f}' for heap in heaps)} MB\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--incidents", type=int, default=20_000)
    parser.add_argument("--forces", type=int, default=400)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--minutes", type=int, default=5)
    options = parser.parse_args()
    with staged() as stage:
        asyncio.run(measure(stage, options))


if __name__ == "__main__":
    main()

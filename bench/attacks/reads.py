"""Latency of other accounts while one account makes 24 costly reads at once.

Usage: python -m bench.attacks.reads [--at-once 24] [--seconds 20]. Needs PostgreSQL with PostGIS, and an otherwise idle
machine. One account asks for replays at 24 different moments, for 24 view exports and for 24 files, each kind for some
seconds, again and again once it is answered or refused. Meanwhile another account asks `/api/me` and `/api/county`.
"""

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from statistics import quantiles
from time import perf_counter

import httpx

from bench.crowd import gather_crowd
from bench.stage import machine, served, settle_county, staged

REACH_MS = 300.0
FORCES = 1_000
PAUSE_SECONDS = 0.02
BACKWARDS, DAY = timedelta(milliseconds=1), timedelta(days=1)

Ask = Callable[[int], str]


def kinds() -> dict[str, Ask]:
    """The address of the n-th read of each kind. No two are equal, or one answer would serve them all."""
    began = datetime.now(UTC)
    return {
        "replay": lambda n: f"/api/replay?at={(began - n * BACKWARDS).isoformat().replace('+00:00', 'Z')}",
        "view export": lambda n: f"/api/view-export.html?bbox=120.3,30.7,{121.0 + n * 1e-6},31.3",
        "export": lambda n: f"/api/export/grids?format={('gpkg', 'csv')[n % 2]}&day={(began - n * DAY).date()}",
        "hotspots": lambda n: f"/api/hotspots?window=28d&res=10&bbox=120.3,30.7,{121.0 + n * 1e-6},31.3",
    }


async def flood(client: httpx.AsyncClient, ask: Ask, numbers: "count[int]", statuses: Counter[int | str]) -> None:
    """Ask again and again, as one of many: at once when answered, after the stated seconds when refused."""
    while True:
        try:
            answer = await client.get(ask(next(numbers)))
        except httpx.TransportError as error:
            statuses[type(error).__name__] += 1
            continue
        statuses[answer.status_code] += 1
        await asyncio.sleep(float(answer.headers.get("retry-after", 0)))


async def watch(client: httpx.AsyncClient, took: list[float], statuses: Counter[int | str]) -> None:
    """Another account, at work."""
    for path in (("/api/me", "/api/county")[n % 2] for n in count()):
        began = perf_counter()
        answer = await client.get(path)
        took.append(1000 * (perf_counter() - began))
        statuses[answer.status_code] += 1
        await asyncio.sleep(PAUSE_SECONDS)


async def attacked(url: str, flooder: str, other: str, *, ask: Ask | None, at_once: int, seconds: float) -> str:
    """Return a line of figures about the other account."""
    took: list[float] = []
    ours: Counter[int | str] = Counter()
    theirs: Counter[int | str] = Counter()
    limits = httpx.Limits(max_connections=None)
    async with (
        httpx.AsyncClient(base_url=url, headers=bearer(flooder), timeout=120, limits=limits) as attacker,
        httpx.AsyncClient(base_url=url, headers=bearer(other), timeout=120) as victim,
    ):
        tasks = [asyncio.create_task(watch(victim, took, ours))]
        numbers = count(1)
        if ask is not None:
            tasks += [asyncio.create_task(flood(attacker, ask, numbers, theirs)) for _ in range(at_once)]
        await asyncio.sleep(seconds)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    cuts = quantiles(took, n=100) if len(took) > 1 else [seconds * 1000] * 99
    figures = f"p50 {cuts[49]:7.1f} ms, p99 {cuts[98]:8.1f} ms of {len(took):4d}, {cuts[98] / REACH_MS:6.2f} of reach"
    return f"{figures}; others got {dict(ours)}, the flooder {dict(theirs)}"


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def run(*, at_once: int, seconds: float) -> None:
    with staged() as stage:
        county = await settle_county(stage)
        gather_crowd(stage, forces=FORCES)
        async with served(stage) as server:
            flooder, other = county.tokens["operator"], county.tokens["gateway"]
            sys.stdout.write(f"{machine()}\n")
            for name, ask in {"nothing": None, **kinds()}.items():
                line = await attacked(server.url, flooder, other, ask=ask, at_once=at_once, seconds=seconds)
                sys.stdout.write(f"{name:>12}: {line}\n")
                sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--at-once", type=int, default=24)
    parser.add_argument("--seconds", type=float, default=20.0)
    given = parser.parse_args()
    asyncio.run(run(at_once=given.at_once, seconds=given.seconds))


if __name__ == "__main__":
    main()

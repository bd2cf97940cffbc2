"""Growth of times and sizes with the county and with the years, as one table.

Usage: python -m bench.growth [--times 1 4 16] [--years 1 5 20] [--asks 40]. Needs PostgreSQL with PostGIS, an otherwise
idle machine, and some 30 GB of disk for all of it. `bench/history.py` describes how counties are enlarged. All figures
are of the real server over HTTP; processor time is the server's and PostgreSQL's together.
"""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, fields
from statistics import median, quantiles
from time import perf_counter

import httpx

from api.keeping.postgres.roles import connect
from bench.candidates import timed
from bench.history import delete_reports, enlarge, recount_incidents, write_incidents
from bench.ingest import bodies
from bench.stage import Meter, Stage, Staged, client_of, machine, served, settle_county, staged
from bench.tiles import chosen
from tests.browser.server import Server

BATCHES, LINES = 6, 1000
ZOOM = 14


@dataclass(frozen=True, slots=True)
class Grown:
    """Figures of one county at one age. Times are medians in milliseconds, unless the name says otherwise."""

    county: str
    years: str
    incidents: str
    database_gb: str
    recount_s: str
    ingest_per_s: str
    ingest_cpu_ms_per_1000: str
    candidates: str
    candidates_p95: str
    snapshot: str
    snapshot_mb: str
    hotspots_24h: str
    hotspots_28d: str
    hotspots_first: str
    newest: str
    of_a_class: str
    in_a_box: str
    tile: str


Get = Callable[[str], Awaitable[httpx.Response]]


async def milliseconds(get: Get, paths: list[str], *, asks: int) -> list[float]:
    async def ask(i: int) -> None:
        await get(paths[i % len(paths)])

    await timed(ask, asks=min(len(paths), 3))
    return await timed(ask, asks=asks)


async def measure_ingest(stage: Stage, county: Staged, server: Server) -> tuple[float, float]:
    """Return reports a second, and milliseconds of processor time for a thousand."""
    sent = bodies(stage, county, reports=BATCHES * LINES, lines=LINES, seed=int(perf_counter() * 1000) % 10**6)
    async with client_of(server, county.tokens["source"]) as client:
        (await client.post("/api/incidents/batch", content=sent[0])).raise_for_status()
        with Meter(stage, server) as meter:
            for body in sent[1:]:
                (await client.post("/api/incidents/batch", content=body)).raise_for_status()
    reports = (BATCHES - 1) * LINES
    return reports / meter.clock, 1e6 * (meter.spent["server"] + meter.spent["PostgreSQL"]) / reports


async def measure_reads(stage: Stage, client: httpx.AsyncClient, *, asks: int) -> dict[str, str]:
    """Time the hall's requests, as an operator of the whole county."""

    async def get(path: str) -> httpx.Response:
        return (await client.get(path)).raise_for_status()

    began = perf_counter()
    await get("/api/hotspots?res=9&window=24h")
    first = 1000 * (perf_counter() - began)
    newest = (await get("/api/incidents?limit=100&status=registered")).json()["items"]
    west, south = newest[0]["lon"] - 0.02, newest[0]["lat"] - 0.02
    box = f"/api/incidents?bbox={west},{south},{west + 0.04},{south + 0.04}"
    candidates = await milliseconds(get, [f"/api/incidents/{one['id']}/candidates" for one in newest], asks=asks)
    tiles = chosen(stage, zoom=ZOOM, tiles=asks)[1]
    paths = [f"/ogc/tiles/WebMercatorQuad/{tile.z}/{tile.y}/{tile.x}" for tile in tiles]
    few = max(asks // 4, 3)

    async def middle(path: str) -> str:
        return f"{median(await milliseconds(get, [path], asks=few)):.0f}"

    return {
        "candidates": f"{median(candidates):.0f}",
        "candidates_p95": f"{quantiles(candidates, n=20)[18]:.0f}",
        "snapshot": await middle("/api/snapshot"),
        "snapshot_mb": f"{len((await get('/api/snapshot')).content) / 1e6:.1f}",
        "hotspots_24h": await middle("/api/hotspots?res=9&window=24h"),
        "hotspots_28d": await middle("/api/hotspots?res=9&window=28d"),
        "hotspots_first": f"{first:.0f}",
        "newest": await middle("/api/incidents?limit=100"),
        "of_a_class": await middle("/api/incidents?limit=100&category=hazard"),
        "in_a_box": await middle(box),
        "tile": f"{median(await milliseconds(get, paths, asks=asks)):.1f}",
    }


async def grown(stage: Stage, county: Staged, *, times: int, years: int, asks: int) -> Grown:
    began = perf_counter()
    await recount_incidents(stage, root=county.pack.root.code)
    recount_s = perf_counter() - began
    stage.analyze()
    with connect(stage.cluster.socket, stage.database) as superuser:
        asked = "SELECT count(*), pg_database_size(current_database()) FROM incidents"
        incidents, size = superuser.execute(asked).fetchone() or (0, 0)
    async with served(stage) as server:
        async with client_of(server, county.tokens["operator"]) as client:
            reads = await measure_reads(stage, client, asks=asks)
        rate, cpu = await measure_ingest(stage, county, server)
    delete_reports(stage)
    return Grown(
        county=f"{times} x",
        years=str(years),
        incidents=f"{incidents:,}",
        database_gb=f"{size / 1e9:.2f}",
        recount_s=f"{recount_s:.1f}",
        ingest_per_s=f"{rate:,.0f}",
        ingest_cpu_ms_per_1000=f"{cpu:.0f}",
        **reads,
    )


async def ages(stage: Stage, options: argparse.Namespace, *, times: int) -> AsyncIterator[Grown]:
    """Yield figures of one county with more and more years."""
    county = await settle_county(stage)
    await enlarge(stage, root=county.pack.root.code, times=times)
    assert county.pack.demo.traffic is not None
    yearly = times * sum(county.pack.demo.traffic.yearly.values())
    since = 0
    for years in sorted(options.years):
        write_incidents(stage, incidents=yearly * (years - since), since=since, until=years)
        since = years
        yield await grown(stage, county, times=times, years=years, asks=options.asks)


def row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |\n"


async def measure(options: argparse.Namespace) -> None:
    names = [field.name.replace("_", " ") for field in fields(Grown)]
    sys.stdout.write(f"{machine()}\n\n" + row(names) + row(["---"] * len(names)))
    for times in sorted(options.times):
        with staged() as stage:
            async for figures in ages(stage, options, times=times):
                sys.stdout.write(row([getattr(figures, field.name) for field in fields(Grown)]))
                sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, nargs="+", default=[1, 4, 16])
    parser.add_argument("--years", type=int, nargs="+", default=[1, 5, 20])
    parser.add_argument("--asks", type=int, default=40)
    asyncio.run(measure(parser.parse_args()))


if __name__ == "__main__":
    main()

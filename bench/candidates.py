"""Response time of candidates over HTTP, in the county with 5,000 forces on duty.

Usage: python -m bench.candidates [--forces 5020] [--asks 400]. Needs PostgreSQL with PostGIS, and an otherwise idle
machine. Prints percentiles in milliseconds, processor time, and how many bare nearest-neighbour queries one response
costs. A tenth of the forces has no fix, each has had a task today, one in twenty-five is busy.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from statistics import median

import orjson
import psycopg

from api.keeping.postgres.roles import conninfo_of
from bench.crowd import gather_crowd
from bench.ingest import bodies
from bench.stage import Meter, Stage, client_of, machine, plain_client, served, settle_county, staged, summary

REACH_MS = 30
WARM = 40
INCIDENTS = 100
BARE = """
SELECT force_id, ST_Distance(geom::geography, ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326)::geography)
FROM latest_fixes ORDER BY geom <-> ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326) LIMIT 10
"""
Asked = Callable[[int], Awaitable[object]]


async def timed(ask: Asked, *, asks: int) -> list[float]:
    """Return the milliseconds of each request, one after the other."""
    took = []
    for i in range(asks):
        start = time.perf_counter()
        await ask(i)
        took.append(1000 * (time.perf_counter() - start))
    return took


def listed(get: Callable[[str], bytes]) -> list[dict[str, float]]:
    """List the newest incidents."""
    items: list[dict[str, float]] = orjson.loads(get(f"/api/incidents?limit={INCIDENTS}&status=registered"))["items"]
    return items


def asking(get: Callable[[str], bytes], incidents: Sequence[dict[str, float]]) -> Asked:
    async def ask(i: int) -> None:
        answer = get(f"/api/incidents/{incidents[i % len(incidents)]['id']}/candidates")
        assert len(orjson.loads(answer)["candidates"]) == 10

    return ask


async def bare(stage: Stage, root: str, incidents: Sequence[dict[str, float]], *, asks: int) -> list[float]:
    """Time the bare query for the ten nearest forces, on one connection within the same reach."""
    connection = await psycopg.AsyncConnection.connect(conninfo_of(stage.urls.app), autocommit=True)
    async with connection:
        await connection.execute("SELECT set_config('maplebridge.scope', %s, false)", [root])

        async def ask(i: int) -> None:
            await (await connection.execute(BARE, incidents[i % len(incidents)])).fetchall()

        await timed(ask, asks=WARM)
        return await timed(ask, asks=asks)


async def measure(stage: Stage, options: argparse.Namespace) -> None:
    county = await settle_county(stage)
    on_duty = gather_crowd(stage, forces=options.forces)
    async with served(stage) as server:
        async with client_of(server, county.tokens["source"]) as source:
            for body in bodies(stage, county, reports=INCIDENTS, lines=INCIDENTS):
                (await source.post("/api/incidents/batch", content=body)).raise_for_status()
        with plain_client(server.url, county.tokens["operator"]) as operator:
            incidents = listed(operator)
            ask = asking(operator, incidents)
            await timed(ask, asks=WARM)
            with Meter(stage, server) as meter:
                answers = await timed(ask, asks=options.asks)
        nearest = await bare(stage, county.pack.root.code, incidents, asks=options.asks)
    lines = (
        f"{machine()}; {on_duty} forces on duty, {len(incidents)} incidents (reach: p95 {REACH_MS} ms)",
        summary("over HTTP", answers),
        summary("bare nearest", nearest),
        f"one response costs {median(answers) / median(nearest):.0f} bare queries",
        meter.summary(per=options.asks, unit="responses"),
    )
    sys.stdout.write("\n".join(lines) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--forces", type=int, default=5_020)
    parser.add_argument("--asks", type=int, default=400)
    options = parser.parse_args()
    with staged() as stage:
        asyncio.run(measure(stage, options))


if __name__ == "__main__":
    main()

"""How long an operator waits for candidates: the county with 5,000 forces on duty, asked over HTTP.

Usage: python -m bench.candidates [--forces 5020] [--asks 400]. Needs PostgreSQL with PostGIS, and nothing else running.
Prints percentiles in milliseconds, processor time, and how many bare nearest-neighbour queries one answer costs. A
tenth of the forces has no fix, every one has had a task today, one in twenty-five is busy.
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
from bench.stage import Meter, Stage, client_of, machine, plain_client, served, settle_county, staged, told

REACH_MS = 30
WARM = 40
MATTERS = 100
BARE = """
SELECT force_id, ST_Distance(geom::geography, ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326)::geography)
FROM latest_fixes ORDER BY geom <-> ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326) LIMIT 10
"""
Asked = Callable[[int], Awaitable[object]]


async def timed(ask: Asked, *, asks: int) -> list[float]:
    """Milliseconds of each ask, one after the other."""
    took = []
    for i in range(asks):
        start = time.perf_counter()
        await ask(i)
        took.append(1000 * (time.perf_counter() - start))
    return took


def listed(get: Callable[[str], bytes]) -> list[dict[str, float]]:
    """The matters to ask about: the newest, which were reported last."""
    items: list[dict[str, float]] = orjson.loads(get(f"/api/incidents?limit={MATTERS}&status=registered"))["items"]
    return items


def asking(get: Callable[[str], bytes], matters: Sequence[dict[str, float]]) -> Asked:
    async def ask(i: int) -> None:
        answer = get(f"/api/incidents/{matters[i % len(matters)]['id']}/candidates")
        assert len(orjson.loads(answer)["candidates"]) == 10

    return ask


async def bare(stage: Stage, root: str, matters: Sequence[dict[str, float]], *, asks: int) -> list[float]:
    """The same server asked for the ten nearest alone, through one connection within the same reach."""
    connection = await psycopg.AsyncConnection.connect(conninfo_of(stage.urls.app), autocommit=True)
    async with connection:
        await connection.execute("SELECT set_config('maplebridge.scope', %s, false)", [root])

        async def ask(i: int) -> None:
            await (await connection.execute(BARE, matters[i % len(matters)])).fetchall()

        await timed(ask, asks=WARM)
        return await timed(ask, asks=asks)


async def measure(stage: Stage, options: argparse.Namespace) -> None:
    county = await settle_county(stage)
    on_duty = gather_crowd(stage, forces=options.forces)
    async with served(stage) as server:
        async with client_of(server, county.tokens["source"]) as source:
            for body in bodies(stage, county, reports=MATTERS, lines=MATTERS):
                (await source.post("/api/incidents/batch", content=body)).raise_for_status()
        with plain_client(server.url, county.tokens["operator"]) as operator:
            matters = listed(operator)
            ask = asking(operator, matters)
            await timed(ask, asks=WARM)
            with Meter(stage, server) as meter:
                answers = await timed(ask, asks=options.asks)
        nearest = await bare(stage, county.pack.root.code, matters, asks=options.asks)
    told_ = (
        f"{machine()}; {on_duty} forces on duty, {len(matters)} matters (reach: p95 {REACH_MS} ms)",
        told("over HTTP", answers),
        told("bare nearest", nearest),
        f"one answer costs {median(answers) / median(nearest):.0f} bare queries",
        meter.told(per=options.asks, unit="answers"),
    )
    sys.stdout.write("\n".join(told_) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--forces", type=int, default=5_020)
    parser.add_argument("--asks", type=int, default=400)
    options = parser.parse_args()
    with staged() as stage:
        asyncio.run(measure(stage, options))


if __name__ == "__main__":
    main()

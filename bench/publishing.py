"""Time to put a plan's lines in force on its day, and how long readers wait meanwhile.

Usage: python -m bench.publishing [--incidents 30000]. Needs PostgreSQL with PostGIS, and an otherwise idle machine. On
5,337 micro-grids with so many open incidents one plan merges two grids; another merges all towns, so that nearly all
divisions and incidents change hands. The server puts each in force, while a reader asks it for incidents, divisions and
a tile, and undoes it. Prints seconds, their ratio to the reach, what changed hands, the slowest answer, beside the
slowest before, and processor time.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations
from typing import Any

import httpx
import shapely
from sqlalchemy import text

from bench.ingest import bodies
from bench.plans import LINES, signed_in
from bench.stage import Meter, Stage, Staged, client_of, machine, served, settle_county, staged
from geo.store import Reach, Store

REACH_SECONDS = 3.0
REACH_READ_MS = 100
ASKED = ("/api/incidents?limit=20", "/api/divisions?levels=town", "/ogc/tiles/WebMercatorQuad/12/1672/3420")
PAUSE_SECONDS = 0.02
IN_FORCE = text("SELECT EXISTS (SELECT FROM plan_publications WHERE ended_at IS NULL AND applied_at IS NOT NULL)")
MOVED = text("SELECT thing, count(*) FROM plan_transfers GROUP BY thing ORDER BY thing")

Operation = dict[str, Any]


@dataclass(slots=True)
class Reading:
    """Milliseconds of answers, from the first to the last."""

    took: list[float] = field(default_factory=list)

    @property
    def slowest(self) -> float:
        return max(self.took, default=0.0)


@asynccontextmanager
async def reading(client: httpx.AsyncClient) -> AsyncIterator[Reading]:
    """Ask the server one thing after the other until the block ends."""
    found, ends = Reading(), asyncio.Event()

    async def ask() -> None:
        while not ends.is_set():
            for path in ASKED:
                start = time.perf_counter()
                answer = await client.get(path)
                found.took.append(1000 * (time.perf_counter() - start))
                assert answer.status_code == 200, answer.text

    asking = asyncio.create_task(ask())
    try:
        yield found
    finally:
        ends.set()
        await asking


async def approved(planner: httpx.AsyncClient, supervisor: httpx.AsyncClient, root: str, operation: Operation) -> str:
    """Draw a plan of one operation and have it approved. Return its address."""
    made = await planner.post("/api/plans", json={"title": "bench", "division": root})
    plan = f"/api/plans/{made.json()['id']}"
    for who, step, body in (
        (planner, "operations", operation),
        (planner, "submit", {}),
        (supervisor, "review", {"verdict": "approve"}),
    ):
        await done(who, f"{plan}/{step}", body)
    return plan


async def done(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> None:
    answer = await client.post(path, json=body)
    assert answer.status_code == 200, answer.text


@dataclass(slots=True)
class Bench:
    """Two people who publish, somebody who reads meanwhile, and who looks into the database without the server."""

    store: Store
    county: Staged
    planner: httpx.AsyncClient
    supervisor: httpx.AsyncClient
    reader: httpx.AsyncClient

    @property
    def root(self) -> str:
        return self.county.pack.root.code

    async def measure(self, name: str, operation: Operation) -> str:
        plan = await approved(self.planner, self.supervisor, self.root, operation)
        async with reading(self.reader) as before:
            await asyncio.sleep(2)
        today = datetime.now(self.county.pack.zone).date().isoformat()
        await done(self.supervisor, f"{plan}/publish", {"day": today})
        start = time.perf_counter()
        async with reading(self.reader) as during:
            await self.until_in_force()
            seconds = time.perf_counter() - start
        async with self.store.transaction(Reach(scope=self.root)) as session:
            moved = ", ".join(f"{n} {thing}" for thing, n in await session.execute(MOVED))
        start = time.perf_counter()
        await done(self.supervisor, f"{plan}/unpublish", {})
        return (
            f"{name}: in force in {seconds:.2f} s, {seconds / REACH_SECONDS:.2f} of its reach, with up to 1 s until the"
            f" server looks; undone in {time.perf_counter() - start:.2f} s;"
            f" slowest of {len(during.took)} answers {during.slowest:.0f} ms (reach {REACH_READ_MS}), before"
            f" {before.slowest:.0f} ms; so far changed hands: {moved}"
        )

    async def until_in_force(self) -> None:
        while True:
            async with self.store.transaction(Reach(scope=self.root)) as session:
                if await session.scalar(IN_FORCE):
                    return
            await asyncio.sleep(PAUSE_SECONDS)


def merges(divisions: list[dict[str, Any]], features: list[dict[str, Any]]) -> dict[str, Operation]:
    """Return a merge of two neighbouring grids, and one of all towns, by name."""
    grids = {
        one["id"]: shapely.geometry.shape(one["geometry"]) for one in features if one["properties"]["level"] == "grid"
    }
    pairs = (pair for pair in combinations(grids, 2) if shapely.intersection(*(grids[code] for code in pair)).length)
    towns = [one["code"] for one in divisions if one["level"] == "town"]
    return {
        "two grids": {"op": "merge", "codes": [*next(pairs)]},
        "all towns": {"op": "merge", "codes": towns},
    }


async def lines_of(planner: httpx.AsyncClient, division: str) -> list[dict[str, Any]]:
    plan = (await planner.post("/api/plans", json={"title": "bench", "division": division})).json()["id"]
    found: list[dict[str, Any]] = (await planner.get(f"/api/plans/{plan}/lines")).json()["features"]
    return found


async def measure(stage: Stage, options: argparse.Namespace) -> None:
    county = await settle_county(stage)
    store = Store(stage.urls.app, pool_size=2)
    async with served(stage) as server:
        async with client_of(server, county.tokens["source"]) as source:
            for body in bodies(stage, county, reports=options.incidents, lines=LINES):
                (await source.post("/api/incidents/batch", content=body)).raise_for_status()
        stage.analyze()
        headers = {"Origin": server.url}
        async with (
            httpx.AsyncClient(base_url=server.url, headers=headers, timeout=600) as planner,
            httpx.AsyncClient(base_url=server.url, headers=headers, timeout=600) as supervisor,
            httpx.AsyncClient(base_url=server.url, headers=headers, timeout=600) as reader,
        ):
            for client, who in ((planner, "planner"), (supervisor, "supervisor"), (reader, "supervisor")):
                await signed_in(client, county, who)
            divisions = (await planner.get("/api/divisions")).json()["items"]
            sys.stdout.write(f"{machine()}; {len(divisions)} divisions, {options.incidents} open incidents\n")
            bench = Bench(store, county, planner, supervisor, reader)
            village = next(one["code"] for one in divisions if one["level"] == "village")
            for name, operation in merges(divisions, await lines_of(planner, village)).items():
                with Meter(stage, server) as meter:
                    told = await bench.measure(name, operation)
                sys.stdout.write(f"{told}\n{meter.summary(per=1, unit='publication with reading and undoing')}\n")
                sys.stdout.flush()
    await store.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--incidents", type=int, default=30_000)
    options = parser.parse_args()
    with staged() as stage:
        asyncio.run(measure(stage, options))


if __name__ == "__main__":
    main()

"""Time to put a plan's lines in force on its day, and how long readers wait meanwhile.

Usage: python -m bench.publishing [--incidents 30000]. Needs PostgreSQL with PostGIS, and an otherwise idle machine. On
5,337 micro-grids with so many open incidents one plan merges two grids; another merges all towns, so that nearly all
divisions and incidents change hands. Each is put in force and undone, while a reader asks the server for incidents,
divisions and a tile. Prints seconds, their ratio to the reach, what changed hands, and the slowest answer, beside the
slowest before.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import httpx
import shapely
from sqlalchemy import text

from bench.ingest import bodies
from bench.plans import LINES, signed_in
from bench.stage import Meter, Stage, Staged, client_of, machine, served, settle_county, staged
from console.deadlines.actions import sweep
from console.planning.deadlines import first_days
from console.planning.drafts import Drafts
from geo.store import Reach, Store

REACH_SECONDS = 3.0
REACH_READ_MS = 100
ASKED = ("/api/incidents?limit=20", "/api/divisions?levels=town", "/ogc/tiles/WebMercatorQuad/12/1672/3420")
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
    """Draw a plan of one operation, have it approved, and publish it for tomorrow. Return its address."""
    made = await planner.post("/api/plans", json={"title": "bench", "division": root})
    plan = f"/api/plans/{made.json()['id']}"
    for who, step, body in (
        (planner, "operations", operation),
        (planner, "submit", {}),
        (supervisor, "review", {"verdict": "approve"}),
        (supervisor, "publish", {"day": (datetime.now(UTC) + timedelta(days=1, hours=8)).date().isoformat()}),
    ):
        answer = await who.post(f"{plan}/{step}", json=body)
        assert answer.status_code == 200, answer.text
    return plan


async def timed(done: Callable[[], Awaitable[object]]) -> float:
    start = time.perf_counter()
    await done()
    return time.perf_counter() - start


@dataclass(slots=True)
class Bench:
    """The server's database as its sweeper sees it, and two people who publish."""

    store: Store
    county: Staged
    planner: httpx.AsyncClient
    supervisor: httpx.AsyncClient

    @property
    def root(self) -> str:
        return self.county.pack.root.code

    async def put_in_force(self) -> tuple[float, float]:
        """Sweep as of the day after tomorrow, with lines that were read before, as a running server has them."""
        drafts = Drafts([level.level for level in self.county.pack.root.levels])
        kinds, now = (first_days(drafts, self.county.pack.zone),), datetime.now(UTC) + timedelta(days=2)
        async with self.store.transaction(Reach(scope=self.root)) as session:
            await drafts.lines_on(session, self.root, day=now.date())

        async def swept() -> None:
            async with self.store.transaction(Reach(scope=self.root)) as session:
                assert await sweep(session, kinds, now=now) == 1

        spent = time.process_time()
        seconds = await timed(swept)
        return seconds, time.process_time() - spent

    async def measure(self, name: str, operation: Operation) -> str:
        plan = await approved(self.planner, self.supervisor, self.root, operation)
        async with reading(self.supervisor) as before:
            await asyncio.sleep(2)
        async with reading(self.supervisor) as during:
            seconds, spent = await self.put_in_force()
        async with self.store.transaction(Reach(scope=self.root)) as session:
            moved = ", ".join(f"{n} {thing}" for thing, n in await session.execute(MOVED))
        undoing = await timed(lambda: self.supervisor.post(f"{plan}/unpublish"))
        return (
            f"{name}: in force in {seconds:.2f} s, {seconds / REACH_SECONDS:.2f} of its reach,"
            f" {spent:.2f} s of a processor beside PostgreSQL;"
            f" undone in {undoing:.2f} s;"
            f" slowest of {len(during.took)} answers {during.slowest:.0f} ms (reach {REACH_READ_MS}), before"
            f" {before.slowest:.0f} ms; so far changed hands: {moved}"
        )


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
        ):
            for client, who in ((planner, "planner"), (supervisor, "supervisor")):
                await signed_in(client, county, who)
            divisions = (await planner.get("/api/divisions")).json()["items"]
            sys.stdout.write(f"{machine()}; {len(divisions)} divisions, {options.incidents} open incidents\n")
            bench = Bench(store, county, planner, supervisor)
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

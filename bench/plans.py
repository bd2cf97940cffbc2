"""Time to answer an operation on a plan over HTTP, on 5,337 micro-grids with a year of incidents.

Usage: python -m bench.plans [--incidents 30000] [--asks 100]. Needs PostgreSQL with PostGIS, and an otherwise idle
machine. Prints percentiles in milliseconds and processor time of previews, and of operations that are kept. Each splits
another micro-grid, and is answered with what is wrong and the figures of all that it touches.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Iterator
from typing import Any

import httpx
import shapely

from bench.ingest import bodies
from bench.stage import Meter, Stage, Staged, client_of, machine, served, settle_county, staged, summary
from tests.browser.server import Server

REACH_MS = 100
WARM = 5
LINES = 1_000

Operation = dict[str, Any]


def splits(features: list[dict[str, Any]]) -> Iterator[Operation]:
    """Yield a split of each micro-grid, from west to east through its middle."""
    for feature in features:
        if feature["properties"]["level"] == "micro_grid":
            shape = shapely.geometry.shape(feature["geometry"])
            west, _, east, _ = shape.bounds
            y = shape.centroid.y
            line = [[west - 0.0001, y], [east + 0.0001, y]]
            if shapely.get_num_geometries(shapely.LineString(line).intersection(shape)) == 1:
                yield {"op": "split", "code": feature["properties"]["code"], "line": line}


async def asked(client: httpx.AsyncClient, path: str, operations: list[Operation]) -> list[float]:
    """Return the milliseconds of each request, one after the other."""
    took = []
    for operation in operations:
        start = time.perf_counter()
        answer = await client.post(path, json=operation)
        took.append(1000 * (time.perf_counter() - start))
        assert answer.status_code == 200, answer.text
    return took


async def signed_in(client: httpx.AsyncClient, county: Staged, username: str) -> None:
    body = {"username": username, "password": county.passwords[username]}
    (await client.post("/api/session", json=body)).raise_for_status()


async def measure(stage: Stage, options: argparse.Namespace) -> None:
    county = await settle_county(stage)
    async with served(stage) as server:
        async with client_of(server, county.tokens["source"]) as source:
            for body in bodies(stage, county, reports=options.incidents, lines=LINES):
                (await source.post("/api/incidents/batch", content=body)).raise_for_status()
        stage.analyze()
        async with httpx.AsyncClient(base_url=server.url, headers={"Origin": server.url}, timeout=600) as planner:
            await signed_in(planner, county, "planner")
            await measured(stage, server, planner, root=county.pack.root.code, asks=options.asks)


async def measured(stage: Stage, server: Server, planner: httpx.AsyncClient, *, root: str, asks: int) -> None:
    start = time.perf_counter()
    plan = (await planner.post("/api/plans", json={"title": "bench", "division": root})).json()["id"]
    began = time.perf_counter() - start
    features = (await planner.get(f"/api/plans/{plan}/lines")).json()["features"]
    operations = [*splits(features)][: 2 * asks + WARM]
    preview, keep = f"/api/plans/{plan}/preview", f"/api/plans/{plan}/operations"
    first = await asked(planner, preview, operations[:1])
    await asked(planner, preview, operations[:WARM])
    with Meter(stage, server) as meter:
        previews = await asked(planner, preview, operations[WARM : WARM + asks])
    with Meter(stage, server) as kept:
        drawn = await asked(planner, keep, operations[WARM + asks :])
    lines = (
        f"{machine()}; {len(features)} divisions; a plan begun in {began:.1f} s, its first answer in {first[0]:.0f} ms",
        summary(f"preview (reach: p95 {REACH_MS} ms)", previews),
        meter.summary(per=len(previews), unit="previews"),
        summary("operation", drawn),
        kept.summary(per=len(drawn), unit="operations"),
    )
    sys.stdout.write("\n".join(lines) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--incidents", type=int, default=30_000)
    parser.add_argument("--asks", type=int, default=100)
    options = parser.parse_args()
    with staged() as stage:
        asyncio.run(measure(stage, options))


if __name__ == "__main__":
    main()

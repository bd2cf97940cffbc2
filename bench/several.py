"""Time to propose forces for 200 incidents at once over HTTP, and the minutes saved against sending one by one.

Usage: python -m bench.several [--forces 400] [--incidents 200] [--asks 5] [--city sf_fire_dispatch.parquet]. Needs
PostgreSQL with PostGIS, and an otherwise idle machine. With --city, a file of real dispatches, it also replays its
calls: those of each quarter of an hour are sent as one, by straight lines, from where each free unit was last.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import orjson
import pandas as pd

from api.keeping.postgres.roles import connect
from bench.city import free_units, read_responses
from bench.crowd import gather_crowd
from bench.ingest import bodies
from bench.stage import Meter, Stage, client_of, machine, served, settle_county, staged, summary
from console.dispatching.proposing import Ask, assign_all, one_by_one, total
from geo.travel import DEFAULT_MODES, distance_m

REACH_MS = 2_000
EVERYBODY = 5_020
FEWEST = 4
"""Calls of a quarter of an hour from which on there is something to choose."""
REST_OFF = (
    "UPDATE forces SET duty = 'off' WHERE id NOT IN (SELECT id FROM forces WHERE duty = 'on' ORDER BY id LIMIT %s)"
)


async def ask(client: httpx.AsyncClient, incidents: Sequence[int], *, asks: int) -> tuple[list[float], dict[str, Any]]:
    """Return milliseconds of each request, and the last answer's figures."""
    took: list[float] = []
    found: dict[str, Any] = {}
    for _ in range(asks):
        start = time.perf_counter()
        answer = await client.post("/api/dispatch/proposals", json={"incidents": [*incidents]})
        took.append(1000 * (time.perf_counter() - start))
        found = orjson.loads(answer.raise_for_status().content)
    return took, found


async def measure(stage: Stage, options: argparse.Namespace) -> None:
    county = await settle_county(stage)
    gather_crowd(stage, forces=EVERYBODY)
    lines = [machine()]
    async with served(stage) as server:
        async with client_of(server, county.tokens["source"]) as source:
            for body in bodies(stage, county, reports=options.incidents, lines=options.incidents):
                (await source.post("/api/incidents/batch", content=body)).raise_for_status()
        async with client_of(server, county.tokens["operator"]) as operator:
            listed = await operator.get(f"/api/incidents?limit={options.incidents}&status=registered")
            incidents = [each["id"] for each in orjson.loads(listed.content)["items"]]
            for forces in (EVERYBODY, options.forces):
                if forces < EVERYBODY:
                    with connect(stage.cluster.socket, stage.database) as superuser:
                        superuser.execute(REST_OFF, [forces])
                await ask(operator, incidents, asks=1)
                with Meter(stage, server) as meter:
                    took, found = await ask(operator, incidents, asks=options.asks)
                saved = found["greedy_minutes"] - found["total_minutes"]
                lines += [
                    summary(f"{len(incidents)} incidents x {forces} forces on duty (reach {REACH_MS} ms)", took),
                    f"{len(found['assignments'])} sent; best {found['total_minutes']:.0f} minutes, saved {saved:.0f}",
                    meter.summary(per=options.asks, unit="proposals"),
                ]
    sys.stdout.write("\n".join(lines) + "\n")


def batches(calls: pd.DataFrame) -> Iterator[list[Ask]]:
    """Yield the asks of each quarter of an hour: tenths of minutes by free unit, from its last call."""
    seen: dict[str, int] = {}
    number = {unit: seen.setdefault(unit, len(seen)) for unit in calls["unit_id"]}
    firsts = calls.sort_values("received_dttm").drop_duplicates("call_number")
    car = DEFAULT_MODES["car"]
    for at, together in firsts.groupby(firsts["received_dttm"].dt.floor("15min")):
        if len(together) < FEWEST:
            continue
        free = free_units(calls, at)
        places = [
            (number[unit], lon, lat) for unit, lon, lat in zip(free["unit_id"], free["lon"], free["lat"], strict=True)
        ]
        yield [
            Ask({unit: round(10 * float(car.minutes(distance_m(lon, lat, *there)))) for unit, *there in places})
            for lon, lat in zip(together["lon"], together["lat"], strict=True)
        ]


def replay(file: Path) -> str:
    """Say what the best of each quarter of an hour saves in a city's records."""
    best, greedy, asked, better, took = 0, 0, 0, 0, []
    many = 0
    for asks in batches(read_responses(file)):
        start = time.perf_counter()
        found = total(asks, assign_all(asks).forces)
        took.append(1000 * (time.perf_counter() - start))
        alone = total(asks, one_by_one(asks).forces)
        best, greedy, asked, many = best + found, greedy + alone, asked + len(asks), many + 1
        better += found < alone
    return (
        f"{file.name}: {asked} calls in {many} quarters of an hour; best {best / 10:.0f} minutes, one by one "
        f"{greedy / 10:.0f}: {(greedy - best) / greedy:.1%} saved, in {better / many:.0%} of them; "
        f"{np.median(took):.1f} ms each\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--forces", type=int, default=400)
    parser.add_argument("--incidents", type=int, default=200)
    parser.add_argument("--asks", type=int, default=5)
    parser.add_argument("--city", type=Path)
    options = parser.parse_args()
    if options.city:
        sys.stdout.write(replay(options.city))
    with staged() as stage:
        asyncio.run(measure(stage, options))


if __name__ == "__main__":
    main()

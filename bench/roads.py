"""Candidates by road over HTTP, in the county with 5,000 forces on duty; and how long a graph takes to build.

Usage: python -m bench.roads [--forces 5020] [--asks 400] [--file FILE.osm.pbf]. Needs PostgreSQL with PostGIS, the road
library, and an otherwise idle machine. Streets 200 m apart are made over the whole county, with a canal every 2 km that
has a bridge every 2 km. Prints percentiles in milliseconds with and without roads, and the seconds of each build.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import orjson

from api.intake.roads import build_roads
from bench.candidates import INCIDENTS, WARM, asking, listed, timed
from bench.crowd import gather_crowd
from bench.ingest import bodies
from bench.stage import Meter, Stage, client_of, machine, plain_client, served, settle_county, staged, summary
from layers.current import CURRENT
from tests.roads import Street, street_grid, write_roads

REACH_MS = 60
BUILD_SECONDS = 60
STEP = 0.002
CANAL_EVERY = 10


def county_streets(bbox: tuple[float, float, float, float]) -> tuple[dict[int, tuple[float, float]], list[Street]]:
    """Streets over the box; those across a canal are kept at every tenth street only."""
    west, south, east, north = bbox
    columns, rows = int((east - west) / STEP) + 1, int((north - south) / STEP) + 1
    points, streets = street_grid(west, south, columns=columns, rows=rows, step=STEP)
    return points, [*_cut(streets, columns, rows)]


def _cut(streets: list[Street], columns: int, rows: int) -> Iterator[Street]:
    for row, (tags, along) in enumerate(streets[:rows]):
        if row % CANAL_EVERY == CANAL_EVERY // 2:
            yield tags, along
            continue
        for begin in range(0, columns, CANAL_EVERY):
            if len(part := along[begin : begin + CANAL_EVERY]) > 1:
                yield tags, part
    yield from streets[rows:]


def build(file: Path, folder: Path) -> str:
    """Build a graph and say how long it took."""
    began = time.perf_counter()
    info = build_roads(file, folder, grids=(), now=datetime.now(UTC))
    seconds = time.perf_counter() - began
    return f"{file.name}: {info.ways} roads built in {seconds:.1f} s (reach: {BUILD_SECONDS} s)"


async def measure(stage: Stage, options: argparse.Namespace) -> None:
    county = await settle_county(stage)
    on_duty = gather_crowd(stage, forces=options.forces)
    lines = []
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
            lines += [summary("by straight line", answers), meter.summary(per=options.asks, unit="responses")]
            bbox = orjson.loads(operator("/api/county"))["bbox"]
            file = write_roads(stage.folder / "made.osm.pbf", *county_streets(bbox))
            lines.append(build(file, stage.folder / "roads"))
            assert (stage.folder / "roads" / CURRENT).exists() and orjson.loads(operator("/api/county"))["roads"]
            await timed(ask, asks=WARM)
            with Meter(stage, server) as meter:
                answers = await timed(ask, asks=options.asks)
            lines += [summary("by road", answers), meter.summary(per=options.asks, unit="responses")]
    head = f"{machine()}; {on_duty} forces on duty, {len(incidents)} incidents (reach: p95 {REACH_MS} ms)"
    sys.stdout.write("\n".join([head, *lines]) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--forces", type=int, default=5_020)
    parser.add_argument("--asks", type=int, default=400)
    parser.add_argument("--file", type=Path)
    options = parser.parse_args()
    if options.file is not None:
        with tempfile.TemporaryDirectory(prefix="maplebridge-bench-") as folder:
            sys.stdout.write(build(options.file, Path(folder)) + "\n")
    with staged() as stage:
        asyncio.run(measure(stage, options))


if __name__ == "__main__":
    main()

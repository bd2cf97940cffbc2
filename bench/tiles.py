"""Cost of a vector tile: the bare ST_AsMVT query, our statement, our server, and TiPg's on the same table.

Usage: python -m bench.tiles [--tiles 200] [--zoom 14] [--peer VENV/bin/python]. Needs PostgreSQL with PostGIS, and an
otherwise idle machine. `--peer` is a Python that has `tipg` and `uvicorn`; without it the peer is left out. All 5,337
micro-grids in one tile are measured as statements only, since our server does not send tiles that coarse. Over HTTP,
tiles of a zoom at which micro-grids are drawn are measured. The bare query runs as a superuser, without policies.
"""

import argparse
import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from math import asinh, pi, radians, tan
from pathlib import Path
from statistics import median
from time import perf_counter
from urllib.parse import quote

import httpx
import psycopg

from api.keeping.postgres.roles import KEYS, SUPERUSER, connect, conninfo_of_superuser
from bench.stage import Meter, Stage, Staged, machine, plain_client, served, settle_county, staged, summary
from geo.store import Reach, Store
from layers.catalogue import OWN
from layers.tiles import LevelZoom, Tile, etag_of, read_tile
from tests.browser.server import free_port

REACH = 1.5
WHOLE_TIMES = 15
START_SECONDS = 60
BARE = """
SELECT ST_AsMVT(f, 'micro_grids', 4096, 'shape', 'id') FROM (
    SELECT id, code, name, level, parent_code AS parent,
        ST_AsMVTGeom(ST_Transform(geom, 3857), ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 4096, 64) AS shape
    FROM divisions
    WHERE level = 'micro_grid'
        AND geom && ST_Transform(ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => 64 / 4096.0), 4326)
) f
"""
Asked = Callable[[Tile], Awaitable[object]]


async def timed(ask: Asked, tiles: Sequence[Tile]) -> list[float]:
    """Return the milliseconds of each tile, one after the other."""
    took = []
    for tile in tiles:
        start = perf_counter()
        await ask(tile)
        took.append(1000 * (perf_counter() - start))
    return took


def tile_at(lon: float, lat: float, z: int) -> Tile:
    n = 2**z
    y = (1 - asinh(tan(radians(lat))) / pi) / 2
    return Tile(z, int((lon + 180) / 360 * n), int(y * n))


def chosen(stage: Stage, *, zoom: int, tiles: int) -> tuple[Tile, list[Tile]]:
    """Return the deepest tile that holds the county, and tiles of `zoom` spread over its micro-grids."""
    with connect(stage.cluster.socket, stage.database) as superuser:
        box = "SELECT ST_XMin(geom), ST_YMin(geom), ST_XMax(geom), ST_YMax(geom) FROM divisions WHERE level = 'county'"
        west, south, east, north = superuser.execute(box).fetchone() or (0, 0, 0, 0)
        spots = superuser.execute("SELECT ST_X(label_point), ST_Y(label_point) FROM divisions ORDER BY id").fetchall()
    whole = next(a for z in range(15, -1, -1) if (a := tile_at(west, south, z)) == tile_at(east, north, z))
    found = list(dict.fromkeys(tile_at(lon, lat, zoom) for lon, lat in spots))
    return whole, [found[i * len(found) // tiles] for i in range(tiles)]


@asynccontextmanager
async def bare(stage: Stage) -> AsyncIterator[Asked]:
    reached = conninfo_of_superuser(stage.cluster.socket, stage.database)
    async with await psycopg.AsyncConnection.connect(reached, autocommit=True) as connection:

        async def ask(tile: Tile) -> None:
            where = {"z": tile.z, "x": tile.x, "y": tile.y}
            await (await connection.execute(BARE, where, prepare=True)).fetchone()

        yield ask


@asynccontextmanager
async def our_statement(stage: Stage, root: str) -> AsyncIterator[Asked]:
    """Time our statement, through the app role and its policies, with micro-grids drawn at every zoom."""
    layer, store = OWN.get("micro_grids"), Store(stage.urls.app, pool_size=1)
    assert layer is not None
    zooms = [LevelZoom("micro_grid", 4, 0, 0.0)]
    async with store.transaction(Reach(scope=root)) as session:

        async def ask(tile: Tile) -> None:
            etag_of(await read_tile(session, tile, [layer], zooms=zooms, day=datetime.now(UTC).date()))

        yield ask
    await store.close()


def asking(get: Callable[[str], bytes], path: str) -> Asked:
    async def ask(tile: Tile) -> None:
        get(path.format(z=tile.z, x=tile.x, y=tile.y))

    return ask


@asynccontextmanager
async def tipg(stage: Stage, peer: Path) -> AsyncIterator[Callable[[str], bytes]]:
    """Run TiPg on the same database, as a superuser: it does not support policies."""
    port = free_port()
    url = f"postgresql://{SUPERUSER}@{quote(str(stage.cluster.socket), safe='')}/{stage.database}"
    url += f"?passfile={quote(str(stage.cluster.socket / KEYS), safe='')}"
    command = [str(peer), "-m", "uvicorn", "tipg.main:app", "--port", str(port), "--log-level", "error"]
    process = subprocess.Popen(command, env={**os.environ, "DATABASE_URL": url}, cwd=stage.folder)  # noqa: ASYNC220
    try:
        url = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient(base_url=url) as client:
            await _wait_until_ready(client, process)
        with plain_client(url) as get:
            yield get
    finally:
        process.terminate()
        process.wait()


async def _wait_until_ready(client: httpx.AsyncClient, process: subprocess.Popen[bytes]) -> None:
    deadline = perf_counter() + START_SECONDS
    while perf_counter() < deadline and process.poll() is None:
        try:
            await client.get("/healthz")
        except httpx.TransportError:
            await asyncio.sleep(0.1)
        else:
            return
    raise RuntimeError("TiPg does not respond")


Rows = list[tuple[str, list[float], list[float]]]
OURS = "/ogc/collections/micro_grids/tiles/WebMercatorQuad/{z}/{y}/{x}"
THEIRS = "/collections/public.divisions/tiles/WebMercatorQuad/{z}/{x}/{y}?level=micro_grid"


async def rows(stage: Stage, county: Staged, whole: Tile, tiles: Sequence[Tile], peer: Path | None) -> tuple[Rows, str]:
    """Return milliseconds of the whole county's tile and of the others, by server; the first round warms up."""
    measured: Rows = []

    async def measure(name: str, ask: Asked, *, with_whole: bool = True) -> None:
        await timed(ask, tiles[::4])
        at_once = await timed(ask, [whole] * WHOLE_TIMES) if with_whole else []
        measured.append((name, at_once, await timed(ask, tiles)))

    async with bare(stage) as ask:
        await measure("bare ST_AsMVT", ask)
    async with our_statement(stage, county.pack.root.code) as ask:
        await measure("our statement", ask)
    async with served(stage) as server:
        with plain_client(server.url, county.tokens["operator"]) as get, Meter(stage, server) as meter:
            await measure("our server", asking(get, OURS), with_whole=False)
        processor = meter.summary(per=len(tiles) * 5 // 4, unit="tiles")
    if peer is not None:
        async with tipg(stage, peer) as get:
            await measure("TiPg", asking(get, THEIRS))
    return measured, processor


def ratios(measured: Rows, *, whole: bool) -> list[str]:
    lines = []
    base = median(measured[0][1] if whole else measured[0][2])
    for name, at_once, others in measured:
        took = at_once if whole else others
        if took:
            lines.append(f"{summary(name, took)}, {median(took) / base:.2f} of the bare query")
    return lines


async def measure_all(stage: Stage, options: argparse.Namespace) -> list[str]:
    county = await settle_county(stage)
    whole, tiles = chosen(stage, zoom=options.zoom, tiles=options.tiles)
    measured, processor = await rows(stage, county, whole, tiles, options.peer)
    return [
        f"{machine()}; reach {REACH} of the bare query",
        f"all micro-grids in one tile, {whole.z}/{whole.x}/{whole.y}",
        *ratios(measured, whole=True),
        f"{len(tiles)} tiles of zoom {options.zoom}",
        *ratios(measured, whole=False),
        processor,
        *([] if options.peer else ["TiPg: peer absent"]),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tiles", type=int, default=200)
    parser.add_argument("--zoom", type=int, default=14)
    parser.add_argument("--peer", type=Path)
    options = parser.parse_args()
    with staged() as stage:
        sys.stdout.write("\n".join(asyncio.run(measure_all(stage, options))) + "\n")


if __name__ == "__main__":
    main()

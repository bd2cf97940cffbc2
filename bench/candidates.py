"""How long an operator waits for candidates: a county with 5,000 forces, asked over HTTP.

Usage: python -m bench.candidates [--forces 5000] [--asks 300] [--port 8140]. Needs PostgreSQL with PostGIS, and nothing
else running. Prints percentiles in milliseconds, and how many bare nearest-neighbour queries one answer costs.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import quantiles

import httpx
import psycopg
import uvicorn

from api.app import create_app
from api.migrations.history import migrate
from api.postgres.cluster import Cluster
from api.postgres.roles import Urls, conninfo_of, make_database, urls_of
from api.settings import Settings
from geo.store import Store
from tests.crowds import gather_crowd
from tests.matters import report
from tests.worlds import LAT, LON, NOW, PACK, ROOT, SIDE, World, settle

BARE = """
SELECT force_id, ST_Distance(geom::geography, ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326)::geography)
FROM latest_fixes ORDER BY geom <-> ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326) LIMIT 10
"""
WARM = 30


async def timed(ask: Callable[[int], Awaitable[object]], *, asks: int) -> list[float]:
    """Milliseconds of each ask, one after the other, after some to warm up."""
    took = []
    for i in range(WARM + asks):
        start = time.perf_counter()
        await ask(i)
        took.append(1000 * (time.perf_counter() - start))
    return took[WARM:]


@asynccontextmanager
async def served(store: Store, *, folder: Path, port: int) -> AsyncIterator[str]:
    app = create_app(Settings(data_dir=folder, static_dir=folder), pack=PACK, store=store, now=lambda: NOW)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning", access_log=False))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await serving


async def over_http(store: Store, world: World, *, folder: Path, port: int, asks: int) -> list[float]:
    grids = world.micro_grids()
    incidents = [await report(store, world, grid) for grid in grids]
    headers = {"Authorization": f"Bearer {world.tokens['operator']}"}
    async with (
        served(store, folder=folder, port=port) as address,
        httpx.AsyncClient(base_url=address, headers=headers) as client,
    ):

        async def ask(i: int) -> None:
            answer = await client.get(f"/api/incidents/{incidents[i % len(incidents)]}/candidates")
            assert len(answer.raise_for_status().json()["candidates"]) == 10

        return await timed(ask, asks=asks)


async def bare(urls: Urls, *, asks: int) -> list[float]:
    """The same server asked for the ten nearest alone, through one connection within the same reach."""
    connection = await psycopg.AsyncConnection.connect(conninfo_of(urls.app), autocommit=True)
    async with connection:
        await connection.execute("SELECT set_config('maplebridge.scope', %s, false)", [ROOT])

        async def ask(i: int) -> None:
            spot = {"lon": LON + SIDE * (0.5 + i % 4), "lat": LAT + SIDE * (0.5 + i // 4 % 4)}
            await (await connection.execute(BARE, spot)).fetchall()

        return await timed(ask, asks=asks)


def told(name: str, took: list[float]) -> str:
    cuts = quantiles(took, n=100)
    return f"{name:>12}: p50 {cuts[49]:6.1f} ms, p95 {cuts[94]:6.1f} ms"


async def measure(urls: Urls, *, folder: Path, options: argparse.Namespace) -> None:
    store = Store(urls.app)
    world = await settle(store)
    await gather_crowd(store, world, urls, forces=options.forces)
    nearest = await bare(urls, asks=options.asks)
    answers = await over_http(store, world, folder=folder, port=options.port, asks=options.asks)
    print(told("bare nearest", nearest))  # noqa: T201
    print(told("over HTTP", answers))  # noqa: T201
    ratio = quantiles(answers, n=100)[49] / quantiles(nearest, n=100)[49]
    print(f"{options.forces} forces; one answer costs {ratio:.0f} bare queries")  # noqa: T201


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--forces", type=int, default=5000)
    parser.add_argument("--asks", type=int, default=300)
    parser.add_argument("--port", type=int, default=8140)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="maplebridge-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)  # The database server's account has to get through.
        cluster = Cluster(folder / "state", durable=False)
        with cluster.held():
            make_database(cluster.socket, "bench")
            urls = urls_of(cluster.socket, "bench")
            migrate(urls.owner)
            asyncio.run(measure(urls, folder=folder, options=options))


if __name__ == "__main__":
    main()

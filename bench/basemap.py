"""Cost of a basemap's tile over HTTP, beside the bare ST_AsMVT query on the same things; and of building roads and map.

Usage: python -m bench.basemap [--file FILE.osm.pbf] [--tiles 100]. Needs PostgreSQL with PostGIS, and an otherwise idle
machine. Without a file, streets 200 m apart over the county are drawn. The bare query runs as a superuser, each on an
indexed table in Web Mercator, and neither joins lines nor leaves out what is too small.
"""

import argparse
import asyncio
import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter

import orjson
import psycopg
import shapely

from api.intake.basemap import build_basemap
from api.intake.roads import build_roads
from api.keeping.postgres.roles import connect, conninfo_of_superuser
from bench.roads import county_streets
from bench.stage import Meter, Stage, machine, plain_client, served, settle_county, staged, summary
from bench.tiles import Asked, asking, timed
from ingest.basemap.reading import read_file
from ingest.basemap.tiling import LAYERS
from layers.basemap.archive import BasemapInfo, tiles_file
from layers.roads.engines import installed
from layers.tiles import Tile
from tests.roads import write_roads

REACH = 1.3
BUILD_SECONDS = 60
ZOOMS = (10, 12, 14)
TABLE = """
CREATE TABLE drawn (layer text, class text, name text, name_en text, structure text, zoom int, geom geometry);
"""
INDEX = "CREATE INDEX ON drawn USING gist (geom); ANALYZE drawn"
LAYER = """
(SELECT ST_AsMVT(f, '{layer}', 4096, 'shape') FROM (
    SELECT class, name, name_en, structure,
        ST_AsMVTGeom(geom, ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 4096, 80) AS shape
    FROM drawn
    WHERE layer = '{layer}' AND zoom <= %(z)s AND geom && ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => 80 / 4096.0)
) f)
"""
BARE = "SELECT " + " || ".join(LAYER.format(layer=layer) for layer in LAYERS)


def build(file: Path, folder: Path) -> tuple[BasemapInfo, str]:
    """Build roads, if there is a library, and map, and say how long it took."""
    start = perf_counter()
    if installed():
        build_roads(file, folder / "roads", grids=(), now=datetime.now(UTC))
    between = perf_counter()
    info = build_basemap(file, folder / "basemap", grids=(), now=datetime.now(UTC))
    roads, basemap = between - start, perf_counter() - between
    share = (roads + basemap) / BUILD_SECONDS
    return info, f"built in {roads:.1f} s (roads) and {basemap:.1f} s (map): {share:.2f} of its reach"


def load(stage: Stage, file: Path) -> None:
    """Put all that is drawn into a table."""
    with connect(stage.cluster.socket, stage.database) as superuser:
        superuser.execute(TABLE)
        with superuser.cursor().copy("COPY drawn FROM STDIN") as rows:
            for thing in read_file(str(file)).things:
                geom = shapely.to_wkb(shapely.set_srid(thing.shape, 4326), hex=True, include_srid=True)
                kind = thing.kind
                rows.write_row((kind.layer, kind.code, thing.name, thing.name_en, thing.structure, kind.zoom, geom))
        superuser.execute("UPDATE drawn SET geom = ST_Transform(geom, 3857)")
        superuser.execute(INDEX)


def chosen(folder: Path, info: BasemapInfo, *, zoom: int, most: int) -> list[Tile]:
    """Return tiles spread over the extract, of those that hold something."""
    with closing(sqlite3.connect(tiles_file(folder, info.version))) as db:
        rows = db.execute("SELECT tile_column, tile_row FROM tiles WHERE zoom_level = ?", (zoom,)).fetchall()
    return [Tile(zoom, x, 2**zoom - 1 - row) for x, row in rows[:: max(len(rows) // most, 1)]]


async def compared(stage: Stage, ask: Asked, tiles: Sequence[Tile], *, turns: int) -> list[str]:
    """Return how long a tile takes by the bare query and over HTTP."""
    reached = conninfo_of_superuser(stage.cluster.socket, stage.database)
    async with await psycopg.AsyncConnection.connect(reached, autocommit=True) as connection:

        async def bare(tile: Tile) -> None:
            where = {"z": tile.z, "x": tile.x, "y": tile.y}
            await (await connection.execute(BARE, where, prepare=True)).fetchone()

        took = {}
        for name, asked in (("bare ST_AsMVT", bare), ("our server", ask)):
            await timed(asked, tiles)
            took[name] = [each for _ in range(turns) for each in await timed(asked, tiles)]
    bare_ms, ours = took.values()
    ratios = f"{median(ours) / median(bare_ms):.2f} of the bare query, all together {sum(ours) / sum(bare_ms):.2f}"
    return [*(summary(name, each) for name, each in took.items()), ratios]


async def measure(stage: Stage, options: argparse.Namespace) -> list[str]:
    county = await settle_county(stage)
    lines = [f"{machine()}; reach {REACH} of the bare query, {BUILD_SECONDS} s for roads and map"]
    async with served(stage) as server:
        with plain_client(server.url, county.tokens["operator"]) as get:
            file = options.file or stage.folder / "made.osm.pbf"
            if options.file is None:
                write_roads(file, *county_streets(orjson.loads(get("/api/county"))["bbox"]))
            info, built = build(file, stage.folder)
            load(stage, file)
            lines.append(built)
            ask = asking(get, f"/api/basemap/{info.version}" + "/{z}/{x}/{y}")
            for zoom in ZOOMS:
                tiles = chosen(stage.folder / "basemap", info, zoom=zoom, most=options.tiles)
                lines.append(f"{len(tiles)} tiles of zoom {zoom}")
                if tiles:
                    lines += await compared(stage, ask, tiles, turns=max(options.tiles // len(tiles), 1))
            with Meter(stage, server) as meter:
                await timed(ask, tiles)
            lines.append(meter.summary(per=len(tiles), unit="tiles"))
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--file", type=Path)
    parser.add_argument("--tiles", type=int, default=100)
    options = parser.parse_args()
    with staged() as stage:
        sys.stdout.write("\n".join(asyncio.run(measure(stage, options))) + "\n")


if __name__ == "__main__":
    main()

"""Basemaps for tests: OpenStreetMap extracts of a made town by a lake, and pictures, over the small county."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import osmium

from api.intake.basemap import build_basemap
from layers.basemap.archive import BasemapInfo
from layers.roads.rules import Place
from layers.tiles import Scheme, tile_at
from tests.roads import street_grid
from tests.worlds import LAT, LON

BUILT = datetime(2026, 3, 1, tzinfo=UTC)
BOX = (LON, LAT, LON + 0.04, LAT + 0.04)
ON_LAND, ON_LAKE = (LON + 0.0125, LAT + 0.0275), (LON + 0.0335, LAT + 0.0135)
SHORE, FAR_SHORE = LON + 0.025, LON + 0.055
STREET = {"highway": "residential", "name": "枫桥路", "name:en": "Maple Bridge Road"}
Way = tuple[Mapping[str, str], Sequence[int]]


def write_town(
    path: Path,
    *,
    whole_lake: bool = False,
    streets_beyond: bool = False,
    street: Mapping[str, str] = STREET,
    generator: str = "test",
    moved: float = 0.0,
) -> Path:
    """Write a town west of a lake, cut at `BOX`. The lake reaches beyond it, and its eastern shore is in the file only
    where it is `whole_lake`. `streets_beyond`: streets east of the shore, too. `moved`: degrees to the east.
    """
    points, lattice = street_grid(LON + 0.001, LAT + 0.001, columns=5, rows=9, step=0.0045)
    ways: list[Way] = [(street, along) for _, along in lattice]
    if streets_beyond:
        beyond, more = street_grid(LON + 0.027, LAT + 0.001, columns=3, rows=9, step=0.0045, first=201)
        points |= beyond
        ways += [(street, along) for _, along in more]
    west, south = LON + 0.002, LAT + 0.002
    points |= {
        101: (west, south),
        102: (west + 0.001, south),
        103: (west + 0.001, south + 0.001),
        104: (west, south + 0.001),
    }
    ways.append(({"building": "yes"}, [101, 102, 103, 104, 101]))
    points |= {111: (SHORE, LAT - 0.01), 112: (SHORE - 0.001, LAT + 0.02), 113: (SHORE, LAT + 0.05)}
    ways.append(({}, [111, 112, 113]))
    points |= {114: (FAR_SHORE, LAT + 0.05), 115: (FAR_SHORE, LAT - 0.01)}
    shores = [len(ways), len(ways) + 1]
    if whole_lake:
        ways.append(({}, [113, 114, 115, 111]))
    header = osmium.io.Header()
    header.set("generator", generator)
    header.add_box(osmium.osm.Box(BOX[0] + moved, BOX[1], BOX[2] + moved, BOX[3]))
    with osmium.SimpleWriter(str(path), header=header, overwrite=True) as writer:
        for number, (lon, lat) in sorted({**points, 120: ON_LAND}.items()):
            tags = {"place": "village", "name": "枫桥", "name:en": "Maple Bridge"} if number == 120 else {}
            writer.add_node(osmium.osm.mutable.Node(id=number, version=1, location=(lon + moved, lat), tags=tags))
        for number, (tags, along) in enumerate(ways, start=1):
            writer.add_way(osmium.osm.mutable.Way(id=number, version=1, tags=dict(tags), nodes=list(along)))
        tags = {"type": "multipolygon", "natural": "water", "name": "太湖", "name:en": "Lake Tai"}
        members = [("w", shore, "outer") for shore in shores]
        writer.add_relation(osmium.osm.mutable.Relation(id=1, version=1, tags=tags, members=members))
    return path


def write_pictures(
    path: Path, body: bytes, *, zooms: Sequence[int] = range(8, 13), moved: float = 0.0, **said: str
) -> Path:
    """Write an MBTiles file with one picture for all tiles over `BOX`, and `said` as its metadata."""
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TABLE metadata (name text, value text)")
        db.execute("CREATE TABLE tiles (zoom_level integer, tile_column integer, tile_row integer, tile_data blob)")
        db.executemany("INSERT INTO metadata VALUES (?, ?)", said.items())
        for z in zooms:
            west, south, east, north = BOX[0] + moved, BOX[1], BOX[2] + moved, BOX[3]
            first, last = (tile_at(*at, z=z, scheme=Scheme.WEB_MERCATOR) for at in ((west, north), (east, south)))
            for x, y in product(range(first.x, last.x + 1), range(first.y, last.y + 1)):
                db.execute("INSERT INTO tiles VALUES (?, ?, ?, ?)", (z, x, 2**z - 1 - y, body))
    return path


def built(file: Path, folder: Path, *, grids: Sequence[Place] = ()) -> BasemapInfo:
    """Build a basemap of a file in a folder."""
    return build_basemap(file, folder, grids=grids, now=BUILT)

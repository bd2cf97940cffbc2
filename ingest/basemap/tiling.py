"""Cut what is drawn into vector tiles, with GDAL, and keep them in one MBTiles file."""

import gzip
import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from math import cos, radians
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import shapely
from pyogrio.raw import write

from ingest.basemap.kinds import TILE_PIXELS, Layer
from ingest.basemap.reading import Read, Thing
from layers.basemap.archive import LEAST_ZOOM, MOST_ZOOM

LAYERS: Mapping[Layer, str] = MappingProxyType(
    {
        "land": "MultiPolygon",
        "water": "MultiPolygon",
        "waterways": "LineString",
        "buildings": "MultiPolygon",
        "roads": "LineString",
        "labels": "Point",
    }
)
"""From the bottom up, with GDAL's type of their shapes."""
FIELDS = ("class", "name", "name_en", "structure")
NAMES_FROM = 11
"""The first zoom that has the names of lines."""
LEAST_PIXELS = 4.0
"""Areas with fewer square pixels are left out."""
HALF_PIXEL = 4.0
"""In units of a tile, of which a pixel has eight: simplification."""
Address = tuple[int, int, int]


def write_tiles(read: Read, file: Path) -> int:
    """Write the tiles of all zooms into a new file, and return how many there are.

    Bodies are compressed. Equal things give an equal file.
    """
    tiles: dict[Address, bytes] = defaultdict(bytes)
    pixels = _degrees_of_pixel(read)
    for zoom in range(LEAST_ZOOM, MOST_ZOOM + 1):
        for layer in LAYERS:
            shown = _shown([t for t in read.things if t.kind.layer == layer], zoom, pixels[zoom])
            if shown:
                for address, body in _cut(shown, layer, zoom, file.with_name(f"part-{file.name}")):
                    tiles[address] += body  # In protobuf, layers are simply concatenated.
    _keep(tiles, file, _metadata(read))
    return len(tiles)


def _degrees_of_pixel(read: Read) -> dict[int, tuple[float, float]]:
    """Return the width and height of a pixel in degrees, by zoom."""
    height = cos(radians((read.box[1] + read.box[3]) / 2))
    widths = {zoom: 360 / (TILE_PIXELS * 2**zoom) for zoom in range(LEAST_ZOOM, MOST_ZOOM + 1)}
    return {zoom: (width, width * height) for zoom, width in widths.items()}


def _shown(things: Sequence[Thing], zoom: int, pixel: tuple[float, float]) -> list[Thing]:
    """Return what a zoom has of a layer: with lines of one name joined, without what is too small to be seen."""
    shown = [thing for thing in things if thing.kind.zoom <= zoom]
    if not shown or shapely.get_dimensions(shown[0].shape) == 0:
        return shown
    if shapely.get_dimensions(shown[0].shape) == 1:
        return _joined(shown, named=zoom >= NAMES_FROM)
    areas = shapely.area([thing.shape for thing in shown]) / (pixel[0] * pixel[1])
    return [thing for thing, area in zip(shown, areas, strict=True) if area >= LEAST_PIXELS]


def _joined(things: Sequence[Thing], *, named: bool) -> list[Thing]:
    alike: dict[Any, list[Any]] = defaultdict(list)
    for thing in things:
        names = (thing.name, thing.name_en) if named else (None, None)
        alike[thing.kind, *names, thing.structure].append(thing.shape)
    return [
        Thing(kind, line, name, name_en, structure)
        for (kind, name, name_en, structure), lines in alike.items()
        for line in shapely.get_parts(shapely.line_merge(shapely.multilinestrings(lines)))
    ]


def _cut(things: Sequence[Thing], layer: Layer, zoom: int, part: Path) -> Iterable[tuple[Address, bytes]]:
    """Yield the tiles of one layer at one zoom."""
    part.unlink(missing_ok=True)
    said = [[t.kind.code, t.name, t.name_en, t.structure] for t in things]
    used = [i for i in range(len(FIELDS)) if any(row[i] for row in said)]
    write(
        str(part),
        shapely.to_wkb(np.array([t.shape for t in things], dtype=object)),
        [np.array([row[i] for row in said], dtype=object) for i in used],
        [FIELDS[i] for i in used],
        layer=layer,
        driver="MVT",
        geometry_type=LAYERS[layer],
        crs="EPSG:4326",
        dataset_options={
            "FORMAT": "MBTILES",
            "COMPRESS": "NO",
            "MINZOOM": zoom,
            "MAXZOOM": zoom,
            "SIMPLIFICATION": 0 if layer == "labels" or zoom == MOST_ZOOM else HALF_PIXEL,
        },
    )
    with closing(sqlite3.connect(part)) as db:
        for z, x, row, body in db.execute("SELECT zoom_level, tile_column, tile_row, tile_data FROM tiles"):
            yield (z, x, 2**z - 1 - row), body
    part.unlink()


def _metadata(read: Read) -> dict[str, str]:
    layers = [{"id": layer, "fields": dict.fromkeys(FIELDS, "String")} for layer in LAYERS]
    return {
        "name": "Maplebridge",
        "format": "pbf",
        "type": "baselayer",
        "minzoom": str(LEAST_ZOOM),
        "maxzoom": str(MOST_ZOOM),
        "bounds": ",".join(f"{edge:.7f}" for edge in read.box),
        "json": json.dumps({"vector_layers": layers}),
    }


def _keep(tiles: Mapping[Address, bytes], file: Path, metadata: Mapping[str, str]) -> None:
    with closing(sqlite3.connect(file)) as db, db:
        db.execute("CREATE TABLE metadata (name text PRIMARY KEY, value text) WITHOUT ROWID")
        db.execute(
            "CREATE TABLE tiles (zoom_level integer, tile_column integer, tile_row integer, tile_data blob, "
            "PRIMARY KEY (zoom_level, tile_column, tile_row)) WITHOUT ROWID"
        )
        db.executemany("INSERT INTO metadata VALUES (?, ?)", sorted(metadata.items()))
        rows = ((z, x, 2**z - 1 - y, gzip.compress(body, mtime=0)) for (z, x, y), body in sorted(tiles.items()))
        db.executemany("INSERT INTO tiles VALUES (?, ?, ?, ?)", rows)

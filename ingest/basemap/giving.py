"""Take over a file of finished tiles, MBTiles or PMTiles. Runs in a sandbox: `run_sandboxed`.

A raster file has pictures alone; a vector file has layers of the basemap alone, since maps can draw no others.
"""

import gzip
import html
import json
import re
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Literal

from pmtiles.reader import MmapSource, Reader, all_tiles

from ingest.basemap.tiling import LAYERS
from ingest.files.job_runner import run_job
from layers.basemap.archive import LEAST_ZOOM, MOST_ZOOM
from layers.basemap.raster import image_type
from layers.tiles import Tile

Kind = Literal["raster", "vector"]
Found = tuple[Tile, bytes]
GZIP = b"\x1f\x8b"
MAGIC = {b"SQLite format 3\x00": "mbtiles", b"PMTiles\x03": "pmtiles"}
TAG = re.compile(r"<[^>]*>")
SCHEMA = (
    "CREATE TABLE tiles (zoom_level integer, tile_column integer, tile_row integer, tile_data blob, "
    "PRIMARY KEY (zoom_level, tile_column, tile_row)) WITHOUT ROWID"
)


class Refused(Exception):
    """The file cannot be used, for a `reason` in code."""

    def __init__(self, reason: str, **params: Any) -> None:
        super().__init__(reason)
        self.reason, self.params = reason, params


@dataclass(slots=True)
class Given:
    """A file of tiles: its tiles one after another, who made them, and its vector layers."""

    tiles: Iterator[Found]
    credit: str
    layers: tuple[str, ...]


def take_over(file: Path, folder: Path) -> dict[str, Any]:
    """Copy the tiles into `tiles`, a new file in an empty folder, and say what they are; or `refused` and `params`.

    `kind` is raster or vector, `bbox` the degrees that tiles of the deepest zoom cover.
    """
    try:
        with _opened(file) as given:
            return _copied(given, folder / "given.mbtiles")
    except Refused as refused:
        return {"refused": refused.reason, "params": refused.params}


@contextmanager
def _opened(file: Path) -> Iterator[Given]:
    with file.open("rb") as opened:
        head = opened.read(16)
        form = next((form for magic, form in MAGIC.items() if head.startswith(magic)), None)
        if form == "pmtiles":
            yield _of_pmtiles(MmapSource(opened))
            return
    if form is None:
        raise Refused("no_tiles")
    with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as db:
        db.execute("PRAGMA trusted_schema = OFF")
        yield _of_mbtiles(db)


def _of_pmtiles(read: Any) -> Given:
    said = Reader(read).metadata()
    tiles = ((Tile(z, x, y), bytes(body)) for (z, x, y), body in all_tiles(read))
    return Given(tiles, _text(said.get("attribution")), _named(said))


def _of_mbtiles(db: sqlite3.Connection) -> Given:
    """Rows count from the south."""
    said = dict(db.execute("SELECT name, value FROM metadata"))
    rows = db.execute("SELECT zoom_level, tile_column, tile_row, tile_data FROM tiles")
    tiles = ((Tile(z, x, 2**z - 1 - row), bytes(body)) for z, x, row, body in rows)
    return Given(tiles, _text(said.get("attribution")), _named(json.loads(said.get("json") or "{}")))


def _named(said: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(layer["id"]) for layer in said.get("vector_layers") or ())


def _text(attribution: object) -> str:
    """Return an attribution without its links."""
    return " ".join(html.unescape(TAG.sub(" ", str(attribution or ""))).split())


def _copied(given: Given, file: Path) -> dict[str, Any]:
    first = next(given.tiles, None)
    if first is None:
        raise Refused("no_tiles")
    tiles = chain([first], given.tiles)
    kind: Kind = "raster" if image_type(first[1]) else "vector"
    checked = _pictures(tiles) if kind == "raster" else _shapes(tiles, given.layers)
    zooms: dict[int, list[int]] = {}
    with closing(sqlite3.connect(file)) as db, db:
        db.execute(SCHEMA)
        db.executemany("INSERT OR REPLACE INTO tiles VALUES (?, ?, ?, ?)", _rows(checked, zooms))
    least, most = min(zooms), max(zooms)
    if kind == "vector" and (least > LEAST_ZOOM or most < MOST_ZOOM):
        raise Refused("zooms", least=least, most=most, wanted=f"{LEAST_ZOOM}–{MOST_ZOOM}")
    west, north, east, south = zooms[most]
    box = Tile(most, west, south).bounds()[:2] + Tile(most, east, north).bounds()[2:]
    return {"kind": kind, "tiles": str(file), "min_zoom": least, "max_zoom": most, "bbox": box, "credit": given.credit}


def _rows(tiles: Iterable[Found], zooms: dict[int, list[int]]) -> Iterator[tuple[int, int, int, bytes]]:
    """Yield rows as MBTiles has them, and note the columns and rows that each zoom has: west, north, east, south."""
    for tile, body in tiles:
        box = zooms.setdefault(tile.z, [tile.x, tile.y, tile.x, tile.y])
        box[:] = min(box[0], tile.x), min(box[1], tile.y), max(box[2], tile.x), max(box[3], tile.y)
        yield tile.z, tile.x, 2**tile.z - 1 - tile.y, body


def _pictures(tiles: Iterable[Found]) -> Iterator[Found]:
    for tile, body in tiles:
        if image_type(body) is None:
            raise Refused("no_picture", tile=f"{tile.z}/{tile.x}/{tile.y}")
        yield tile, body


def _shapes(tiles: Iterable[Found], layers: tuple[str, ...]) -> Iterator[Found]:
    """Yield vector tiles, compressed. Their layers must be the basemap's."""
    if not layers or not {*layers} <= {*LAYERS}:
        raise Refused("layers", found=", ".join(layers[:20]) or "–", wanted=", ".join(LAYERS))
    for tile, body in tiles:
        yield tile, body if body.startswith(GZIP) else gzip.compress(body, mtime=0)


def run(job: Mapping[str, Any]) -> dict[str, Any]:
    return take_over(Path(job["file"]), Path(job["folder"]))


if __name__ == "__main__":
    sys.exit(run_job(run))
